"""How long files of code and functions may be, and which are longer. ci/tidy asks it."""

import re

FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 80

# Each has its reason in this note.
NOTE = "engine/docs/decisions/long-files.md"
LONG_FILES = {"engine/include/djcache/cache.h"}
LONG_FUNCTIONS = {
    "conformance/src/subject/verbs.h": {"make_call"},
    "engine/src/codec/pickle_plain.cc": {"PlainReader::run"},
}

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
        if len(lines) > FILE_LINES_MAX and file not in LONG_FILES:
            yield file, 1, f"a file of {len(lines)} lines", f"divide it: {FILE_LINES_MAX} can be read in one go"
        for first, last in () if TEST_FILE.search(file) else functions(lines):
            name = re.search(r"[\w:~]+(?=\()|$", lines[first - 1])[0]
            if last - first >= FUNCTION_LINES_MAX and name not in LONG_FUNCTIONS.get(file, ()):
                yield (file, first, f"a function of {last - first + 1} lines",
                       f"divide it: {FUNCTION_LINES_MAX} can be read in one go")
    names = {file.split("/")[-1] for file in LONG_FILES if len(texts.get(file, "").splitlines()) > FILE_LINES_MAX}
    names |= {name for file in LONG_FUNCTIONS if file in texts for name in LONG_FUNCTIONS[file]}
    for name in sorted(names):
        if f"`{name}`" not in texts.get(NOTE, ""):
            yield NOTE, 1, f"no reason why `{name}` is long", "write it, or divide the function"
