"""Who may include whom, and which folder a third-party library is confined to."""

import re

FOLDERS = ("base", "protocol", "rules", "sinks", "gateway")
FREE = ("tests", "bench", "generated")  # may include anything; only `generated` is included by all
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]')

# Seen of a folder from further right, where it is not all of it.
NARROWED = {("sinks", "rules"): ("rules/routed_trap.h",)}

# (library, its headers, the paths that may include them)
CONFINED = (
    ("Multi-Buffer Crypto", r"intel-ipsec-mb\.h$", r"protocol/usm/"),
    ("OpenSSL", r"openssl/", r"protocol/usm/|sinks/net/"),
    ("RE2", r"re2/", r"rules/(condition|template)\.cc$"),
    ("librdkafka", r"librdkafka/", r"sinks/kafka_[a-z]*\.cc$"),
    ("cpp-httplib", r"httplib\.h", r"sinks/net/http_client\.cc$"),
    (
        "nlohmann/json",
        r"nlohmann/",
        r"gateway/(config|admin|commands)/|gateway/[^/]*status[^/]*$|sinks/webhook",
    ),
    ("Boost.Asio and Beast", r"boost/(asio|beast)", r"gateway/|sinks/net/"),
    ("yaml-cpp", r"yaml-cpp/", r"gateway/config/"),
    ("ISA-L", r"isa-l", r"gateway/journal/"),
    ("xxHash", r"xxh", r"gateway/journal/"),
    ("zstd", r"zstd", r"gateway/journal/|sinks/file_sink[^/]*\.cc$"),
    ("CLI11", r"CLI/", r"gateway/commands/|gateway/main\.cc$"),
    ("libnetsnmp", r"net-snmp/", r"protocol/mib/compiler/"),
)

# protocol and rules are pure: bytes and time in, values out.
PURE = ("protocol/", "rules/")
_IMPURE = re.compile(
    r"(thread|mutex|shared_mutex|condition_variable|future|fstream|iostream|filesystem|random"
    r"|unistd\.h|fcntl\.h|poll\.h|time\.h|ctime|(sys|net|netinet|arpa|linux)/.*)$"
)


def _direction(path, included):
    folder, target = path.split("/")[0], included.split("/")[0]
    if target == "generated":
        return "" if folder == "gateway" else "generated headers are for gateway/ only"
    if target in ("tests", "bench"):
        return f"{folder}/ must not include {target}/"
    if target not in FOLDERS:
        return f'"{included}" is not the path from the root of a file of ours'
    if FOLDERS.index(target) > FOLDERS.index(folder):
        return f"{folder}/ must not include {target}/ ({' <- '.join(FOLDERS)})"
    allowed = NARROWED.get((folder, target))
    if allowed and included not in allowed:
        return f"{folder}/ may include only {', '.join(allowed)} of {target}/"
    return ""


def _confinement(path, included):
    for library, header, allowed in CONFINED:
        if re.match(header, included) and not re.match(allowed, path):
            return f"<{included}>: {library} is confined to {allowed}"
    if path.startswith(PURE) and "compiler/" not in path and _IMPURE.match(included):
        return f"<{included}>: {path.split('/')[0]}/ is pure: no I/O, thread, clock or chance"
    return ""


def check(source):
    """Yields (line, message) for the includes of one C++ file."""
    if source.path.split("/")[0] not in FOLDERS:
        return
    for number, line in enumerate(source.lines, 1):
        match = _INCLUDE.match(line)
        if not match or number in source.comment_lines:
            continue
        quoted, included = match.group(1) == '"', match.group(2)
        message = _direction(source.path, included) if quoted else ""
        message = message or _confinement(source.path, included)
        if message:
            yield number, message
