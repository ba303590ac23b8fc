"""Commit subjects: `folder: imperative subject`, at most 60 columns."""

import os
import re
import subprocess

SUBJECT_COLUMNS = 60
RECENT = 50
_SUBJECT = re.compile(r"[a-z.][\w./,-]*: \S")


def git(root, *arguments):
    """What git says about the tree; nothing when it is no clone or git is not there."""
    if not os.path.exists(os.path.join(root, ".git")):
        return ""
    try:
        command = ["git", "-C", root, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def judge(subject):
    """What is wrong with a subject, or nothing."""
    if len(subject) > SUBJECT_COLUMNS:
        return f"subject of {len(subject)} columns (limit {SUBJECT_COLUMNS})"
    if not _SUBJECT.match(subject):
        return "subject is not `folder: what it does`"
    if subject.endswith("."):
        return "subject ends in a full stop"
    return ""


def check(root):
    """Yields (line, message) for the recent commits of the tree's history, if it has one."""
    recent = git(root, "log", f"-{RECENT}", "--no-merges", "--format=%h %s")
    for line in recent.splitlines():
        name, _, subject = line.partition(" ")
        message = judge(subject)
        if message:
            yield 0, f"commit {name}: {message}: {subject}"
