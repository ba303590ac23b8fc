"""The poller next to net-snmp's synchronous library and to a bare ping-pong."""

import json
import subprocess

DEVICES = 1000
WINDOW = 200


def run(bench, subject):
    """GETs per second of one subject: poller, net_snmp or bare."""
    command = [
        bench.program("poller_rate"), subject, str(DEVICES), str(WINDOW), str(min(bench.secs, 5)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    figures = json.loads(done.stdout)
    bench.say(f"{subject}: {figures['per_sec']:.0f} GETs/s, {figures['failed']} failed")
    return figures["per_sec"]


def measure(bench):
    """The group `poller`."""
    rates = {"poller": [], "net_snmp": [], "bare": []}
    for _ in range(bench.pairs):
        for subject, measured in rates.items():
            measured.append(run(bench, subject))
    name = "GETs of 1,000 devices, 200 in flight"
    bench.table.add(
        name, "GETs/s", "poller", "net-snmp", rates["poller"], rates["net_snmp"], (">=", 10)
    )
    bench.table.add(name, "GETs/s", "poller", "bare", rates["poller"], rates["bare"], (">=", 0.3))
