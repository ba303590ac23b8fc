"""A sink falls a gigabyte behind and reads it again: does reception notice, does memory grow?"""

import threading

import load
from subjects import Trapline, count_in_file

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


def send(bench, gateway, secs, per_sec):
    """Paced traps; how many were sent, and the most memory resident meanwhile."""
    with Memory(gateway.process.pid) as memory:
        sent = load.run(bench, gateway.target, load.TRAPS, secs, per_sec)["sent"]
    behind = max(sink["pending"] for sink in gateway.status()["sinks"])
    bench.say(
        f"trapline: {sent} sent at {per_sec}/s, at most {memory.most:.0f} MB resident, "
        f"a sink {behind} events behind"
    )
    return sent, memory.most


def fall_behind(bench, gateway):
    """Sends until the journal has grown by a gigabyte; traps sent, memory at first and at last."""
    sent, memory = 0, []
    until = gateway.status()["journal"]["committed_bytes"] + BACKLOG_BYTES
    while gateway.status()["journal"]["committed_bytes"] < until:
        more, most = send(bench, gateway, FILL_SECS, FILL_PER_SEC)
        sent += more
        memory.append(most)
    gateway.wait_idle()
    return sent, memory[0], memory[-1]


def measure(bench):
    """The group `backlog`: one sink keeps up, a second one cannot be written, and then can."""
    with Trapline(bench) as gateway:
        gateway.stop()
        gateway.block_late_sink(True)
        gateway.start(late_sink=True)
        filled, first, last = fall_behind(bench, gateway)
        gateway.stop()
        gateway.block_late_sink(False)
        gateway.start(late_sink=True)
        sent, reading = send(bench, gateway, bench.secs, PACED_PER_SEC)
        gateway.wait_idle()
        gateway.stop()
        lost = filled + sent - gateway.written()
        late = count_in_file(gateway.late_output, b"\n")
    note = f"{lost} traps lost, {filled + sent - late} by the late sink"
    for what, most in (("1 GB behind", last), ("reading that GB", reading)):
        bench.table.add(
            f"memory, a sink {what}", "MB", "trapline", "first 10 s",
            [most], [first], ("<=", 1.25), note
        )
