"""An HTTPS server that keeps what it is sent: one JSON line per request, {"path": , "body": }, in
FILE, written before it answers. What breaks the published limits of the destination that the path
names (/slack, /pagerduty, /otlp) is answered 400 with the reason and not kept. Prints its port once
it listens.

usage: collector_peer.py CERTIFICATE KEY PORT FILE
"""

import http.server
import json
import ssl
import sys
import threading


def require(holds, words):
    if not holds:
        raise ValueError(words)


def check_slack(body):
    require(1 <= len(body["text"]) <= 40_000, "text")
    require(1 <= len(body["blocks"]) <= 50, "blocks")
    for block in body["blocks"]:
        if block["type"] == "header":
            require(block["text"]["type"] == "plain_text", "header is no plain_text")
            require(1 <= len(block["text"]["text"]) <= 150, "header text")
        elif block["type"] == "section":
            require(1 <= len(block["text"]["text"]) <= 3_000, "section text")
        else:
            require(block["type"] == "context", "unknown block")
            require(1 <= len(block["elements"]) <= 10, "context elements")


def check_pagerduty(body):
    require(body["event_action"] in ("trigger", "acknowledge", "resolve"), "event_action")
    require(isinstance(body["routing_key"], str) and body["routing_key"], "routing_key")
    require(1 <= len(body["dedup_key"]) <= 255, "dedup_key")
    payload = body["payload"]
    require(1 <= len(payload["summary"]) <= 1_024, "summary")
    require(payload["severity"] in ("critical", "error", "warning", "info"), "severity")
    require(payload["source"], "source")


def check_otlp(body):
    for resource in body["resourceLogs"]:
        for scope in resource["scopeLogs"]:
            for record in scope["logRecords"]:
                require(record["timeUnixNano"].isdigit(), "timeUnixNano is no string of digits")
                require(1 <= record["severityNumber"] <= 24, "severityNumber")
                require(len(record["body"]) == 1, "body is not one value")
                for attribute in record["attributes"]:
                    require(attribute["key"] and len(attribute["value"]) == 1, "attribute")


CHECKS = {"/slack": check_slack, "/pagerduty": check_pagerduty, "/otlp": check_otlp}


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes POST on any path."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            body = json.loads(text)
            CHECKS.get(self.path, lambda _: None)(body)
        except (ValueError, KeyError, TypeError) as wrong:
            self.reply(400, f"{type(wrong).__name__}: {wrong}".encode())
            return
        self.server.keep({"path": self.path, "body": body})
        self.reply(200, b"{}")

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """With the file that everything goes to."""

    def __init__(self, port, path):
        super().__init__(("127.0.0.1", port), Collector)
        self.file = open(path, "ab", buffering=0)
        self.lock = threading.Lock()

    def keep(self, record):
        # By one call of the system, so that being killed tears no line.
        with self.lock:
            self.file.write(json.dumps(record).encode() + b"\n")

    def handle_error(self, *_):
        pass


def main():
    certificate, key, port, path = sys.argv[1:]
    server = Server(int(port), path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
