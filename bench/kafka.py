"""The Kafka sink next to a bare loop of the same records, on librdkafka's mock cluster."""

import json
import subprocess


def measure(bench):
    """The group `kafka`."""
    ours, bare, cpu, bare_cpu = [], [], [], []
    for _ in range(bench.pairs):
        command = [bench.program("kafka_cost")]
        figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        bench.say(
            f"kafka: {figures['sink_per_sec']:.0f} events/s through the sink, "
            f"{figures['bare_per_sec']:.0f}/s by the bare loop"
        )
        ours.append(figures["sink_per_sec"])
        bare.append(figures["bare_per_sec"])
        cpu.append(figures["sink_cpu_us"])
        bare_cpu.append(figures["bare_cpu_us"])
    add = bench.table.add
    add("Kafka sink", "events/s", "sink", "bare loop", ours, bare, (">=", 0.3))
    add("the same, CPU with the cluster's", "us/event", "sink", "bare loop", cpu, bare_cpu)
