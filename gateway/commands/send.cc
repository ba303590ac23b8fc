// `trapline send`: one notification, as a device would send it.
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
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
#include "gateway/commands/sending.h"
#include "gateway/commands/udp_target.h"
#include "gateway/commands/v3_exchange.h"
#include "gateway/engine_id_text.h"
#include "gateway/poller/report_advice.h"
#include "gateway/sender_engine.h"
#include "protocol/error_status.h"
#include "protocol/mib/mib_index.h"

namespace trapline::gateway {
namespace {

using protocol::PduKind;
using protocol::Version;
using protocol::mib::MibIndex;

// A message that has left, and what came back.
struct Sent {
  std::size_t size_bytes = 0;
  std::string engine_id;                   // SNMPv3: the authoritative engine
  std::optional<ExchangeResult> exchange;  // of an inform
};

double in_ms(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void append_exchange(const Sending& sending, const ExchangeResult& exchange,
                     base::JsonWriter& json) {
  json.key("request_id"), json.value(sending.request_id);
  json.key("attempts"), json.value(static_cast<std::uint64_t>(exchange.attempts));
  if (exchange.report) {
    json.key("report"), json.value(protocol::usm::name_of(*exchange.report));
  }
  if (!exchange.response) return;
  json.key("latency_ms"), json.value(in_ms(exchange.latency));
  json.key("error_status");
  json.value(std::string_view(protocol::error_status_name(exchange.response->error_status)));
  json.key("error_index"), json.value(exchange.response->error_index);
}

void print_json(std::string_view result, const Sending& sending, const ConnectedUdpSocket& socket,
                const Sent& sent) {
  std::string line;
  base::JsonWriter json(line);
  json.begin_object();
  json.key("result"), json.value(result);
  json.key("peer"), json.value(std::string_view(socket.peer().to_string()));
  json.key("bytes"), json.value(static_cast<std::uint64_t>(sent.size_bytes));
  if (!sent.engine_id.empty()) {
    json.key("engine_id"), json.value(std::string_view(sent.engine_id));
  }
  if (sent.exchange) append_exchange(sending, *sent.exchange, json);
  json.end_object();
  fmt::print("{}\n", line);
}

// What a person reads who wonders why nothing came back.
std::string why_no_answer(const Sending& sending, const Sent& sent) {
  if (!sending.access.v3)
    return "does it listen there, and does it accept this community from here?";
  if (sent.engine_id.empty()) return "does an SNMPv3 engine listen there, and accept this address?";
  return "its engine is known, so it listens there: a wrong --priv or --priv-password is often "
         "answered by silence";
}

void print_failure(const Sending& sending, const ConnectedUdpSocket& socket, const Sent& sent) {
  const ExchangeResult& exchange = *sent.exchange;
  const std::string peer = socket.peer().to_string();
  if (exchange.response) {
    fmt::print(stderr, "{} refused the inform in {:.1f} ms: {} at variable binding {}\n", peer,
               in_ms(exchange.latency),
               protocol::error_status_name(exchange.response->error_status),
               exchange.response->error_index);
  } else if (exchange.report) {
    fmt::print(stderr, "{} refused the inform in {:.1f} ms ({}): {}\n", peer,
               in_ms(exchange.latency), protocol::usm::name_of(*exchange.report),
               advice_on(*exchange.report, *sending.access.v3));
  } else {
    fmt::print(stderr, "no answer from {} to {} attempt(s){}{}: {}\n", peer, exchange.attempts,
               exchange.trouble.empty() ? "" : ", ", exchange.trouble,
               why_no_answer(sending, sent));
  }
}

int report_inform(const SendOptions& options, const Sending& sending,
                  const ConnectedUdpSocket& socket, const Sent& sent) {
  const ExchangeResult& exchange = *sent.exchange;
  const bool answered = exchange.response || exchange.report;
  const bool accepted = exchange.response && exchange.response->error_status == 0;
  if (options.access.json) {
    const std::string_view result = accepted ? "acknowledged" : answered ? "refused" : "no answer";
    print_json(result, sending, socket, sent);
  } else if (accepted) {
    fmt::print("acknowledged in {:.1f} ms\n", in_ms(exchange.latency));
  } else {
    print_failure(sending, socket, sent);
  }
  if (accepted) return kExitOk;
  return answered ? kExitFailed : kExitUnavailable;
}

int send_trap(const SendOptions& options, const Sending& sending, const ConnectedUdpSocket& socket,
              base::Bytes datagram, std::string engine_id) {
  if (::send(socket.descriptor(), datagram.data(), datagram.size(), 0) < 0) {
    fmt::print(stderr, "cannot send to {}: {}\n", socket.peer().to_string(), std::strerror(errno));
    return kExitUnavailable;
  }
  if (options.access.json) {
    print_json("sent", sending, socket, {datagram.size(), std::move(engine_id), {}});
  } else {
    std::string name;
    MibIndex::built_in().append_name(sending.trap_oid, name);
    fmt::print("sent {} to {}, {} octets (a trap is never acknowledged)\n", name,
               socket.peer().to_string(), datagram.size());
  }
  return kExitOk;
}

// A trap of SNMPv3 is its sender's: no question is asked (RFC 3414 §1.5.1).
int send_v3_trap(const SendOptions& options, const Sending& sending,
                 const ConnectedUdpSocket& socket) {
  const base::SystemClock clock;
  base::SystemRandom random;
  const V3Access& access = *sending.access.v3;
  const protocol::usm::LocalEngine engine = sender_engine(clock, access.engine_id);
  protocol::usm::SaltCounters salts;
  salts.aes = random.next();
  salts.des = static_cast<std::uint32_t>(random.next());
  protocol::usm::Originator originator(access.user, salts, {access.level, access.context_name, {}});
  originator.be_authoritative(engine);
  std::vector<std::byte> datagram;
  originator.write(sending.request_id, encode_pdu(sending), false, clock.boot(), datagram);
  return send_trap(options, sending, socket, datagram, engine_id_text(engine.id));
}

int send_v3_inform(const SendOptions& options, const Sending& sending,
                   const ConnectedUdpSocket& socket) {
  const base::SystemClock clock;
  base::SystemRandom random;
  V3Exchange exchange(sending.access, socket, clock, random);
  Sent sent;
  sent.exchange = exchange.ask(encode_pdu(sending), sending.request_id);
  sent.size_bytes = exchange.size_bytes();
  sent.engine_id = engine_id_text(exchange.engine_id());
  return report_inform(options, sending, socket, sent);
}

int send_community(const SendOptions& options, const Sending& sending,
                   const ConnectedUdpSocket& socket) {
  const std::vector<std::byte> datagram = sending.access.version == Version::v1
                                              ? encode_v1(sending, socket.local().ip)
                                              : encode_v2c(sending);
  if (sending.pdu == PduKind::trap) return send_trap(options, sending, socket, datagram, {});
  Sent sent;
  sent.size_bytes = datagram.size();
  sent.exchange = exchange_inform(socket, datagram, sending.request_id, sending.access.timeout,
                                  sending.access.retries);
  return report_inform(options, sending, socket, sent);
}

int send(SendOptions& options, const std::vector<std::string>& words) {
  const auto sending = read_sending(options, words);
  if (!sending) {
    fmt::print(stderr, "trapline send: {}\n", sending.error());
    return kExitUsage;
  }
  const auto socket = ConnectedUdpSocket::open(sending->target);
  if (!socket) {
    fmt::print(stderr, "trapline send: {}\n", socket.error());
    return kExitUnavailable;
  }
  if (!sending->access.v3) return send_community(options, *sending, *socket);
  return sending->pdu == PduKind::trap ? send_v3_trap(options, *sending, *socket)
                                       : send_v3_inform(options, *sending, *socket);
}

// The words behind the options are read by hand, so CLI11 cannot list them.
class SendFormatter final : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* /*verb*/, std::string /*name*/) const override {
    return "\nUsage: " + std::string(kSendForm) + "\n";
  }
};

void add_options(CLI::App& verb, SendOptions& options) {
  add_access_options(verb, options.access);
  verb.add_option("--uptime", options.uptime,
                  "sysUpTime in hundredths of a second (default: this machine's)");
  const auto v1 = [&](const char* name, auto& out, const char* help) {
    return verb.add_option(name, out, help)->group("SNMPv1");
  };
  v1("--enterprise", options.enterprise, "in place of the notification's")->type_name("OID");
  v1("--agent-addr", options.agent_addr, "in place of this machine's address")->type_name("IPV4");
  v1("--generic", options.generic, "generic-trap, in place of the notification's");
  v1("--specific", options.specific, "specific-trap, in place of the notification's");
}

}  // namespace

void add_send_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<SendOptions>();
  CLI::App* verb =
      program.add_subcommand("send", "send a trap, or an inform and wait for its acknowledgement");
  verb->formatter(std::make_shared<SendFormatter>());
  verb->footer(
      "TYPE:\n" + std::string(kTypeLetters) +
      "\n\nexample:\n  trapline send inform 127.0.0.1:1162 IF-MIB::linkDown ifIndex.7 i 7\n"
      "  trapline send inform --version v3 --user noc --auth sha256 --priv aes128 127.0.0.1:1162 "
      "IF-MIB::linkUp\n\n"
      "Put `--` in front of HOST when a value begins with two dashes. Exit codes: 1 an error "
      "status in the\nResponse or a Report, 69 no answer.");
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
