"""Informs: how many a second are acknowledged, and how soon at a third of that."""

import load
from subjects import InformFloor, Snmptrapd, Trapline
from table import median


def acknowledged(bench, receiver_type, per_sec=None):
    """The generator's figures for informs to a fresh receiver."""
    with receiver_type(bench) as receiver:
        result = load.run(bench, receiver.target, load.INFORMS, bench.secs, per_sec)
        receiver.wait_idle()
    latency = result["latency_us"]
    bench.say(
        f"{receiver.name}: {result['acknowledged_per_sec']:.0f} informs/s acknowledged, "
        f"{result['retransmitted']} sent again, {result['unanswered']} unanswered, "
        f"p50 {latency['p50']:.0f} us, p90 {latency['p90']:.0f} us, p99 {latency['p99']:.0f} us"
    )
    return result


def measure_rate(bench):
    """Window 256, as fast as answers come."""
    ours, peers, floors = [], [], []
    for _ in range(bench.pairs):
        ours.append(acknowledged(bench, Trapline)["acknowledged_per_sec"])
        peers.append(acknowledged(bench, Snmptrapd)["acknowledged_per_sec"])
        floors.append(acknowledged(bench, InformFloor)["acknowledged_per_sec"])
    bench.table.add(
        "informs, window 256", "1/s", "trapline", "snmptrapd", ours, peers, (">=", 3)
    )
    bench.table.add("informs, window 256", "1/s", "trapline", "inform_floor", ours, floors)
    return median(ours)


def measure_latency(bench, per_sec):
    """Paced, next to a bare receive, write, fdatasync, send loop."""
    ours, floors = [], []
    for _ in range(bench.pairs):
        floors.append(acknowledged(bench, InformFloor, per_sec)["latency_us"])
        ours.append(acknowledged(bench, Trapline, per_sec)["latency_us"])
    for quantile, budget in (("p50", ("<=", 2)), ("p90", ("<=", 3)), ("p99", None)):
        bench.table.add(
            f"inform latency {quantile} at {per_sec:,.0f}/s",
            "us",
            "trapline",
            "inform_floor",
            [latency[quantile] for latency in ours],
            [latency[quantile] for latency in floors],
            budget,
        )


def measure(bench):
    """The group `informs`."""
    measure_latency(bench, measure_rate(bench) / 3)
