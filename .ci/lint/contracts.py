"""Headers say what they are, and every class and public function in them has a contract comment."""

import re

from source import GROUP, function_name

# `[[nodiscard]] int size() const { return size_; }` says it all.
_GETTER = re.compile(r"[^\n]*\(\)\s*const(?:\s+noexcept)?\s*\{\s*return\s[^;\n]*;\s*\}$")


def _needs_contract(item):
    """True for a public class or function whose declaration does not speak for itself."""
    if not item.public:
        return False
    if item.kind == "class":
        return True  # a mere forward declaration is no definition and is kind "other"
    name = function_name(item.head) if item.kind == "function" else ""
    if not name or "::" in name or "operator" in name or name.startswith("~"):
        return False
    if name == item.owner:
        return False
    tail = item.head.rsplit(GROUP, 1)[-1]
    if re.search(r"\b(override|final|default|delete)\b", tail):
        return False
    return not _GETTER.fullmatch(item.text)


def _documented(source, item, last_line_of, documented_lines):
    above = item.first_line - 1
    if above in source.comment_lines or item.first_line in source.trailing_comment_lines:
        return True
    if item.kind != "class" and item.last_line in source.trailing_comment_lines:
        return True
    return item.kind != "class" and above in last_line_of and above in documented_lines


def _of_one_test(path):
    """Headers of a test or fuzzer alone are read beside it; those of tests/support/ are shared."""
    return path.startswith("tests/") and not path.startswith("tests/support/")


def check(source):
    """Yields (line, message) for one header."""
    if not source.lines or not source.lines[0].startswith("//"):
        yield 1, "a header starts with a comment that says what it is"
    if not any(line.strip() == "#pragma once" for line in source.lines):
        yield 1, "a header has #pragma once"
    if _of_one_test(source.path):
        return
    last_lines, documented = set(), set()
    for item in source.items:
        if item.kind == "namespace":
            continue
        good = _documented(source, item, last_lines, documented)
        if _needs_contract(item) and not good:
            what = re.sub(r"\s+", " ", item.text).split("(")[0].rstrip(" {")
            yield item.first_line, f"no contract comment above `{what}`"
        # A run of declarations without a blank line shares the comment above the first.
        if item.kind != "class":
            last_lines.add(item.last_line)
            if good:
                documented.add(item.last_line)
