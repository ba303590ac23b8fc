"""Measures Trapline next to the floor and snmptrapd, in the same minutes on the same machine.

    ./dev bench [GROUP ...] [--pairs N] [--secs N] [--json FILE]

bench/README.md explains the figures. Everything runs on loopback, in a temporary directory next to
the binaries that is removed at the end; every process started is ended by its process id.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile

import backlog
import forward
import informs
import isolation
import kafka
import parts
import pipeline
import poller
import rules
import v3
from table import Table

GROUPS = {
    "pipeline": pipeline.measure,
    "informs": informs.measure,
    "parts": parts.measure,
    "backlog": backlog.measure,
    "v3": v3.measure,
    "rules": rules.measure,
    "kafka": kafka.measure,
    "isolation": isolation.measure,
    "forward": forward.measure,
    "poller": poller.measure,
}


class Bench:
    """What every measurement needs: programs, a place for files, how long and how often."""

    def __init__(self, arguments, directory):
        self.binary = os.environ["TRAPLINE_BINARY"]
        self.programs = os.environ["TRAPLINE_BENCH_DIR"]
        self.directory = directory
        self.pairs = arguments.pairs
        self.secs = arguments.secs
        self.table = Table()

    def program(self, name):
        """The path of one of the bench programs."""
        return os.path.join(self.programs, name)

    def say(self, text):
        """Tells how far the measuring has got."""
        print(f"bench: {text}", file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="|".join(GROUPS))
    parser.add_argument("--pairs", type=int, default=5, help="interleaved pairs of runs (5)")
    parser.add_argument("--secs", type=float, default=10, help="length of a run (10)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    arguments = parser.parse_args()
    unknown = [group for group in arguments.groups if group not in GROUPS]
    if unknown:
        parser.error(f"no group `{unknown[0]}`: {', '.join(GROUPS)}")
    arguments.groups = arguments.groups or list(GROUPS)
    return arguments


def main():
    arguments = parse_arguments()
    for name in ("TRAPLINE_BINARY", "TRAPLINE_BENCH_DIR"):
        if name not in os.environ:
            sys.exit(f"bench: {name} is not set; run `./dev bench`")
    directory = tempfile.mkdtemp(prefix="bench-", dir=os.environ["TRAPLINE_BENCH_DIR"])
    try:
        bench = Bench(arguments, directory)
        for group in arguments.groups:
            GROUPS[group](bench)
        print(bench.table.text())
        if arguments.json:
            with open(arguments.json, "w", encoding="utf-8") as file:
                json.dump(bench.table.rows, file, indent=1)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
