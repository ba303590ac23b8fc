"""How soon a healthy sink delivers beside a destination, or a device, that does not do its part."""

import http.server
import os
import socket
import threading
import time

import load
from subjects import Trapline

PER_SEC = 2_000
SLOW_SECS = 100 / PER_SEC  # for each event: a hundredth of what comes
QUANTILES = (("p50", 0.50), ("p99", 0.99))


class Destination(http.server.ThreadingHTTPServer):
    """Answers every POST after a while, with one status."""

    daemon_threads = True

    def __init__(self, status, after_secs):
        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                time.sleep(after_secs)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Answer)

    def handle_error(self, *_):
        pass

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server_port}/"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Alone:
    """Nothing beside it. As a context, what lasts as long as a run."""

    sections = ""  # of the configuration
    more_sinks = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def begin(self, gateway):
        """Called when the gateway runs, before the load."""


class Beside(Alone):
    """A second sink, a webhook to `url` or to what the context `destination` gives."""

    def __init__(self, destination=None, url=None):
        self._destination = destination
        self._url = url

    def __enter__(self):
        url = self._destination.__enter__() if self._destination else self._url
        self.more_sinks = f"  other: {{ type: webhook, url: \"{url}\" }}\n"
        return self

    def __exit__(self, *_):
        if self._destination:
            self._destination.__exit__()


def tlv(tag, *contents):
    """BER: what a message or a part of it is made of."""
    content = b"".join(contents)
    return bytes([tag, len(content)]) + content


class Asking(Alone):
    """Rules that would ask devices of which nothing comes."""

    def __enter__(self):
        self._silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._silent.bind(("0.0.0.0", 0))
        port = self._silent.getsockname()[1]
        self.sections = (
            "poller:\n  budget_ms: 60000\n  timeout_ms: 60000\n"
            "  auths: { read: { community: public } }\n"
            f"  devices: [{{ match: 127.0.1.0/24, auth: read, port: {port} }}]\n"
            "  enrichments: { device: { get: { sysName: SNMPv2-MIB::sysName.0 } } }\n"
            "rules:\n  - { name: asked, match: SNMPv2-MIB::coldStart, enrich: device }\n"
        )
        return self

    def __exit__(self, *_):
        self._silent.close()


class Waiting(Asking):
    """A thousand events of ten devices that are asked and say nothing, all the while."""

    AGENTS = [f"127.0.1.{number}" for number in range(1, 11)]
    EVENTS = 1_000
    COLD_START = tlv(
        0x30, tlv(0x02, b"\x01"), tlv(0x04, b"public"),
        tlv(
            0xA7, tlv(0x02, b"\x01"), tlv(0x02, b"\x00"), tlv(0x02, b"\x00"),
            tlv(
                0x30,
                tlv(0x30, tlv(0x06, bytes.fromhex("2b06010201010300")), tlv(0x43, b"\x00")),
                tlv(
                    0x30, tlv(0x06, bytes.fromhex("2b060106030101040100")),
                    tlv(0x06, bytes.fromhex("2b0601060301010501"))
                )
            )
        )
    )

    def begin(self, gateway):
        for agent in self.AGENTS:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((agent, 0))
                for _ in range(self.EVENTS // len(self.AGENTS)):
                    sender.sendto(self.COLD_START, ("127.0.0.1", gateway.port))
        gateway.wait_until(
            lambda: gateway.status()["enrichment"]["waiting"] == self.EVENTS, "waiting"
        )


class Latencies(threading.Thread):
    """From `received_at` of each line that appears in a file until it is read there, in ms."""

    FIELD = b'"received_at":"'

    def __init__(self, path):
        super().__init__()
        self._path = path
        self._over = threading.Event()
        self.values = []

    def run(self):
        while not os.path.exists(self._path) and not self._over.is_set():
            time.sleep(0.01)
        with open(self._path, "rb") as file:
            rest = b""
            while True:
                over = self._over.is_set()
                chunk = file.read(1 << 20)
                now = time.time() % 86_400
                if chunk:
                    lines = (rest + chunk).split(b"\n")
                    rest = lines.pop()
                    self.values += [self._age_ms(line, now) for line in lines]
                elif over:
                    return
                else:
                    time.sleep(0.0005)

    def _age_ms(self, line, now):
        """Of a line whose time stands as 2026-01-01T00:00:00.123456Z."""
        at = line.index(self.FIELD) + len(self.FIELD) + 11
        clock = line[at : at + 15]
        received = int(clock[:2]) * 3600 + int(clock[3:5]) * 60 + float(clock[6:])
        return (now - received) % 86_400 * 1e3

    def finish(self):
        """Reads what is there and ends; the quantiles by name."""
        self._over.set()
        self.join()
        ordered = sorted(self.values)
        return {name: ordered[int(len(ordered) * share)] for name, share in QUANTILES}


def deliver(bench, name, beside):
    """The healthy sink's latencies beside that, and how many traps went missing."""
    with beside, Trapline(bench) as gateway:
        gateway.stop()
        gateway.sections = beside.sections
        gateway.more_sinks = beside.more_sinks
        gateway.start()
        beside.begin(gateway)
        latencies = Latencies(gateway.output)
        latencies.start()
        sent = load.run(bench, gateway.target, load.TRAPS, bench.secs, PER_SEC)["sent"]
        gateway.wait_written(sent)
        figures = latencies.finish()
        figures["lost"] = sent - len(latencies.values)
        status = gateway.status()
        behind = max(sink["pending"] for sink in status["sinks"])
        waiting = status["enrichment"]["waiting"]
    bench.say(
        f"beside {name}: p50 {figures['p50']:.2f} ms, p99 {figures['p99']:.2f} ms, "
        f"{figures['lost']} lost, the other {behind} events behind, {waiting} waiting"
    )
    return figures


def measure(bench):
    """The group `isolation`."""
    cases = {
        "none": Alone,
        "a dead sink": lambda: Beside(url="http://127.0.0.1:9/"),
        "a sink at 1 % speed": lambda: Beside(Destination(200, SLOW_SECS)),
        "a sink answered 500": lambda: Beside(Destination(500, 0)),
        "rules that ask": Asking,
        "1,000 events that wait": Waiting,
    }
    runs = {name: [] for name in cases}
    for _ in range(bench.pairs):
        for name, make in cases.items():
            runs[name].append(deliver(bench, name, make()))
    for name in list(cases)[1:]:
        alone = "rules that ask" if name == "1,000 events that wait" else "none"
        lost = sum(run["lost"] for run in runs[name])
        for quantile, _ in QUANTILES:
            bench.table.add(
                f"delivery {quantile} beside {name}", "ms", "trapline",
                "alone" if alone == "none" else alone,
                [run[quantile] for run in runs[name]], [run[quantile] for run in runs[alone]],
                ("<=", 1.1) if quantile == "p99" else None, f"{lost} traps lost"
            )
