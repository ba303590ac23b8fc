"""The poller next to net-snmp's synchronous library and to a bare ping-pong."""

import json
import subprocess

DEVICES = 1000
WINDOW = 200
LATENCY_US = 2000  # a near network and the agent's own time
SUBJECTS = ("poller", "net_snmp", "bare")


def run(bench, subject, latency_us):
    """GETs per second of one subject: poller, net_snmp or bare."""
    command = [
        bench.program("poller_rate"),
        *(subject, str(DEVICES), str(WINDOW), str(min(bench.secs, 5)), str(latency_us)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    figures = json.loads(done.stdout)
    bench.say(
        f"{subject}, answers after {latency_us} us: {figures['per_sec']:.0f} GETs/s, "
        f"{figures['failed']} failed"
    )
    return figures["per_sec"]


def compare(bench, name, latency_us, at_least):
    """Two rows; `at_least` is the budget next to net-snmp, if there is one."""
    rates = {subject: [] for subject in SUBJECTS}
    for _ in range(bench.pairs):
        for subject, measured in rates.items():
            measured.append(run(bench, subject, latency_us))
    ours = rates["poller"]
    bench.table.add(name, "GETs/s", "poller", "net-snmp", ours, rates["net_snmp"], at_least)
    bench.table.add(name, "GETs/s", "poller", "bare", ours, rates["bare"], (">=", 0.3))


def measure(bench):
    """The group `poller`."""
    name = "GETs of 1,000 devices, 200 in flight"
    compare(bench, f"{name}, answers after {LATENCY_US / 1000:g} ms", LATENCY_US, (">=", 10))
    compare(bench, f"{name}, answers at once", 0, None)
