// The same datagrams through the real snmptrapd (Debian's snmptrapd package) and through us: its
// log and our text must be the same, but for the host name, which we do not look up.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "sinks/snmptrapd_text.h"
#include "tests/sinks/test_event.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/wire.h"

namespace trapline::sinks {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

constexpr int kPatienceMs = 10'000;
constexpr int kResendMs = 100;

// The few facts of the standard modules that the datagrams below need.
constexpr std::string_view kSmi = R"(SNMPv2-SMI DEFINITIONS ::= BEGIN
org OBJECT IDENTIFIER ::= { iso 3 }
dod OBJECT IDENTIFIER ::= { org 6 }
internet OBJECT IDENTIFIER ::= { dod 1 }
mgmt OBJECT IDENTIFIER ::= { internet 2 }
mib-2 OBJECT IDENTIFIER ::= { mgmt 1 }
private OBJECT IDENTIFIER ::= { internet 4 }
enterprises OBJECT IDENTIFIER ::= { private 1 }
snmpV2 OBJECT IDENTIFIER ::= { internet 6 }
snmpModules OBJECT IDENTIFIER ::= { snmpV2 3 }
END
)";
constexpr std::string_view kSnmpMib = R"(SNMPv2-MIB DEFINITIONS ::= BEGIN
IMPORTS OBJECT-TYPE, NOTIFICATION-TYPE, TimeTicks, snmpModules, mib-2 FROM SNMPv2-SMI;
system OBJECT IDENTIFIER ::= { mib-2 1 }
sysUpTime OBJECT-TYPE SYNTAX TimeTicks MAX-ACCESS read-only STATUS current DESCRIPTION ""
  ::= { system 3 }
snmpMIB OBJECT IDENTIFIER ::= { snmpModules 1 }
snmpMIBObjects OBJECT IDENTIFIER ::= { snmpMIB 1 }
snmpTrap OBJECT IDENTIFIER ::= { snmpMIBObjects 4 }
snmpTrapOID OBJECT-TYPE SYNTAX OBJECT IDENTIFIER MAX-ACCESS accessible-for-notify
  STATUS current DESCRIPTION "" ::= { snmpTrap 1 }
snmpTraps OBJECT IDENTIFIER ::= { snmpMIBObjects 5 }
END
)";
constexpr std::string_view kIfMib = R"(IF-MIB DEFINITIONS ::= BEGIN
IMPORTS OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, mib-2 FROM SNMPv2-SMI
  snmpTraps FROM SNMPv2-MIB;
DisplayString ::= TEXTUAL-CONVENTION DISPLAY-HINT "255a" STATUS current DESCRIPTION ""
  SYNTAX OCTET STRING (SIZE (0..255))
PhysAddress ::= TEXTUAL-CONVENTION DISPLAY-HINT "1x:" STATUS current DESCRIPTION ""
  SYNTAX OCTET STRING
interfaces OBJECT IDENTIFIER ::= { mib-2 2 }
ifTable OBJECT-TYPE SYNTAX SEQUENCE OF IfEntry MAX-ACCESS not-accessible STATUS current
  DESCRIPTION "" ::= { interfaces 2 }
ifEntry OBJECT-TYPE SYNTAX IfEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION ""
  INDEX { ifIndex } ::= { ifTable 1 }
IfEntry ::= SEQUENCE { ifIndex Integer32 }
ifIndex OBJECT-TYPE SYNTAX Integer32 MAX-ACCESS read-only STATUS current DESCRIPTION ""
  ::= { ifEntry 1 }
ifDescr OBJECT-TYPE SYNTAX DisplayString MAX-ACCESS read-only STATUS current DESCRIPTION ""
  ::= { ifEntry 2 }
ifPhysAddress OBJECT-TYPE SYNTAX PhysAddress MAX-ACCESS read-only STATUS current DESCRIPTION ""
  ::= { ifEntry 6 }
ifAdminStatus OBJECT-TYPE SYNTAX INTEGER { up(1), down(2), testing(3) } MAX-ACCESS read-write
  STATUS current DESCRIPTION "" ::= { ifEntry 7 }
linkDown NOTIFICATION-TYPE OBJECTS { ifIndex } STATUS current DESCRIPTION "" ::= { snmpTraps 3 }
linkUp NOTIFICATION-TYPE OBJECTS { ifIndex } STATUS current DESCRIPTION "" ::= { snmpTraps 4 }
END
)";

// A UDP socket on a free loopback port.
class LoopbackSocket {
 public:
  LoopbackSocket() : number_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    EXPECT_EQ(::bind(number_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(number_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;
  ~LoopbackSocket() { ::close(number_); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void send(const Octets& datagram, std::uint16_t to) const {
    const sockaddr_in address = loopback(to);
    ::sendto(number_, datagram.data(), datagram.size(), 0,
             reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  const int number_;
  std::uint16_t port_ = 0;
};

// A snmptrapd that logs to a pipe; ended by its pid.
class Snmptrapd {
 public:
  explicit Snmptrapd(std::uint16_t port) : listen_("udp:127.0.0.1:" + std::to_string(port)) {
    mibs_.write("mibs/SNMPv2-SMI.txt", kSmi);
    mibs_.write("mibs/SNMPv2-MIB.txt", kSnmpMib);
    mibs_.write("mibs/IF-MIB.txt", kIfMib);
    const std::string configuration = mibs_.write("conf", "disableAuthorization yes\n");
    const std::string modules = mibs_ / "mibs";
    const std::string state = "--persistentDir=" + mibs_.path();
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    output_ = ends[0];
    std::vector<std::string> words = {"snmptrapd", "-f",          "-n",   "-Lo",   "-C",
                                      "-c",        configuration, "-M",   modules, "-m",
                                      "ALL",       state,         listen_};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    EXPECT_EQ(
        ::posix_spawn(&pid_, "/usr/sbin/snmptrapd", &actions, nullptr, arguments.data(), environ),
        0)
        << "is the package snmptrapd installed?";
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
  }
  Snmptrapd(const Snmptrapd&) = delete;
  Snmptrapd& operator=(const Snmptrapd&) = delete;
  ~Snmptrapd() {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(output_);
  }

  // The log up to and including `mark`, sending again and again until it has come.
  template <class Send>
  std::string log_until(std::string_view mark, Send send) {
    for (int waited = 0; waited < kPatienceMs; waited += kResendMs) {
      send();
      pollfd readable{output_, POLLIN, 0};
      while (::poll(&readable, 1, kResendMs) > 0) {
        std::array<char, 4'096> some;
        const ssize_t got = ::read(output_, some.data(), some.size());
        if (got <= 0) return log_;
        log_.append(some.data(), static_cast<std::size_t>(got));
        if (log_.find(mark) != std::string::npos) return std::exchange(log_, {});
      }
    }
    return log_;
  }

 private:
  const std::string listen_;
  ScratchDirectory mibs_;
  pid_t pid_ = 0;
  int output_ = -1;
  std::string log_;
};

Octets every_value() {
  return v2c_trap({varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)),
                   varbind("1.3.6.1.2.1.2.2.1.7.7", integer(1)),
                   varbind("1.3.6.1.2.1.2.2.1.7.8", integer(3)),
                   varbind("1.3.6.1.2.1.2.2.1.2.7", octet_string("eth \"0\" \\ ü")),
                   varbind("1.3.6.1.2.1.2.2.1.2.8", octet_string("")),
                   varbind("1.3.6.1.2.1.2.2.1.6.7", hex("04 06 00 1b 44 11 3a b7")),
                   varbind("1.3.6.1.4.1.9.1", tlv(0x42, hex("05"))),
                   varbind("1.3.6.1.4.1.9.2", tlv(0x41, hex("06"))),
                   varbind("1.3.6.1.4.1.9.3", time_ticks(1)),
                   varbind("1.3.6.1.4.1.9.4", time_ticks(12'345'678)),
                   varbind("1.3.6.1.4.1.9.5", tlv(0x40, hex("0a 01 02 03"))),
                   varbind("1.3.6.1.4.1.9.6", oid("1.3.6.1.6.3.1.1.5.4")),
                   varbind("1.3.6.1.4.1.9.7", oid("1.3.6.1.4.1.9")),
                   varbind("1.3.6.1.4.1.9.8", tlv(0x46, hex("00 ff ff ff ff ff ff ff ff"))),
                   varbind("1.3.6.1.4.1.9.9", hex("05 00")),
                   varbind("1.3.6.1.4.1.9.10", integer(-5)),
                   varbind("1.3.6.1.4.1.9.11", tlv(0x44, hex("9f 78 04 3f c0 00 00"))),
                   varbind("1.3.6.1.4.1.9.12", tlv(0x44, hex("9f 79 08 40 02 00 00 00 00 00 00"))),
                   varbind("1.3.6.1.4.1.9.13", tlv(0x44, hex("9f 7a 01 b3"))),
                   varbind("1.3.6.1.4.1.9.14", tlv(0x44, hex("9f 7b 01 58"))),
                   varbind("1.3.6.1.4.1.9.15", octet_string("plain \"text\" \\")),
                   varbind("1.3.6.1.4.1.9.16", octet_string("")),
                   varbind("1.3.6.1.4.1.9.17", hex("04 03 00 01 ff")),
                   varbind("1.3.6.1.4.1.9.18", octet_string("ünï")),
                   varbind("1.3.6.1.4.1.9.19", hex("80 00")),
                   varbind("1.3.6.1.4.1.9.20", hex("81 00")),
                   varbind("1.3.6.1.4.1.9.21", hex("82 00")),
                   varbind("1.0.8802.1", integer(1)),
                   varbind("2.5.4", integer(1)),
                   varbind("1.3.6.1.4.1.9.99", octet_string("the last"))});
}

Octets v1_trap(std::int64_t generic, std::int64_t specific, const Octets& varbinds) {
  return message(0, pdu_v1({.generic = generic, .specific = specific, .varbinds = varbinds}));
}

class SnmptrapdPeer : public testing::Test {
 protected:
  // What snmptrapd logs for `datagram`, from behind the host name on; `mark` ends it.
  std::string theirs(const Octets& datagram, std::string_view from, std::string_view mark) {
    std::string log = snmptrapd_.log_until(mark, [&] { sender_.send(datagram, port_); });
    const std::size_t begin = log.find(from);
    const std::size_t end = log.find(mark, begin == std::string::npos ? 0 : begin);
    EXPECT_NE(begin, std::string::npos) << log;
    EXPECT_NE(end, std::string::npos) << log;
    if (begin == std::string::npos || end == std::string::npos) return log;
    return log.substr(begin, end + mark.size() - begin);
  }
  std::string ours(const Octets& datagram, std::string_view from) {
    TestEvent event(datagram, "x");
    const auto loopback = base::IpAddress::v4({127, 0, 0, 1});
    event.event.message.peer = {loopback, sender_.port()};
    event.event.message.local = {loopback, port_};
    event.event.message.community = "public";  // as configured, by coincidence
    std::string out;
    append_snmptrapd_text(event.event, protocol::mib::MibIndex::built_in(), out);
    const std::size_t begin = out.find(from);
    EXPECT_NE(begin, std::string::npos) << out;
    return begin == std::string::npos ? out : out.substr(begin) + "\n";
  }

  static std::uint16_t free_port() { return LoopbackSocket().port(); }

  const std::uint16_t port_ = free_port();
  LoopbackSocket sender_;
  Snmptrapd snmptrapd_{port_};
};

TEST_F(SnmptrapdPeer, V2cLinesAreTheSame) {
  const Octets datagram = every_value();
  EXPECT_EQ(ours(datagram, "[UDP: "), theirs(datagram, "[UDP: ", "\"the last\"\n"));
}

TEST_F(SnmptrapdPeer, V1LinesAreTheSame) {
  const Octets specific = v1_trap(6, 17, varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)));
  EXPECT_EQ(ours(specific, "192.0.2.1"), theirs(specific, "192.0.2.1", "INTEGER: 7\n"));
  const Octets generic = v1_trap(2, 0, varbind("1.3.6.1.2.1.2.2.1.1.7", integer(8)));
  EXPECT_EQ(ours(generic, "192.0.2.1"), theirs(generic, "192.0.2.1", "INTEGER: 8\n"));
  const Octets bare = v1_trap(0, 0, {});
  EXPECT_EQ(ours(bare, "192.0.2.1"), theirs(bare, "192.0.2.1", "Uptime: 0:00:47.11\n\n"));
}

}  // namespace
}  // namespace trapline::sinks
