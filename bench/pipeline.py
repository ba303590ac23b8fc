"""Traps: CPU at saturation, the highest rate without loss, CPU at 5,000 a second."""

import load
from subjects import Floor, Snmptrapd, Trapline
from table import median

LOSS = 0.001
PACED_PER_SEC = 5_000
PROBE_SECS = 3
NEAR = 1.06  # a bracket this narrow is narrow enough


def cpu_per_trap(bench, receiver_type, secs, per_sec=None):
    """Microseconds of CPU a receiver spends on each trap it writes, and how many it wrote."""
    with receiver_type(bench) as receiver:
        before = receiver.cpu_secs()
        sent = load.run(bench, receiver.target, receiver.traps, secs, per_sec)
        cpu = receiver.wait_idle() - before
        receiver.stop()
        written = receiver.written()
    bench.say(
        f"{receiver.name}: {sent['sent']} sent at {sent['sent_per_sec']:.0f}/s, {written} written, "
        f"{cpu / written * 1e6:.2f} us of CPU each"
    )
    return cpu / written * 1e6, written / secs


def measure_cpu(bench, what, budget, per_sec=None):
    """Interleaved pairs of a run of the floor and one of Trapline."""
    ours, floors, rates = [], [], []
    for _ in range(bench.pairs):
        floors.append(cpu_per_trap(bench, Floor, bench.secs, per_sec)[0])
        cpu, rate = cpu_per_trap(bench, Trapline, bench.secs, per_sec)
        ours.append(cpu)
        rates.append(rate)
    note = "" if per_sec else f"at {median(rates):,.0f}/s"
    bench.table.add(what, "us/trap", "trapline", "floor", ours, floors, budget, note)
    return floors


def probe(bench, receiver_type, per_sec, secs):
    """Sends at a rate; returns the rate that came about and whether (nearly) all was written."""
    with receiver_type(bench) as receiver:
        sent = load.run(bench, receiver.target, receiver.traps, secs, per_sec)
        receiver.wait_idle()
        receiver.stop()
        written = receiver.written()
    loss = 1 - written / sent["sent"]
    wanted = "flat out" if per_sec is None else f"{per_sec:.0f}/s wanted"
    bench.say(
        f"{receiver.name}: {wanted}, {sent['sent_per_sec']:.0f}/s sent, {loss:.3%} lost in {secs} s"
    )
    return sent["sent_per_sec"], loss < LOSS


class RateSearch:
    """The highest rate of one receiver without loss, searched anew in every round."""

    def __init__(self, bench, receiver_type):
        self.bench = bench
        self.receiver_type = receiver_type
        self.rates = []
        self.by_generator = False

    def round(self):
        """One search: flat out first, then by halves with short runs, then a run of full length."""
        rate, kept = probe(self.bench, self.receiver_type, None, self.bench.secs)
        self.by_generator = kept
        if not kept:
            rate = self._search(rate)
        self.rates.append(rate)

    def _search(self, too_fast):
        low, high = 0.0, too_fast
        if self.rates:
            low, high = 0.75 * self.rates[-1], min(high, 1.33 * self.rates[-1])
        while low == 0 or high / low > NEAR:
            middle = high / 2 if low == 0 else (low * high) ** 0.5
            rate, kept = probe(self.bench, self.receiver_type, middle, PROBE_SECS)
            if not kept:
                high = middle
            elif rate < 0.97 * middle:
                self.by_generator = True  # it does no more beside this receiver
                break
            else:
                low = middle
        return self._confirm(high)

    def _confirm(self, per_sec):
        while per_sec > 100:
            rate, kept = probe(self.bench, self.receiver_type, per_sec, self.bench.secs)
            if kept:
                return rate
            per_sec *= 0.95
        return 0.0


def measure_loss_free(bench):
    """The loss-free rates of all three receivers, round by round."""
    searches = [RateSearch(bench, kind) for kind in (Floor, Trapline, Snmptrapd)]
    for _ in range(bench.pairs):
        for search in searches:
            search.round()
    floor, ours, peer = searches
    note = "generator's limit" if ours.by_generator else ""
    for other, budget in ((floor, (">=", 0.6)), (peer, (">=", 6))):
        name = other.receiver_type.name
        bench.table.add(
            "loss-free rate", "traps/s", "trapline", name, ours.rates, other.rates, budget, note
        )


def measure(bench):
    """The group `pipeline`."""
    measure_cpu(bench, "CPU at saturation", ("<=", 2.0))
    measure_cpu(bench, "CPU at 5,000/s", ("<=", 4.0), PACED_PER_SEC)
    measure_loss_free(bench)
