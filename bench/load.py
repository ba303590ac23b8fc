"""Runs `trapline bench`, the generator."""

import json
import subprocess

TRAPS = ["--kind", "trap"]
INFORMS = ["--kind", "inform", "--window", "256"]

V3_ENGINE = "80007ed90562656e6368"
V3_AUTH_PASSWORD = "bench-auth-password"
V3_PRIV_PASSWORD = "bench-priv-password"
V3 = [
    "--version", "v3", "--user", "bench",
    "--auth", "sha256", "--auth-password", V3_AUTH_PASSWORD,
    "--priv", "aes128", "--priv-password", V3_PRIV_PASSWORD,
]
# Of one engine, which snmptrapd must be told beforehand.
V3_TRAPS = TRAPS + V3 + ["--engine-id", V3_ENGINE]
# What a run of traps can be at most, a second; encrypted before it begins, for the two cores are
# the receiver's and the kernel's then.
PREPARED_PER_SEC = 350_000


def hostile(kind):
    """SNMPv3 traps that must be turned away."""
    return V3_TRAPS + ["--hostile", kind]


def run(bench, target, kind, secs, per_sec=None):
    """Sends for `secs`, flat out or paced; returns the generator's own figures."""
    pace = ["--flat-out"] if per_sec is None else ["--rate", f"{per_sec:.1f}"]
    command = [bench.binary, "bench", "--target", target, "--json", "--secs", str(secs)]
    if "v3" in kind and "--hostile" not in kind:
        pace += ["--prepare", str(int(secs * (per_sec or PREPARED_PER_SEC) * 1.01))]
    done = subprocess.run(command + kind + pace, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)
