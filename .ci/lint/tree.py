"""Walks the tree and hands every file to the rules that judge it."""

import os

import commits
import contracts
import layering
import sizes
import source
import words

_CPP = (".h", ".cc")
_CODE = (".h", ".cc", ".py", ".sh", ".cmake")
_CODE_NAMES = ("dev", "CMakeLists.txt", ".clang-format", ".clang-tidy")
_NOT_OURS = ("LICENSE",)
_DATA = ("tests/data/",)
_SKIPPED = {".git", "build", "trapline-data", "__pycache__", ".cache"}


def tree_files(root):
    """Paths of the project's files: what git knows or would take, else what is there."""
    known = commits.git(root, "ls-files", "-co", "--exclude-standard", "-z")
    if known:
        names = (name for name in known.split("\0") if name)
        return sorted(name for name in names if os.path.isfile(os.path.join(root, name)))
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in _SKIPPED]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def check_file(root, path):
    """Yields (line, message) for one file."""
    if path in _NOT_OURS or path.startswith(_DATA):
        return
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
    except UnicodeDecodeError:
        yield 1, "not UTF-8: data belongs in tests/data/"
        return
    lines = text.splitlines()
    yield from words.check_path(path)
    yield from words.check_text(lines)
    name = os.path.basename(path)
    if name.endswith(_CODE) or name in _CODE_NAMES or path.startswith(".ci/"):
        yield from sizes.check_text(path, lines)
    if name.endswith(_CPP):
        yield from check_cpp(path, text)


def check_cpp(path, text):
    """Yields (line, message) for what only C++ files must keep."""
    cpp = source.read(path, text)
    yield from layering.check(cpp)
    yield from sizes.check_functions(cpp)
    yield from words.check_types(cpp)
    if path.endswith(".h"):
        yield from contracts.check(cpp)


def check_tree(root, below=()):
    """Every finding in the tree, or in the files at or below the paths given."""
    findings = []
    for path in tree_files(root):
        if below and not any(path == start or path.startswith(start + "/") for start in below):
            continue
        findings += [f"{path}:{line}: {text}" for line, text in sorted(check_file(root, path))]
    if not below:
        findings += [text for _, text in commits.check(root)]
    return findings
