"""How long files of code and functions may be. ci/tidy asks it."""

import re

FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 80

# Test code by its name: key_test.cc, and what several tests share, engine_fixture.h.
TEST_FILE = re.compile(r"_(?:test|fixture)\.(?:cc|h)$")
SCOPE = re.compile(r'(?:inline )?(?:namespace|extern "C")\b|.*\b(?:struct|class|union|enum)\b[^()]*$')


def functions(lines):
    """(first line, last line) of each function, by the indentation that the formatter gives it."""
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
    """(file, line, what, remedy) of whatever is too long. Rows of tests are tables: their functions do not count."""
    for file in code:
        lines = texts[file].splitlines()
        if len(lines) > FILE_LINES_MAX:
            yield file, 1, f"a file of {len(lines)} lines", f"divide it: {FILE_LINES_MAX} can be read in one go"
        for first, last in () if TEST_FILE.search(file) else functions(lines):
            if last - first >= FUNCTION_LINES_MAX:
                yield (file, first, f"a function of {last - first + 1} lines",
                       f"divide it: {FUNCTION_LINES_MAX} can be read in one go")
