"""SNMPv3: what authPriv costs next to v2c and snmptrapd, and what hostile traffic costs."""

import load
from pipeline import RateSearch, cpu_per_trap
from subjects import Floor, SnmptrapdV3, Trapline, TraplineV3

HOSTILE = {
    "digest": "a wrong digest",
    "engine": "asking engines that are not ours",
    "forged": "forged engineIDs",
}


def measure_added_cpu(bench):
    """CPU that authPriv adds to a trap, next to the floor's."""
    added, floors = [], []
    for _ in range(bench.pairs):
        floors.append(cpu_per_trap(bench, Floor, bench.secs)[0])
        plain = cpu_per_trap(bench, Trapline, bench.secs)[0]
        added.append(cpu_per_trap(bench, TraplineV3, bench.secs)[0] - plain)
    bench.table.add(
        "CPU added by authPriv", "us/trap", "v3 - v2c", "floor", added, floors, ("<=", 0.6)
    )


def measure_loss_free(bench):
    """Loss-free rates of v3 next to v2c and to snmptrapd with the same user."""
    searches = [RateSearch(bench, kind) for kind in (Trapline, TraplineV3, SnmptrapdV3)]
    for _ in range(bench.pairs):
        for search in searches:
            search.round()
    plain, ours, peer = searches
    note = "generator's limit" if ours.by_generator else ""
    for other, budget in ((plain, (">=", 0.7)), (peer, (">=", 6))):
        bench.table.add(
            "loss-free rate of authPriv", "traps/s", "trapline-v3", other.receiver_type.name,
            ours.rates, other.rates, budget, note
        )


def cpu_per_message(bench, kind):
    """Microseconds of CPU for each message received, whatever became of it."""
    with TraplineV3(bench) as receiver:
        load.run(bench, receiver.target, load.V3_TRAPS, 0.1, 100)  # its engine is known
        receiver.wait_idle()
        before, counted = receiver.cpu_secs(), receiver.status()["ledger"]["received"]
        load.run(bench, receiver.target, kind, bench.secs)
        cpu = receiver.wait_idle() - before
        ledger = receiver.status()["ledger"]
        received = ledger["received"] - counted
    bench.say(
        f"{receiver.name}: {received} received, {ledger['refused']} refused, "
        f"{ledger['protocol']} protocol, {cpu / received * 1e6:.2f} us of CPU each"
    )
    return cpu / received * 1e6


def measure_hostile(bench):
    """Messages that are turned away next to good ones."""
    costs, good = {kind: [] for kind in HOSTILE}, []
    for _ in range(bench.pairs):
        good.append(cpu_per_message(bench, load.V3_TRAPS))
        for kind, each in costs.items():
            each.append(cpu_per_message(bench, load.hostile(kind)))
    for kind, what in HOSTILE.items():
        bench.table.add(
            f"CPU of {what}", "us/message", "hostile", "a good trap", costs[kind], good, ("<=", 1)
        )


def measure(bench):
    """The group `v3`."""
    measure_added_cpu(bench)
    measure_hostile(bench)
    measure_loss_free(bench)
