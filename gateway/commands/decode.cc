// `trapline decode`: what a message says, without a gateway.
#include "protocol/decode.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/clock.h"
#include "gateway/commands/command_input.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/message_input.h"
#include "sinks/event_json.h"
#include "sinks/event_text.h"

namespace trapline::gateway {
namespace {

struct DecodeOptions {
  std::string input{kStandardInput};
  bool json = false;
};

// Decodes message after message and prints what comes out.
class Printer {
 public:
  explicit Printer(bool json) : json_(json) {}

  void print(const InputMessage& input) {
    const auto decoded = protocol::decode(input.datagram, protocol::kHighestMaxVarbinds, scratch_);
    const bool other_talk =
        !decoded && decoded.error().kind == protocol::DecodeErrorKind::not_a_notification;
    if (other_talk && input.from_capture) {
      ++other_pdus_;  // a manager's requests and our own Responses
      return;
    }
    if (!decoded) {
      complain(input, decoded.error());
      return;
    }
    rules::RoutedTrap event;
    event.message = decoded->message;
    fill(input, event.message);
    line_.clear();
    const auto& mibs = protocol::mib::MibIndex::built_in();
    if (json_) {
      sinks::append_event_json(event, mibs, line_);
    } else {
      sinks::append_event_text(event, mibs, line_);
      // What is not in a journal has no id.
      constexpr std::string_view kNoId = " id=";
      if (line_.ends_with(kNoId)) line_.resize(line_.size() - kNoId.size());
    }
    fmt::print("{}\n", line_);
  }

  [[nodiscard]] bool met_malformed() const { return malformed_; }
  [[nodiscard]] std::uint64_t other_pdus() const { return other_pdus_; }

 private:
  // Here, where nothing is known of relays, the message's own word for its agent counts.
  static void fill(const InputMessage& input, protocol::TrapMessage& message) {
    message.peer = input.peer;
    message.local = input.local;
    message.received_at = input.time;
    message.agent = message.claimed_agent.value_or(input.peer.ip);
    message.agent_via = message.claimed_agent ? message.claimed_via : protocol::AgentVia::peer;
  }

  void complain(const InputMessage& input, const protocol::DecodeError& error) {
    malformed_ = true;
    std::string octet = "the end";
    if (error.offset < input.datagram.size()) {
      octet = fmt::format("0x{:02x}", std::to_integer<unsigned>(input.datagram[error.offset]));
    }
    fmt::print(stderr, "{}{}{} at offset {} ({}) of {} octets\n", input.place,
               input.place.empty() ? "" : ": ", protocol::name_of(error.kind), error.offset, octet,
               input.datagram.size());
  }

  const bool json_;
  bool malformed_ = false;
  std::uint64_t other_pdus_ = 0;
  protocol::DecodeScratch scratch_;
  std::string line_;
};

int decode(const DecodeOptions& options) {
  const auto input = read_command_input(options.input);
  if (!input) {
    fmt::print(stderr, "trapline decode: {}\n", input.error());
    return kExitUsage;
  }
  Printer printer(options.json);
  const InputSummary summary =
      for_each_message(*input, [&](const InputMessage& message) { printer.print(message); });
  if (summary.skipped + printer.other_pdus() != 0) {
    fmt::print(stderr,
               "note: {} packet(s) skipped: no UDP, a fragment, no SNMP, or no notification\n",
               summary.skipped + printer.other_pdus());
  }
  if (!summary.problem.empty()) fmt::print(stderr, "{}: {}\n", options.input, summary.problem);
  const bool nothing = summary.messages == printer.other_pdus();
  if (nothing) fmt::print(stderr, "{}: no notification in it\n", options.input);
  const bool failed = printer.met_malformed() || !summary.problem.empty() || nothing;
  return failed ? kExitFailed : kExitOk;
}

}  // namespace

void add_decode_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<DecodeOptions>();
  CLI::App* verb = program.add_subcommand(
      "decode", "decode notifications from a capture, a file or hexadecimal text");
  verb->add_option("INPUT", options->input,
                   "a capture (pcap, pcapng), a binary or hexadecimal file, hexadecimal text, or "
                   "- for standard input")
      ->type_name("FILE|HEX|PCAP|-")
      ->capture_default_str();
  verb->add_flag("--json", options->json, "print events as JSON lines");
  verb->footer(
      "examples:\n  trapline decode traps.pcap\n  trapline decode --json 3029020100...\n\n"
      "A malformed message is told with its reason and offset; the exit code is then 1.");
  verb->callback([options, &exit_code] { exit_code = decode(*options); });
}

}  // namespace trapline::gateway
