"""Parts on their own: decoding, rendering and the journal, next to the floor or to bare writes."""

import json
import os
import subprocess

import pipeline
from subjects import Floor

UNITS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}


def google_benchmark(bench, name, pattern="."):
    """Runs a Google Benchmark program; its benchmarks by name."""
    command = [bench.program(name), "--benchmark_format=json", f"--benchmark_filter={pattern}"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return {each["name"]: each for each in json.loads(done.stdout)["benchmarks"]}


def cpu_us(benchmark):
    """CPU time of one iteration, in microseconds."""
    return benchmark["cpu_time"] * UNITS[benchmark["time_unit"]]


def measure_beside_floor(bench):
    """Decoding and rendering as shares of what the floor spends on a trap."""
    decoding, rendering, securing, floors = [], [], [], []
    for _ in range(bench.pairs):
        floors.append(pipeline.cpu_per_trap(bench, Floor, bench.secs)[0])
        decoding.append(cpu_us(google_benchmark(bench, "decode_bench")["decode"]))
        v3 = google_benchmark(bench, "usm_bench", "^v2c$|auth_priv_batch")
        securing.append(v3["auth_priv_batch"]["per_message"] * 1e6 - cpu_us(v3["v2c"]))
        rendering.append(cpu_us(google_benchmark(bench, "event_json_bench", "json")["event_json"]))
    table = bench.table
    table.add("decode alone", "us/trap", "decode", "floor", decoding, floors, ("<=", 0.25))
    table.add("v3 authPriv more than v2c", "us/trap", "USM", "floor", securing, floors, ("<=", 0.6))
    table.add("event JSON alone", "us/trap", "JSON", "floor", rendering, floors)


def measure_journal(bench):
    """Appending in full batches next to a bare write and fdatasync of the same octets."""
    command = [bench.program("journal_bench"), "--directory", bench.directory, "--json"]
    figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    bench.say(
        f"journal: CPU per EVENT {figures['event_cpu_ns']:.0f} ns, "
        f"per OUTCOME {figures['outcome_cpu_ns']:.0f} ns"
    )
    # The program makes five pairs of its own; its ratio is their median.
    bare = figures["bare_mb_s"]
    bench.table.add(
        "journal append", "ms/MB", "journal", "bare write",
        [figures["journal_over_bare"] * 1e3 / bare], [1e3 / bare], ("<=", 2)
    )


def measure(bench):
    """The group `parts`."""
    measure_beside_floor(bench)
    measure_journal(bench)
