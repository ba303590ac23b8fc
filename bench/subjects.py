"""The receivers that are measured: how each is started, asked what it wrote, and ended."""

import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import load

START_SECS = 30
STOP_SECS = 60
IDLE_SECS = 180


def free_port():
    """A UDP port on loopback that nobody has bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def count_in_file(path, needle):
    """How often `needle` stands in the file."""
    count, tail = 0, b""
    with open(path, "rb") as file:
        while chunk := file.read(1 << 22):
            data = tail + chunk
            count += data.count(needle)
            tail = data[len(data) - len(needle) + 1 :] if len(needle) > 1 else b""
    return count


class Receiver:
    """One receiver process with its own port and directory. Use as a context."""

    name = ""
    traps = load.TRAPS  # what it is sent when it is sent traps

    def __init__(self, bench):
        self.bench = bench
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix=f"{self.name}-", dir=bench.directory)
        self.output = os.path.join(self.directory, "output")
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def target(self):
        return f"127.0.0.1:{self.port}"

    def spawn(self, command, **options):
        with open(os.path.join(self.directory, "stderr"), "wb") as log:
            self.process = subprocess.Popen(command, stderr=log, cwd=self.directory, **options)

    def wait_until(self, condition, what, secs=START_SECS):
        """Waits until `condition()`, or fails with what the process said."""
        deadline = time.monotonic() + secs
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.directory, "stderr"), encoding="utf-8") as log:
                    raise RuntimeError(f"{self.name}: not {what}: {log.read()[-2000:]}")
            time.sleep(0.02)

    def is_bound(self):
        return self.socket_line() is not None

    def socket_line(self):
        """This receiver's columns in the kernel's table of UDP sockets."""
        local = f"0100007F:{self.port:04X}"
        with open("/proc/net/udp", encoding="ascii") as table:
            for line in table:
                columns = line.split()
                if columns[1] == local:
                    return columns
        return None

    def cpu_secs(self):
        """User and system time of all threads, in the scheduler's nanoseconds."""
        total = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(path, encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def wait_idle(self):
        """Waits until socket and process have come to rest; returns the process's CPU time."""
        deadline = time.monotonic() + IDLE_SECS
        quiet, before = 0, self.cpu_secs()
        while quiet < 4:
            time.sleep(0.25)
            now = self.cpu_secs()
            line = self.socket_line()
            empty = line is None or line[4].split(":")[1] == "00000000"
            quiet = quiet + 1 if empty and now - before < 0.0075 else 0
            before = now
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: still busy after {IDLE_SECS} s")
        return before

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.returncode not in (0, -signal.SIGTERM):
            raise RuntimeError(f"{self.name}: ended with {self.process.returncode}")

    def start(self):
        """Starts the process and waits until it receives."""
        raise NotImplementedError

    def written(self):
        """How many notifications stand in its output. After `stop`."""
        return count_in_file(self.output, b"\n")


class Floor(Receiver):
    """bench/floor.cc."""

    name = "floor"
    program = "floor"

    def start(self):
        command = [self.bench.program(self.program), self.target, self.output]
        self.spawn(command, stdout=subprocess.DEVNULL)
        self.wait_until(self.is_bound, "bound")


class InformFloor(Floor):
    """bench/inform_floor.cc. What it wrote cannot be counted."""

    name = "inform_floor"
    program = "inform_floor"


class Trapline(Receiver):
    """`trapline run` with its journal on the disk and one file sink of JSON lines."""

    name = "trapline"
    sections = ""  # further ones of the configuration
    more_sinks = ""  # lines of `sinks`

    def start(self, late_sink=False):
        """Starts it, or again on the same data; perhaps with a sink that can be blocked."""
        data = os.path.join(self.directory, "data")
        self.config = os.path.join(self.directory, "trapline.yaml")
        ready = os.path.join(self.directory, "ready")
        late = f"  late: {{ {self.late_sink} }}\n"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(
                f"node: bench\ndata_dir: {data}\n"
                f"listeners:\n  - udp: {self.target}\n"
                "communities:\n  - { name: bench, community: public }\n"
                + self.sections +
                f"sinks:\n  archive: {{ type: file, path: {self.output}, format: json }}\n"
                + (late if late_sink else "") + self.more_sinks
            )
        if os.path.exists(ready):
            os.unlink(ready)
        command = [self.bench.binary, "run", "--config", self.config]
        self.spawn(command + ["--ready-file", ready, "--stats-secs", "5"])
        self.wait_until(lambda: os.path.exists(ready), "ready")

    @property
    def late_sink(self):
        """The second sink."""
        return f"type: file, path: {self.late_output}, format: json"

    @property
    def late_output(self):
        """Where the second sink writes."""
        return os.path.join(self.directory, "late", "output")

    def block_late_sink(self, blocked):
        """Puts a file where the second sink needs a directory, or the directory."""
        directory = os.path.dirname(self.late_output)
        if blocked:
            with open(directory, "w", encoding="utf-8"):
                pass
        else:
            os.unlink(directory)
            os.mkdir(directory)

    def wait_written(self, events):
        """Waits until the file sink has delivered so many, or nothing more comes."""
        delivered, deadline = -1, time.monotonic() + IDLE_SECS
        while delivered < events and time.monotonic() < deadline:
            time.sleep(0.5)
            now = next(s["delivered"] for s in self.status()["sinks"] if s["name"] == "archive")
            if now != delivered:
                deadline = time.monotonic() + 5
            delivered = now

    def status(self):
        """What `trapline status` says."""
        command = [self.bench.binary, "status", "--config", self.config, "--json"]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


class TraplineV3(Trapline):
    """The same for traps of SNMPv3, authPriv by SHA-256 and AES-128."""

    name = "trapline-v3"
    traps = load.V3_TRAPS
    sections = (
        "v3:\n  users:\n    - { name: bench, auth: sha256, priv: aes128, "
        f"auth_password: {load.V3_AUTH_PASSWORD}, priv_password: {load.V3_PRIV_PASSWORD} }}\n"
    )


class Snmptrapd(Receiver):
    """Debian's snmptrapd at its best tuning."""

    name = "snmptrapd"
    users = ""  # lines of its configuration

    def start(self):
        settings = {
            "snmp.conf": "serverRecvBuf 4194304\nmibs :\n",
            "snmptrapd.conf": "doNotRetainNotificationLogs yes\ndisableAuthorization yes\n"
            "authCommunity log public\n" + self.users,
        }
        for name, text in settings.items():
            with open(os.path.join(self.directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        environment = dict(
            os.environ, SNMPCONFPATH=self.directory, SNMP_PERSISTENT_DIR=self.directory, MIBS=""
        )
        program = shutil.which("snmptrapd", path=os.environ["PATH"] + ":/usr/sbin")
        command = [program, "-f", "-n", "-On", "-Lf", self.output, f"udp:{self.target}"]
        self.spawn(command, env=environment, stdout=subprocess.DEVNULL)
        self.wait_until(self.is_bound, "bound")

    def written(self):
        return count_in_file(self.output, b'"tl-')


class SnmptrapdV3(Snmptrapd):
    """The same for traps of SNMPv3, by the same user."""

    name = "snmptrapd-v3"
    traps = load.V3_TRAPS
    users = (
        f"createUser -e 0x{load.V3_ENGINE} bench SHA-256 {load.V3_AUTH_PASSWORD} "
        f"AES {load.V3_PRIV_PASSWORD}\n"
    )
