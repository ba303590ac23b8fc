// `trapline deadletter`: the events that a sink's destination would not take.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/json_writer.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"
#include "gateway/commands/letter_return.h"
#include "gateway/dead_letter_log.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/journal/posix_fs.h"
#include "sinks/event_json.h"
#include "sinks/time_text.h"

namespace trapline::gateway {
namespace {

using journal::Letter;

struct DeadletterOptions {
  GatewayChoice gateway;
  std::string sink;  // empty: of all
  std::vector<std::uint64_t> numbers;
  bool all = false;
  bool json = false;

  [[nodiscard]] bool picks(const Letter& letter) const {
    return (sink.empty() || letter.sink == sink) &&
           (all || std::ranges::find(numbers, letter.number) != numbers.end());
  }
};

// The event as every sink of JSON would have got it; empty when this version cannot read it.
std::string event_json(const Letter& letter) {
  protocol::DecodeScratch decode_scratch;
  journal::OutcomeScratch outcome_scratch;
  journal::Outcome outcome;
  rules::RoutedTrap event;
  std::string out;
  if (!journal::decode_outcome(letter.outcome.payload, outcome_scratch, outcome) ||
      !journal::decode_event(letter.event, decode_scratch, event.message)) {
    return out;
  }
  event.verdict = outcome.verdict;
  event.id = letter.id;
  sinks::append_event_json(event, protocol::mib::MibIndex::built_in(), out);
  return out;
}

std::string time_text(base::WallTime time) {
  const auto text = sinks::rfc3339(time);
  return {text.data(), text.size()};
}

void print_letter(const Letter& letter, bool json, bool with_event) {
  const std::string event = with_event ? event_json(letter) : std::string();
  std::string line;
  if (json) {
    base::JsonWriter writer(line);
    writer.begin_object();
    writer.key("number"), writer.value(letter.number);
    writer.key("since"), writer.value(std::string_view(time_text(letter.since)));
    writer.key("sink"), writer.value(letter.sink);
    writer.key("id"), writer.value(letter.id);
    writer.key("attempts"), writer.value(letter.attempts);
    writer.key("reason"), writer.value(letter.reason);
    writer.end_object();
    if (!event.empty()) line.insert(line.size() - 1, ",\"event\":" + event);
  } else {
    line = fmt::format("{}  {}  {}  {}  tried {}×  ", letter.number, time_text(letter.since),
                       letter.sink, letter.id, letter.attempts);
    base::append_json_escaped(line, letter.reason);
    if (!event.empty()) line += "\n" + event;
  }
  fmt::print("{}\n", line);
}

int explain(const std::string& directory, journal::FsError error) {
  fmt::print(stderr, "cannot read {}: {}\n", directory, name_of(error));
  return kExitUnavailable;
}

int list(const DeadletterOptions& options, bool with_event) {
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  journal::PosixFs fs;
  const std::string directory = dead_letter_directory(data_dir);
  std::uint64_t shown = 0;
  const auto read = read_dead_letters(fs, directory, [&](const Letter& letter) {
    if (!options.picks(letter)) return true;
    ++shown;
    print_letter(letter, options.json, with_event);
    return true;
  });
  if (!read) return explain(directory, read.error());
  if (shown == 0 && !with_event) {
    fmt::print(stderr, "no dead letters{}\n",
               options.sink.empty() ? "" : " of sink `" + options.sink + "`");
  }
  if (shown != 0 || !with_event) return kExitOk;
  fmt::print(stderr, "there is no such dead letter; `trapline deadletter ls` lists them\n");
  return kExitFailed;
}

int drop(const DeadletterOptions& options) {
  if (options.all == !options.numbers.empty()) {
    fmt::print(stderr, "name the letters to drop, or --all\n");
    return kExitUsage;
  }
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  journal::PosixFs fs;
  const std::string directory = dead_letter_directory(data_dir);
  const auto dropped =
      drop_dead_letters(fs, directory, [&](const Letter& letter) { return options.picks(letter); });
  if (!dropped) return explain(directory, dropped.error());
  fmt::print("dropped {}\n", *dropped);
  return *dropped != 0 || options.all ? kExitOk : kExitFailed;
}

int retry(const DeadletterOptions& options) {
  const bool several = options.all || !options.sink.empty();
  if (several == !options.numbers.empty()) {
    fmt::print(stderr, "name the letters to retry, or --sink NAME, or --all\n");
    return kExitUsage;
  }
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  DeadletterOptions choice = options;
  choice.all = several;
  return return_letters(options.gateway, data_dir,
                        [&](const Letter& letter) { return choice.picks(letter); });
}

}  // namespace

void add_deadletter_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<DeadletterOptions>();
  CLI::App* verb = program.add_subcommand("deadletter", "events that a destination would not take");
  verb->require_subcommand(1);
  CLI::App* ls = verb->add_subcommand("ls", "list them, oldest first");
  CLI::App* show = verb->add_subcommand("show", "print some with the whole event");
  CLI::App* remove = verb->add_subcommand("drop", "remove some for good");
  CLI::App* again = verb->add_subcommand("retry", "send some to their sinks once more");
  for (CLI::App* sub : {ls, show, remove, again}) {
    add_gateway_options(*sub, options->gateway);
    sub->add_option("--sink", options->sink, "only those of this sink");
  }
  ls->add_flag("--json", options->json, "one JSON object per line");
  show->add_flag("--json", options->json, "one JSON object per line");
  show->add_option("NUMBER", options->numbers, "as `ls` shows them")->required();
  remove->add_option("NUMBER", options->numbers, "as `ls` shows them");
  remove->add_flag("--all", options->all, "all of them, or of the sink named");
  again->add_option("NUMBER", options->numbers, "as `ls` shows them");
  again->add_flag("--all", options->all, "all of them, or of the sink named");
  ls->callback([options, &exit_code] {
    options->all = true;
    exit_code = list(*options, false);
  });
  show->callback([options, &exit_code] { exit_code = list(*options, true); });
  remove->callback([options, &exit_code] { exit_code = drop(*options); });
  again->callback([options, &exit_code] { exit_code = retry(*options); });
}

}  // namespace trapline::gateway
