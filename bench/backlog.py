"""A sink that reads a gigabyte of backlog: does reception notice, does memory grow?"""

import threading

import load
from subjects import Trapline

BACKLOG_BYTES = 1 << 30
FILL_PER_SEC = 50_000
FILL_SECS = 10
PACED_PER_SEC = 20_000


class Memory:
    """The most memory a process has resident while this context lasts, in MB."""

    def __init__(self, pid):
        self._status = f"/proc/{pid}/status"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.most = 0.0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _watch(self):
        while not self._over.wait(0.05):
            with open(self._status, encoding="ascii") as file:
                resident = next(line for line in file if line.startswith("VmRSS"))
            self.most = max(self.most, int(resident.split()[1]) / 1e3)


def fill(bench, gateway):
    """Sends traps until the journal holds a gigabyte of them."""
    sent = 0
    while gateway.status()["journal"]["committed_bytes"] < BACKLOG_BYTES:
        sent += load.run(bench, gateway.target, load.TRAPS, FILL_SECS, FILL_PER_SEC)["sent"]
    gateway.wait_idle()
    bench.say(f"trapline: a backlog of {sent} traps")
    return sent


def paced(bench, gateway, backlog):
    """Traps at 20,000 a second to a gateway that has just started; loss, memory, and the lag."""
    with Memory(gateway.process.pid) as memory:
        sent = load.run(bench, gateway.target, load.TRAPS, bench.secs, PACED_PER_SEC)["sent"]
        behind = max(sink["pending"] for sink in gateway.status()["sinks"])
        gateway.wait_idle()
    gateway.stop()
    lost = sent + backlog - gateway.written()
    bench.say(
        f"trapline: {sent} sent at {PACED_PER_SEC}/s, {lost} lost, at most {memory.most:.0f} MB "
        f"resident, a sink {behind} events behind at the end of the load"
    )
    return lost / sent, memory.most


def measure(bench):
    """The group `backlog`: the second sink begins at the oldest event, the first had them all."""
    with Trapline(bench) as gateway:
        backlog = fill(bench, gateway)
        gateway.stop()
        gateway.start()
        calm_loss, calm = paced(bench, gateway, backlog)
        backlog = gateway.written()
        gateway.start(late_sink=True)
        loss, most = paced(bench, gateway, backlog)
    what = "memory, 1 GB of backlog"
    note = f"{loss:.3%} lost, {calm_loss:.3%} without"
    bench.table.add(what, "MB", "trapline", "no backlog", [most], [calm], ("<=", 1.25), note)
