"""Names and words that do not belong in the tree."""

import os
import re

_VAGUE = ("manager", "helper", "helpers", "util", "utils", "handler", "impl")
_TYPE_NAME = re.compile(r"\b(?:class|struct|enum|union|using|concept)\s+(?:class\s+)?([A-Z]\w*)")
_CAMEL_WORD = re.compile(r"[A-Z][a-z0-9]*|[a-z0-9]+")

# The patterns are written so that they do not match themselves.
_WORDS = (
    (re.compile(r"(?<![\w.~}])/(?:wor[k]|roo[t]|hom[e])(?![\w.-])"), "a path of one machine"),
    (re.compile(r"\b(?:T[O]DO|F[I]XME)\b"), "unfinished work: do it or drop the note"),
    (
        re.compile(
            r"\b(?:deb|security|ftp)\.debian\.org|archive\.ubuntu\.com|\bpypi\.org|pythonhosted"
            r"\.org|\bnpmjs\.(?:org|com)|\bcrates\.io\b|rubygems\.org|repo1?\.maven\.|\bproxy"
            r"\.golang\.org|\b(?:ghcr|quay)\.io\b|registry-1\.docker\.io"
        ),
        "the host of a package registry: leave it to the machine's configuration",
    ),
)


def check_path(path):
    """Yields (line, message) for a file's own name."""
    words = re.split(r"[_.\-]", os.path.basename(path).lower())
    for word in words:
        if word in _VAGUE:
            yield 1, f"`{word}` in a file name says nothing: name what it does"


def check_types(source):
    """Yields (line, message) for the types a C++ file names."""
    for match in _TYPE_NAME.finditer(source.masked):
        words = [word.lower() for word in _CAMEL_WORD.findall(match.group(1))]
        vague = next((word for word in words if word in _VAGUE), None)
        if vague:
            line = source.masked.count("\n", 0, match.start(1)) + 1
            yield line, f"`{match.group(1)}`: `{vague}` says nothing: name what it does"


def check_text(lines):
    """Yields (line, message) for the text of any file."""
    for number, line in enumerate(lines, 1):
        for pattern, message in _WORDS:
            match = pattern.search(line)
            if match:
                yield number, f"`{match.group()}`: {message}"
