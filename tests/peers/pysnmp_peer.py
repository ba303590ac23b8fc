"""pysnmp as a peer: the one of Debian's tools that speaks 3DES.

    pysnmp_peer.py trap|inform PORT AUTH PRIV     sends one linkUp to 127.0.0.1, user `py-AUTH-PRIV`
    pysnmp_peer.py receive PORT ENGINE            prints `ready`, then a line for each notification

An inform that is not acknowledged exits 1. The passwords are those of v3_users.h.
"""

import sys

from pysnmp import hlapi
from pysnmp.carrier.asyncore.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.proto import rfc1902

AUTH_PASSWORD = "auth-password-of-all"
PRIV_PASSWORD = "priv-password-of-all"
AUTH = {
    "md5": config.usmHMACMD5AuthProtocol,
    "sha1": config.usmHMACSHAAuthProtocol,
    "sha224": config.usmHMAC128SHA224AuthProtocol,
    "sha256": config.usmHMAC192SHA256AuthProtocol,
    "sha384": config.usmHMAC256SHA384AuthProtocol,
    "sha512": config.usmHMAC384SHA512AuthProtocol,
}
PRIV = {"3des": config.usm3DESEDEPrivProtocol, "aes128": config.usmAesCfb128Protocol}


def send(kind, port, auth, priv):
    """One linkUp; true when nothing went wrong."""
    user = hlapi.UsmUserData(
        f"py-{auth}-{priv}", AUTH_PASSWORD, PRIV_PASSWORD, AUTH[auth], PRIV[priv]
    )
    error, status, _, _ = next(
        hlapi.sendNotification(
            hlapi.SnmpEngine(),
            user,
            hlapi.UdpTransportTarget(("127.0.0.1", port), timeout=5, retries=0),
            hlapi.ContextData(),
            kind,
            hlapi.NotificationType(hlapi.ObjectIdentity("1.3.6.1.6.3.1.1.5.4")),
        )
    )
    if error or status:
        print(error or status, file=sys.stderr)
    return not (error or status)


def receive(port, trap_engine):
    """Users of every auth protocol with 3DES, for our informs and the traps of `trap_engine`."""
    receiver = engine.SnmpEngine()
    config.addTransport(
        receiver, udp.domainName, udp.UdpTransport().openServerMode(("127.0.0.1", port))
    )
    for name, auth in AUTH.items():
        keys = (auth, AUTH_PASSWORD, PRIV["3des"], PRIV_PASSWORD)
        config.addV3User(receiver, f"py-{name}-3des", *keys)
        config.addV3User(
            receiver, f"py-{name}-3des", *keys,
            securityEngineId=rfc1902.OctetString(hexValue=trap_engine),
        )

    def note(_engine, _reference, _context_engine, _context, varbinds, _data):
        print(" ".join(str(value) for _, value in varbinds), flush=True)

    ntfrcv.NotificationReceiver(receiver, note)
    receiver.transportDispatcher.jobStarted(1)
    print("ready", flush=True)
    receiver.transportDispatcher.runDispatcher()


def main():
    verb, port = sys.argv[1], int(sys.argv[2])
    if verb == "receive":
        receive(port, sys.argv[3])
        return 0
    return 0 if send(verb, port, *sys.argv[3:5]) else 1


if __name__ == "__main__":
    sys.exit(main())
