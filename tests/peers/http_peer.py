"""An HTTP server that answers every POST with the status that a file says, if it says one.

usage: http_peer.py STATUS_FILE

Prints its port, then the Idempotency-Key of each request that it answered with 2xx.
"""

import http.server
import pathlib
import sys


class Peer(http.server.BaseHTTPRequestHandler):
    """Answers 200 unless told otherwise."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status = int(pathlib.Path(sys.argv[1]).read_text() or "200")
        if status < 300:
            print(self.headers.get("Idempotency-Key"), flush=True)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
