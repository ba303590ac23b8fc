"""Runs `trapline bench`, the generator."""

import json
import subprocess

TRAPS = ["--kind", "trap"]
INFORMS = ["--kind", "inform", "--window", "256"]


def run(bench, target, kind, secs, per_sec=None):
    """Sends for `secs`, flat out or paced; returns the generator's own figures."""
    pace = ["--flat-out"] if per_sec is None else ["--rate", f"{per_sec:.1f}"]
    command = [bench.binary, "bench", "--target", target, "--json", "--secs", str(secs)]
    done = subprocess.run(command + kind + pace, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)
