"""A syslog receiver that reads as RFC 5424 is written, and not a bit more kindly.

usage: syslog_peer.py udp|tcp|tls PORT [CERTIFICATE KEY]

Prints the port it listens on, then one line of JSON for each message: its parts, or {"error": WHY}
when it is none. TCP and TLS messages are framed by their octet count (RFC 6587, RFC 5425). Told
to end (SIGTERM) it says over TCP that it has nothing more to say, and reads until the sender has
noticed.
"""

import json
import re
import signal
import socket
import ssl
import sys

NAME = r'[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}'
HEADER = re.compile(
    r'<(0|[1-9]\d{0,2})>1 '
    r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) '
    r'([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) ')
ELEMENT = re.compile(r'\[(' + NAME + r')')
PARAMETER = re.compile(r' (' + NAME + r')="((?:[^"\\\]]|\\["\\\]])*)"', re.S)
CONTROL = re.compile('[\x00-\x1f\x7f-\x9f\u2028\u2029]')


class Malformed(Exception):
    """Not a syslog message."""


def structured_data(text):
    """The elements at the start of `text`, and what follows them."""
    if text.startswith('-'):
        return {}, text[1:]
    elements = {}
    while text.startswith('['):
        head = ELEMENT.match(text)
        if not head or head[1] in elements:
            raise Malformed('structured data: ' + text[:80])
        elements[head[1]] = parameters = {}
        text = text[head.end():]
        while parameter := PARAMETER.match(text):
            parameters[parameter[1]] = re.sub(r'\\(["\\\]])', r'\1', parameter[2])
            text = text[parameter.end():]
        if not text.startswith(']'):
            raise Malformed('structured data: ' + text[:80])
        text = text[1:]
    if not elements:
        raise Malformed('no structured data: ' + text[:80])
    return elements, text


def parse(octets):
    text = octets.decode('utf-8', errors='surrogateescape')
    header = HEADER.match(text)
    if not header or int(header[1]) > 191:
        raise Malformed('header: ' + text[:80])
    elements, rest = structured_data(text[header.end():])
    if rest and not rest.startswith(' '):
        raise Malformed('after structured data: ' + rest[:80])
    body = rest[1:].encode('utf-8', errors='surrogateescape')
    with_bom = body.startswith(b'\xef\xbb\xbf')
    if not with_bom and not body.isascii():
        raise Malformed('neither ASCII nor a BOM')
    octets.decode('utf-8')  # strictly, now
    message = body.decode('utf-8-sig')
    if CONTROL.search(text):
        raise Malformed('a control character')
    return {'pri': int(header[1]), 'time': header[2], 'host': header[3], 'app': header[4],
            'proc': header[5], 'id': header[6], 'sd': elements, 'bom': with_bom, 'msg': message,
            'octets': len(octets)}


def tell(octets):
    try:
        parts = parse(octets)
    except (Malformed, UnicodeError) as problem:
        parts = {'error': str(problem)}
    print(json.dumps(parts), flush=True)


def read_frames(connection):
    """Frames of one connection, until its end."""
    stream = connection.makefile('rb')
    while True:
        digits = b''
        while (octet := stream.read(1)).isdigit():
            digits += octet
        if not octet and not digits:
            return
        if octet != b' ' or not digits or digits.startswith(b'0'):
            print(json.dumps({'error': 'framing'}), flush=True)
            return
        frame = stream.read(int(digits))
        if len(frame) != int(digits):
            return
        tell(frame)


class Ending:
    """What SIGTERM does: nobody new is let in, and who is there is read to the end."""

    def __init__(self, server):
        self.server = server
        self.connection = None
        self.wanted = False
        signal.signal(signal.SIGTERM, self.begin)

    def begin(self, *_):
        self.wanted = True
        self.server.close()
        if not self.connection:
            sys.exit(0)
        self.connection.shutdown(socket.SHUT_WR)


def serve(server, context):
    """One connection after the other."""
    ending = Ending(server)
    while not ending.wanted:
        connection = server.accept()[0]
        try:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            ending.connection = connection
            read_frames(connection)
        except OSError:
            pass
        ending.connection = None
        connection.close()


def main():
    transport, port = sys.argv[1], int(sys.argv[2])
    kind = socket.SOCK_DGRAM if transport == 'udp' else socket.SOCK_STREAM
    server = socket.socket(socket.AF_INET, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(('127.0.0.1', port))
    if transport != 'udp':
        server.listen()
    print(server.getsockname()[1], flush=True)
    while transport == 'udp':
        tell(server.recv(65536))
    context = None
    if transport == 'tls':
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
    serve(server, context)


main()
