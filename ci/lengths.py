"""Checks the lengths of source files and functions, for ci/tidy."""

import re

FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 80

# Test code, by name: key_test.cc, and fixtures that several tests share, such as engine_fixture.h.
TEST_FILE = re.compile(r"_(?:test|fixture)\.(?:cc|h)$")
SCOPE = re.compile(r'(?:inline )?(?:namespace|extern "C")\b|.*\b(?:struct|class|union|enum)\b[^()]*$')


def functions(lines):
    """(first line, last line) of each function, found by the indentation of clang-format."""
    begun = {}
    for number, line in enumerate(lines, 1):
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if not text or indent > 4 or text.startswith(("//", "#", ")")):
            continue
        if text.startswith("}"):
            first = begun.pop(indent, None)
            if first and text == "}" and not any(outer < indent for outer in begun):
                yield first, number
        elif SCOPE.match(text) and text.endswith("{"):
            begun.pop(indent, None)
        elif not text.startswith("template <") and not re.match(r"(public|private|protected):", text):
            begun[indent] = number


def findings(code, texts):
    """(file, line, what, remedy) for each file or function that is too long. The functions of tests
    may be long, because they contain tables."""
    for file in code:
        lines = texts[file].splitlines()
        if len(lines) > FILE_LINES_MAX:
            yield file, 1, f"a file of {len(lines)} lines", f"divide it: {FILE_LINES_MAX} can be read in one go"
        for first, last in () if TEST_FILE.search(file) else functions(lines):
            if last - first >= FUNCTION_LINES_MAX:
                yield (file, first, f"a function of {last - first + 1} lines",
                       f"divide it: {FUNCTION_LINES_MAX} can be read in one go")
