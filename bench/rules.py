"""Rules: what ten cost, what ten thousand cost beside them, regexes, loading, the whole line."""

import json
import os
import subprocess

import pipeline
from subjects import Floor, Trapline
from table import median

# Ten rules as a network has them, of which the linkDown of the load meets six and matches three.
TEN = """\
  - { name: site, when: 'cidr("127.0.0.0/8").contains(agent.ip)', set: { tags: { site: lab } } }
  - { name: lab, when: 'cidr("192.0.2.0/24").contains(agent.ip)', drop: true, stop: true }
  - name: link-down
    match: IF-MIB::linkDown
    when: 'vars.ifAdminStatus == "up"'
    set: { severity: critical, key: "{{ agent.ip }}/if/{{ vars.ifIndex }}", tags: { team: noc } }
    state: raise
  - name: link-up
    match: IF-MIB::linkUp
    set: { severity: cleared, key: "{{ agent.ip }}/if/{{ vars.ifIndex }}" }
    state: clear
  - name: uplink
    match: IF-MIB::linkDown
    when: 'vars.ifIndex == 1'
    set: { severity: critical }
  - name: flapping
    match: [IF-MIB::linkDown, IF-MIB::linkUp]
    when: 'vars.ifIndex == 2'
    threshold: { count: 6, within_secs: 300, by: key }
    set: { severity: major }
  - { name: ups, match: 1.3.6.1.4.1.318.*, dedup: { window_secs: 600, by: [agent.ip, trap.oid] } }
  - name: login
    match: SNMPv2-MIB::authenticationFailure
    limit: { count: 3, per_secs: 60, by: agent.ip }
  - { name: cold, match: SNMPv2-MIB::coldStart, set: { severity: warning, summary: restarted } }
  - { name: silent, match: 1.3.6.1.4.1.8072.4.0.2, absent: { after_secs: 300, by: agent.ip } }
"""
# One that matches each trap of the load.
ONE = """\
  - { name: r, match: IF-MIB::linkDown, when: 'vars.ifIndex == 1', set: { severity: minor } }
"""


def with_others(count):
    """The ten, and as many others as make `count`, each for a notification of its own."""
    others = (
        f"  - {{ name: r{i}, match: 1.3.6.1.4.1.99999.{i // 100}.0.{i % 100}, "
        f"when: 'vars.ifIndex == {i}', set: {{ severity: minor, summary: \"r {i}\" }} }}\n"
        for i in range(count - 10)
    )
    return "rules:\n" + TEN + "".join(others)


def with_regexes(count):
    """Rules that ask one field for one regex each; none of them occurs."""
    return "rules:\n" + "".join(
        f"  - {{ name: r{i}, when: 'vars.ifDescr.matches(\"^(core|edge)-{i}-.*uplink\")', "
        "set: { severity: major } }\n"
        for i in range(count)
    )


def cost(bench, name, text, events=1_000_000):
    """What bench/rule_cost.cc says of a configuration."""
    path = os.path.join(bench.directory, f"{name}.yaml")
    sink = "sinks:\n  archive: { type: file, path: /dev/null }\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(sink + text)
    command = [bench.program("rule_cost"), path, str(events)]
    figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    bench.say(
        f"{name}: {figures['rules']} rules loaded in {figures['load_secs']:.2f} s, "
        f"{figures['event_ns']:.0f} ns an event"
    )
    return figures


def measure_evaluation(bench):
    """One event against ten rules, ten thousand, one regex and a thousand."""
    ten, many, one, thousand, floors = [], [], [], [], []
    for _ in range(bench.pairs):
        floors.append(pipeline.cpu_per_trap(bench, Floor, bench.secs)[0])
        ten.append(cost(bench, "ten", with_others(10))["event_ns"] / 1e3)
        many.append(cost(bench, "ten-thousand", with_others(10_000))["event_ns"] / 1e3)
        one.append(cost(bench, "a-regex", with_regexes(1))["event_ns"] / 1e3)
        thousand.append(cost(bench, "thousand-regexes", with_regexes(1_000))["event_ns"] / 1e3)
    add = bench.table.add
    add("10 rules", "us/event", "rules", "floor", ten, floors, ("<=", 0.3))
    add("10,000 rules", "us/event", "10,000", "10", many, ten, ("<=", 1.1))
    add("1,000 regexes", "us/event", "1,000", "1", thousand, one, ("<=", 10))


def measure_loading(bench):
    """20,000 rules: seconds, next to the three there are."""
    secs = [cost(bench, "load", with_others(20_000), 1_000)["load_secs"]]
    bench.table.add("20,000 rules loaded", "s", "load", "3 s", secs, [3.0], ("<=", 1))


class TraplineRules(Trapline):
    """The gateway with ten thousand rules, each for a notification of its own, the load's too."""

    name = "trapline-rules"
    sections = with_others(10_000).replace(TEN, ONE)


class TraplineActing(Trapline):
    """The same, but with the ten for the load's notification, three of which act on each trap."""

    name = "trapline-acting"
    sections = with_others(10_000)


def measure_line(bench):
    """The loss-free rate of the whole line with rules and without."""
    kinds = (Trapline, TraplineRules, TraplineActing)
    searches = [pipeline.RateSearch(bench, kind) for kind in kinds]
    cpu = [[] for _ in kinds]
    for _ in range(bench.pairs):
        for search in searches:
            search.round()
        for of, kind in zip(cpu, kinds):
            of.append(pipeline.cpu_per_trap(bench, kind, bench.secs)[0])
    names = ("", "loss-free rate, 10,000 rules", "the same, three acting on each trap")
    for i, budget in ((1, (">=", 0.9)), (2, None)):
        note = f"CPU {median(cpu[i]):.2f} us against {median(cpu[0]):.2f}"
        bench.table.add(names[i], "traps/s", "with", "without", searches[i].rates,
                        searches[0].rates, budget, note)


def measure(bench):
    """The group `rules`."""
    measure_evaluation(bench)
    measure_loading(bench)
    measure_line(bench)
