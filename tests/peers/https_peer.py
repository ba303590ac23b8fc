"""An HTTPS server whose path says how it behaves. Prints its port once it listens.

usage: https_peer.py CERTIFICATE KEY
"""

import http.server
import ssl
import sys
import time


class Peer(http.server.BaseHTTPRequestHandler):
    """Answers POST /status/N, /retry/N/SECONDS, /redirect, /slow, /long, /echo and /method."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        words = self.path.strip("/").split("/")
        if words[0] == "slow":
            self.dribble()
        elif words[0] == "redirect":
            self.reply(302, b"", {"Location": "/status/200"})
        elif words[0] == "retry":
            self.reply(int(words[1]), b"later", {"Retry-After": words[2]})
        elif words[0] == "method":
            self.reply(200, self.command.encode(), {})
        elif words[0] == "long":
            self.reply(200, b"x" * 3_000_000, {})
        elif words[0] == "echo":
            self.reply(200, self.headers.get(words[1], "").encode() + b"|" + body, {})
        else:
            self.reply(int(words[1]), b"said " + words[1].encode(), {})

    do_PUT = do_PATCH = do_POST

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def dribble(self):
        """An octet now and then, for longer than any patience."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(300):
                self.wfile.write(b".")
                time.sleep(0.05)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.handle_error = lambda *_: None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
