"""How fast a backlog leaves the journal: as traps to an upstream, next to a file."""

import socket
import time

import load
from subjects import Trapline

FILL_PER_SEC = 50_000
FILL_SECS = 10
DRAIN_SECS = 120


class Forwarder(Trapline):
    """The second sink forwards to a socket on loopback, once it is there."""

    name = "trapline-forward"

    def __init__(self, bench):
        super().__init__(bench)
        self.upstream = None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.upstream_port = probe.getsockname()[1]

    @property
    def late_sink(self):
        return f'type: snmp, to: "127.0.0.1:{self.upstream_port}", community: public'

    def block_late_sink(self, blocked):
        """While blocked, nobody listens there."""
        if not blocked:
            self.upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.upstream.bind(("127.0.0.1", self.upstream_port))
        elif self.upstream is not None:
            self.upstream.close()

    def __exit__(self, *details):
        super().__exit__(*details)
        if self.upstream is not None:
            self.upstream.close()


def late_figures(gateway):
    """Delivered and pending of the second sink, and when that was so."""
    sinks = gateway.status()["sinks"]
    late = next(sink for sink in sinks if sink["name"] == "late")
    return late["delivered"], late["pending"], time.monotonic()


def drained_per_sec(bench, kind):
    """Events a second that the second sink delivers from a backlog."""
    with kind(bench) as gateway:
        gateway.stop()
        gateway.block_late_sink(True)
        gateway.start(late_sink=True)
        load.run(bench, gateway.target, load.TRAPS, FILL_SECS, FILL_PER_SEC)
        gateway.wait_idle()
        gateway.stop()
        gateway.block_late_sink(False)
        gateway.start(late_sink=True)
        first, pending, began = late_figures(gateway)
        if pending == 0:
            raise RuntimeError("the backlog was gone before it could be measured")
        last, ended = first, began
        while pending:
            last, pending, ended = late_figures(gateway)
            if ended - began > DRAIN_SECS:
                raise RuntimeError(f"{kind.name}: {pending} events left after {DRAIN_SECS} s")
        gateway.stop()
    rate = (last - first) / (ended - began)
    bench.say(f"{kind.name}: {last - first} events in {ended - began:.2f} s, {rate:,.0f}/s")
    return rate


def measure(bench):
    """The group `forward`."""
    files, forwards = [], []
    for _ in range(bench.pairs):
        files.append(drained_per_sec(bench, Trapline))
        forwards.append(drained_per_sec(bench, Forwarder))
    bench.table.add(
        "forwarded as traps", "events/s", "trapline", "file sink", forwards, files, (">=", 0.3)
    )
