"""A syslog receiver that reads as RFC 5424 is written, and not a bit more kindly.

usage: syslog_peer.py udp|tcp|tls PORT [CERTIFICATE KEY [CLIENT_CA]]

Prints the port it listens on, then one line of JSON for each message: its parts, or {"error": WHY}
when it is none. TCP and TLS messages are framed by their octet count (RFC 6587, RFC 5425). A
connection is served to its end before the next one, and closed; {"ended": HOW} if it ended within
a message or without the closure alert of TLS. With a fourth file, TLS wants a client certificate
signed by that. Told to end it shuts the connection down: at once, whatever it has not read
(SIGTERM), or as its protocol wants it (SIGUSR1).
"""

import json
import os
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


class Tls:
    """What a TLS client sends, from its octets; handing them in does not take them off the wire."""

    def __init__(self, context, connection):
        self.connection = connection
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.shaken = False

    def text(self, octets):
        """The text in `octets`, and whether the client has said that it was the last."""
        self.incoming.write(octets)
        text, ended = b'', False
        try:
            if not self.shaken:
                self.session.do_handshake()
                self.shaken = True
            while piece := self.session.read(65536):
                text += piece
            ended = True
        except ssl.SSLWantReadError:
            pass
        finally:
            self.answer()
        return text, ended

    def close(self):
        """The closure alert that RFC 5425 asks for."""
        try:
            self.session.unwrap()
        except (ssl.SSLWantReadError, ssl.SSLError):
            pass
        self.answer()

    def answer(self):
        if octets := self.outgoing.read():
            self.connection.sendall(octets)


def tell_frames(text):
    """Tells the whole frames at the start of `text`; returns the rest, None if it is no frame."""
    while frame := re.match(rb'([1-9]\d*) ', text):
        end = frame.end() + int(frame[1])
        if len(text) < end:
            return text
        tell(text[frame.end():end])
        text = text[end:]
    if re.fullmatch(rb'([1-9]\d*)?', text):
        return text
    print(json.dumps({'error': 'framing'}), flush=True)
    return None


def tell_end(how):
    if how:
        print(json.dumps({'ended': how}), flush=True)


def read_frames(connection, context):
    """Frames of one connection, until its end. An octet is taken off the wire once what it says has
    been told: whoever kills this leaves what was not told unread."""
    tls = Tls(context, connection) if context else None
    if tls:
        signal.signal(signal.SIGUSR1, lambda *_: (tls.close(), leave(connection)))
    text, ended = b'', False
    while text is not None and not ended:
        octets = connection.recv(65536, socket.MSG_PEEK)
        if not octets:
            tell_end('torn' if text else 'no closure alert' if tls else None)
            return
        more, ended = tls.text(octets) if tls else (octets, False)
        text = tell_frames(text + more)
        connection.recv(len(octets))
    if ended:
        tell_end('torn' if text else None)
        tls.close()


def leave(connection):
    connection.shutdown(socket.SHUT_RDWR)
    os._exit(0)


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
        if len(sys.argv) > 5:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(sys.argv[5])
    while True:
        with server.accept()[0] as connection:
            signal.signal(signal.SIGTERM, lambda *_: leave(connection))
            signal.signal(signal.SIGUSR1, lambda *_: leave(connection))
            try:
                read_frames(connection, context)
            except OSError:
                pass


main()
