"""Judges the tree by the numbers and rules of CONTRIBUTING.md. Exit 1 with `file:line: message`.

    python3 .ci/lint [PATH...]     all files of the tree, or those given or below those given
"""

import os
import sys

from tree import check_tree


def main(arguments):
    """Runs all checks; the tree is the one this file stands in."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    findings = check_tree(root, [os.path.relpath(path, root) for path in arguments])
    for finding in findings:
        print(finding)
    if findings:
        print(f"lint: {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
