"""Lines, functions and files stay small enough to be read."""

import re

LINE_COLUMNS = 100
FUNCTION_LINES = 70
FILE_LINES = 500
TEST_FILE_LINES = 800


def check_text(path, lines):
    """Yields (line, message) for any file of code."""
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS:
            yield number, f"line of {len(line)} columns (limit {LINE_COLUMNS})"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
    limit = TEST_FILE_LINES if path.startswith("tests/") else FILE_LINES
    if len(lines) > limit:
        yield len(lines), f"file of {len(lines)} lines (limit {limit})"


def check_functions(source):
    """Yields (line, message) for the functions of one C++ file."""
    if source.trouble:
        yield 1, source.trouble
    for item in source.items:
        length = item.last_line - item.first_line + 1
        if item.kind == "function" and length > FUNCTION_LINES:
            name = re.sub(r"\s+", " ", item.text.split("{")[0]).strip()[:60]
            yield item.first_line, f"function of {length} lines (limit {FUNCTION_LINES}): {name}"
