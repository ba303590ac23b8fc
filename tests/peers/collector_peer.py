"""An HTTPS server that keeps what it is sent: one JSON line per request, {"path": , "body": }, in
FILE, written before it answers. What breaks the published limits of the destination that the path
names (/slack, /pagerduty: see webhook_checks.py) is answered 400 with the reason and not kept.
Prints its port once it listens.

usage: collector_peer.py CERTIFICATE KEY PORT FILE
"""

import http.server
import json
import ssl
import sys
import threading

import webhook_checks


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes POST on any path."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            body = webhook_checks.parse(text)
            webhook_checks.check(self.path.split("/")[1], body)
        except (ValueError, KeyError, TypeError) as wrong:
            self.reply(400, f"{type(wrong).__name__}: {wrong}".encode())
            return
        self.server.keep({"path": self.path, "body": body})
        self.reply(200, b"{}")

    do_PUT = do_POST

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
