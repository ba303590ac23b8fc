// `trapline send`: one notification, as a device would send it.
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/inform_exchange.h"
#include "gateway/commands/udp_target.h"
#include "gateway/commands/varbind_argument.h"
#include "protocol/encode.h"
#include "protocol/translation.h"

namespace trapline::gateway {
namespace {

using protocol::PduKind;
using protocol::Version;
using protocol::mib::MibIndex;

// The command line, before it is checked.
struct SendOptions {
  std::string version = "v2c";
  std::string community = "public";
  std::optional<std::uint32_t> uptime;
  std::optional<std::string> enterprise;
  std::optional<std::string> agent_addr;
  std::optional<std::int32_t> generic;
  std::optional<std::int32_t> specific;
  unsigned timeout_ms = 1'000;
  unsigned retries = 1;
  bool json = false;
};

// What is to be sent. Owns what the datagram is made of.
struct Sending {
  PduKind pdu = PduKind::trap;
  Version version = Version::v2c;
  UdpTarget target;
  protocol::Oid trap_oid;
  std::deque<VarBindArgument> arguments;
  std::vector<protocol::VarBind> varbinds;
  std::optional<protocol::Oid> enterprise;
  std::optional<base::IpAddress> agent_addr;
  std::uint32_t uptime = 0;
  std::int32_t request_id = 0;
};

constexpr std::size_t kFixedWords = 3;  // trap|inform HOST NOTIFICATION

constexpr std::string_view kForm =
    "write: trapline send trap|inform [OPTIONS] HOST[:PORT] NOTIFICATION [NAME TYPE VALUE]...";

using Problem = std::optional<std::string>;

std::uint32_t system_uptime() {
  using Hundredths = std::chrono::duration<std::uint64_t, std::centi>;
  const auto since_boot = base::SystemClock().boot().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<Hundredths>(since_boot).count());
}

// A positive request-id: some receivers take it for unsigned.
std::int32_t fresh_request_id() {
  return static_cast<std::int32_t>(base::SystemRandom().next() & 0x7fff'ffffU);
}

Problem read_head(const std::vector<std::string>& words, Sending& sending) {
  if (words.size() < kFixedWords) return "something is missing; " + std::string(kForm);
  if (words[0] != "trap" && words[0] != "inform") {
    return "`" + words[0] + "` is neither trap nor inform; " + std::string(kForm);
  }
  sending.pdu = words[0] == "trap" ? PduKind::trap : PduKind::inform;
  const auto target = parse_udp_target(words[1]);
  if (!target) return target.error();
  sending.target = *target;
  const auto trap_oid = MibIndex::built_in().parse(words[2]);
  if (!trap_oid) {
    return "`" + words[2] + "` is not a notification the built-in MIB knows: write its OID";
  }
  sending.trap_oid = *trap_oid;
  return std::nullopt;
}

Problem read_varbinds(const std::vector<std::string>& words, Sending& sending) {
  if ((words.size() - kFixedWords) % 3 != 0) {
    return "variable bindings come in threes, NAME TYPE VALUE; " + std::string(kForm);
  }
  for (std::size_t i = kFixedWords; i < words.size(); i += 3) {
    auto argument =
        parse_varbind_argument(words[i], words[i + 1], words[i + 2], MibIndex::built_in());
    if (!argument) return argument.error();
    sending.arguments.push_back(std::move(*argument));
    sending.varbinds.push_back(sending.arguments.back().view());
  }
  return std::nullopt;
}

Problem read_v1_options(const SendOptions& options, Sending& sending) {
  const bool given =
      options.enterprise || options.agent_addr || options.generic || options.specific;
  if (sending.version == Version::v2c) {
    if (!given) return std::nullopt;
    return "--enterprise, --agent-addr, --generic and --specific are for --version v1";
  }
  if (sending.pdu == PduKind::inform) {
    return "SNMPv1 has no informs: send a trap, or leave --version v1 out";
  }
  if (options.enterprise) {
    sending.enterprise = MibIndex::built_in().parse(*options.enterprise);
    if (!sending.enterprise) return "--enterprise must be an OID, like 1.3.6.1.4.1.8072";
  }
  if (options.agent_addr) {
    sending.agent_addr = base::IpAddress::parse(*options.agent_addr);
    if (!sending.agent_addr || !sending.agent_addr->is_v4()) {
      return "--agent-addr must be an IPv4 address, like 192.0.2.1";
    }
  }
  return std::nullopt;
}

Problem read_command_line(const SendOptions& options, const std::vector<std::string>& words,
                          Sending& sending) {
  if (options.version != "v1" && options.version != "v2c") {
    return "--version is v1 or v2c, not `" + options.version + "`";
  }
  sending.version = options.version == "v1" ? Version::v1 : Version::v2c;
  sending.uptime = options.uptime ? *options.uptime : system_uptime();
  sending.request_id = fresh_request_id();
  if (Problem problem = read_head(words, sending)) return problem;
  if (Problem problem = read_varbinds(words, sending)) return problem;
  return read_v1_options(options, sending);
}

// RFC 3584 §3.2 makes the v1 fields of the notification; options replace some.
std::vector<std::byte> make_v1(const SendOptions& options, const Sending& sending,
                               const base::IpAddress& local) {
  protocol::TrapMessage message;
  message.trap_oid = sending.trap_oid;
  message.uptime = sending.uptime;
  message.agent = local;
  message.raw_varbinds = sending.varbinds;
  message.varbinds = sending.varbinds;
  const protocol::TranslatedV1 translated = protocol::to_v1(message);
  if (translated.left_out != 0) {
    fmt::print(stderr, "note: {} variable binding(s) left out: SNMPv1 has no Counter64\n",
               translated.left_out);
  }
  protocol::NotificationV1 notification;
  notification.enterprise = sending.enterprise ? sending.enterprise->view() : translated.enterprise;
  notification.agent_addr = sending.agent_addr.value_or(translated.agent_addr);
  notification.generic = options.generic.value_or(translated.generic);
  notification.specific = options.specific.value_or(translated.specific);
  notification.uptime = sending.uptime;
  notification.varbinds = translated.varbinds;
  std::vector<std::byte> datagram;
  protocol::encode_v1(notification, base::as_bytes(options.community), datagram);
  return datagram;
}

std::vector<std::byte> make_v2c(const SendOptions& options, const Sending& sending) {
  protocol::Notification notification;
  notification.pdu = sending.pdu;
  notification.request_id = sending.request_id;
  notification.uptime = sending.uptime;
  notification.trap_oid = sending.trap_oid;
  notification.varbinds = sending.varbinds;
  std::vector<std::byte> datagram;
  protocol::encode_v2c(notification, base::as_bytes(options.community), datagram);
  return datagram;
}

void print_json(std::string_view result, const Sending& sending, const ConnectedUdpSocket& socket,
                std::size_t size_bytes, const ExchangeResult* exchange) {
  std::string line;
  base::JsonWriter json(line);
  json.begin_object();
  json.key("result"), json.value(result);
  json.key("peer"), json.value(std::string_view(socket.peer().to_string()));
  json.key("bytes"), json.value(static_cast<std::uint64_t>(size_bytes));
  if (exchange != nullptr) {
    json.key("request_id"), json.value(sending.request_id);
    json.key("attempts"), json.value(static_cast<std::uint64_t>(exchange->attempts));
    if (exchange->response) {
      json.key("latency_ms");
      json.value(std::chrono::duration<double, std::milli>(exchange->latency).count());
      json.key("error_status");
      json.value(std::string_view(error_status_name(exchange->response->error_status)));
      json.key("error_index"), json.value(exchange->response->error_index);
    }
  }
  json.end_object();
  fmt::print("{}\n", line);
}

int report_inform(const SendOptions& options, const Sending& sending,
                  const ConnectedUdpSocket& socket, std::size_t size_bytes,
                  const ExchangeResult& exchange) {
  const bool answered = exchange.response.has_value();
  const bool accepted = answered && exchange.response->error_status == 0;
  const std::string_view result = accepted ? "acknowledged" : answered ? "refused" : "no answer";
  const double latency_ms = std::chrono::duration<double, std::milli>(exchange.latency).count();
  if (options.json) {
    print_json(result, sending, socket, size_bytes, &exchange);
  } else if (accepted) {
    fmt::print("acknowledged in {:.1f} ms\n", latency_ms);
  } else if (answered) {
    fmt::print(stderr, "{} refused the inform in {:.1f} ms: {} at variable binding {}\n",
               socket.peer().to_string(), latency_ms,
               error_status_name(exchange.response->error_status), exchange.response->error_index);
  } else {
    fmt::print(stderr,
               "no answer from {} to {} attempt(s){}{}: does it listen there, and does it accept "
               "this community from here?\n",
               socket.peer().to_string(), exchange.attempts, exchange.trouble.empty() ? "" : ", ",
               exchange.trouble);
  }
  if (accepted) return kExitOk;
  return answered ? kExitFailed : kExitUnavailable;
}

int report_trap(const SendOptions& options, const Sending& sending,
                const ConnectedUdpSocket& socket, base::Bytes datagram) {
  if (::send(socket.descriptor(), datagram.data(), datagram.size(), 0) < 0) {
    fmt::print(stderr, "cannot send to {}: {}\n", socket.peer().to_string(), std::strerror(errno));
    return kExitUnavailable;
  }
  if (options.json) {
    print_json("sent", sending, socket, datagram.size(), nullptr);
  } else {
    std::string name;
    MibIndex::built_in().append_name(sending.trap_oid, name);
    fmt::print("sent {} to {}, {} octets (a trap is never acknowledged)\n", name,
               socket.peer().to_string(), datagram.size());
  }
  return kExitOk;
}

int send(const SendOptions& options, const std::vector<std::string>& words) {
  Sending sending;
  if (const Problem problem = read_command_line(options, words, sending)) {
    fmt::print(stderr, "trapline send: {}\n", *problem);
    return kExitUsage;
  }
  const auto socket = ConnectedUdpSocket::open(sending.target);
  if (!socket) {
    fmt::print(stderr, "trapline send: {}\n", socket.error());
    return kExitUnavailable;
  }
  const std::vector<std::byte> datagram = sending.version == Version::v1
                                              ? make_v1(options, sending, socket->local().ip)
                                              : make_v2c(options, sending);
  if (sending.pdu == PduKind::trap) return report_trap(options, sending, *socket, datagram);
  const ExchangeResult exchange =
      exchange_inform(*socket, datagram, sending.request_id,
                      std::chrono::milliseconds(options.timeout_ms), options.retries);
  return report_inform(options, sending, *socket, datagram.size(), exchange);
}

// The words behind the options are read by hand, so CLI11 cannot list them.
class SendFormatter final : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* /*verb*/, std::string /*name*/) const override {
    return "\nUsage: trapline send trap|inform [OPTIONS] HOST[:PORT] NOTIFICATION [NAME TYPE "
           "VALUE]...\n";
  }
};

void add_options(CLI::App& verb, SendOptions& options) {
  verb.add_option("--version", options.version, "v1 or v2c")->capture_default_str();
  verb.add_option("--community", options.community, "the community")
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_option("--uptime", options.uptime,
                  "sysUpTime in hundredths of a second (default: this machine's)");
  verb.add_option("--timeout-ms", options.timeout_ms, "wait for each answer to an inform")
      ->check(CLI::Range(1U, 600'000U))
      ->capture_default_str();
  verb.add_option("--retries", options.retries, "how often an inform is sent again")
      ->check(CLI::Range(0U, 1'000U))
      ->capture_default_str();
  verb.add_flag("--json", options.json, "print the result as one JSON line");
  verb.add_option("--enterprise", options.enterprise, "v1: in place of the notification's")
      ->type_name("OID");
  verb.add_option("--agent-addr", options.agent_addr, "v1: in place of this machine's address")
      ->type_name("IPV4");
  verb.add_option("--generic", options.generic, "v1: generic-trap, in place of the notification's");
  verb.add_option("--specific", options.specific,
                  "v1: specific-trap, in place of the notification's");
}

}  // namespace

void add_send_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<SendOptions>();
  CLI::App* verb =
      program.add_subcommand("send", "send a trap, or an inform and wait for its acknowledgement");
  verb->formatter(std::make_shared<SendFormatter>());
  verb->footer(
      "TYPE:\n" + std::string(kTypeLetters) +
      "\n\nexample:\n  trapline send inform 127.0.0.1:1162 IF-MIB::linkDown ifIndex.7 i 7\n\n"
      "Put `--` in front of HOST when a value begins with two dashes. Exit codes: 1 an error "
      "status in the\nResponse, 69 no answer.");
  add_options(*verb, *options);
  // Words in their order: a value like -5 is not an option, and no option takes part of a triple.
  verb->allow_extras();
  verb->callback([options, verb, &exit_code] {
    const std::vector<std::string> words = verb->remaining();
    for (const std::string& word : words) {
      if (word.starts_with("--") && word.size() > 2) {
        fmt::print(stderr, "trapline send: unknown option {}; `trapline send --help` lists them\n",
                   word);
        exit_code = kExitUsage;
        return;
      }
    }
    exit_code = send(*options, words);
  });
}

}  // namespace trapline::gateway
