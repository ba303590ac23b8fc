"""How soon a healthy sink delivers beside one whose destination is dead, slow or failing."""

import http.server
import os
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
    """No second destination."""

    def __enter__(self):
        return None

    def __exit__(self, *_):
        pass


class Dead(Alone):
    """One where nobody listens."""

    def __enter__(self):
        return "http://127.0.0.1:9/"


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


def deliver(bench, name, destination):
    """The healthy sink's latencies beside that destination, and how many traps went missing."""
    with destination as url, Trapline(bench) as gateway:
        gateway.stop()
        gateway.more_sinks = f"  other: {{ type: webhook, url: \"{url}\" }}\n" if url else ""
        gateway.start()
        latencies = Latencies(gateway.output)
        latencies.start()
        sent = load.run(bench, gateway.target, load.TRAPS, bench.secs, PER_SEC)["sent"]
        gateway.wait_written(sent)
        figures = latencies.finish()
        figures["lost"] = sent - len(latencies.values)
        behind = max(sink["pending"] for sink in gateway.status()["sinks"])
    bench.say(
        f"beside {name}: p50 {figures['p50']:.2f} ms, p99 {figures['p99']:.2f} ms, "
        f"{figures['lost']} lost, the other {behind} events behind"
    )
    return figures


def measure(bench):
    """The group `isolation`."""
    cases = {
        "none": Alone,
        "a dead sink": Dead,
        "a sink at 1 % speed": lambda: Destination(200, SLOW_SECS),
        "a sink answered 500": lambda: Destination(500, 0),
    }
    runs = {name: [] for name in cases}
    for _ in range(bench.pairs):
        for name, make in cases.items():
            runs[name].append(deliver(bench, name, make()))
    for name in list(cases)[1:]:
        lost = sum(run["lost"] for run in runs[name])
        for quantile, _ in QUANTILES:
            bench.table.add(
                f"delivery {quantile} beside {name}", "ms", "trapline", "alone",
                [run[quantile] for run in runs[name]], [run[quantile] for run in runs["none"]],
                ("<=", 1.1) if quantile == "p99" else None, f"{lost} traps lost"
            )
