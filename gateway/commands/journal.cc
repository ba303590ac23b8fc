// `trapline journal`: what is stored, read from the files beside a running gateway.
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/json_writer.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"
#include "gateway/commands/record_text.h"
#include "gateway/journal/inspect.h"
#include "gateway/journal/posix_fs.h"

namespace trapline::gateway {
namespace {

using journal::RecordType;
using journal::SegmentSummary;

struct JournalOptions {
  GatewayChoice gateway;
  bool json = false;
  std::uint64_t after = 0;
  std::uint64_t count = 0;  // 0: all
  std::string type;
};

// The chosen journal's directory and what reads it.
struct OpenedJournal {
  journal::PosixFs fs;
  std::string directory;
};

int explain(const std::string& directory, journal::FsError error) {
  fmt::print(stderr,
             "no journal can be read in {}: {}; name the gateway's --config or --data-dir\n",
             directory, journal::name_of(error));
  return kExitUnavailable;
}

void print_segment_json(const SegmentSummary& segment) {
  std::string line;
  base::JsonWriter json(line);
  json.begin_object();
  json.key("file"), json.value(std::string_view(segment.file));
  json.key("readable"), json.value(segment.readable);
  json.key("file_bytes"), json.value(segment.file_bytes);
  if (segment.readable) {
    json.key("node"), json.value(std::string_view(segment.node));
    json.key("epoch"), json.value(std::string_view(fmt::format("{:x}", segment.epoch.value)));
    json.key("first_lsn"), json.value(segment.first.value);
    json.key("last_lsn"), json.value(segment.last.value);
    json.key("sealed"), json.value(segment.sealed);
    json.key("data_bytes"), json.value(segment.data_end);
    json.key("records"), json.value(segment.totals.records);
    json.key("events"), json.value(segment.totals.events);
    json.key("outcomes"), json.value(segment.totals.outcomes);
  }
  json.end_object();
  fmt::print("{}\n", line);
}

void print_segment_text(const SegmentSummary& segment) {
  if (!segment.readable) {
    fmt::print("{:<24}  unreadable: no intact header\n", segment.file);
    return;
  }
  fmt::print("{:<24}  {:>12}  {:>12}  {:>10}  {:>10}  {:>12}  {}\n", segment.file,
             segment.first.value, segment.last.value, segment.totals.records, segment.totals.events,
             segment.data_end, segment.sealed ? "sealed" : "open");
}

int list(OpenedJournal& opened, const JournalOptions& options) {
  const auto segments = journal::list_segments(opened.fs, opened.directory);
  if (!segments) return explain(opened.directory, segments.error());
  if (!options.json) {
    fmt::print("{:<24}  {:>12}  {:>12}  {:>10}  {:>10}  {:>12}  {}\n", "segment", "first lsn",
               "last lsn", "records", "events", "bytes", "state");
  }
  for (const SegmentSummary& segment : *segments) {
    options.json ? print_segment_json(segment) : print_segment_text(segment);
  }
  return kExitOk;
}

int dump(OpenedJournal& opened, const JournalOptions& options) {
  RecordRenderer renderer;
  std::uint64_t left = options.count;
  std::string line;
  const auto visit = [&](const SegmentSummary& segment, const journal::RecordView& record) {
    if (!options.type.empty() && name_of(record.type) != options.type) return true;
    line.clear();
    if (options.json) {
      renderer.append_json(record, segment.node, line);
    } else {
      renderer.append_text(record, segment.node, line);
    }
    fmt::print("{}\n", line);
    return --left != 0;  // from 0, all of them: it wraps around
  };
  const auto done =
      journal::visit_records(opened.fs, opened.directory, journal::Lsn{options.after}, visit);
  return done ? kExitOk : explain(opened.directory, done.error());
}

void print_verification_json(const journal::Verification& result) {
  std::string line;
  base::JsonWriter json(line);
  json.begin_object();
  json.key("segments"), json.value(result.segments);
  json.key("records"), json.value(result.records);
  json.key("bytes"), json.value(result.bytes);
  json.key("missing_records"), json.value(result.missing_records);
  json.key("torn_bytes"), json.value(result.torn_bytes);
  json.key("findings"), json.begin_array();
  for (const journal::Finding& finding : result.findings) {
    json.begin_object();
    json.key("file"), json.value(std::string_view(finding.file));
    json.key("offset"), json.value(finding.offset);
    json.key("bytes"), json.value(finding.bytes);
    json.key("what"), json.value(std::string_view(finding.what));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  fmt::print("{}\n", line);
}

int verify(OpenedJournal& opened, const JournalOptions& options) {
  const auto result = journal::verify_journal(opened.fs, opened.directory);
  if (!result) return explain(opened.directory, result.error());
  const bool sound = result->findings.empty();
  if (options.json) {
    print_verification_json(*result);
    return sound ? kExitOk : kExitFailed;
  }
  for (const journal::Finding& finding : result->findings) {
    fmt::print("{}:{}: {}\n", finding.file, finding.offset, finding.what);
  }
  fmt::print("{}: {} segments, {} records, {} bytes checked, {} records missing{}\n",
             sound ? "sound" : "damaged", result->segments, result->records, result->bytes,
             result->missing_records,
             result->torn_bytes == 0 ? ""
                                     : fmt::format(", {} bytes of an unfinished commit at the end",
                                                   result->torn_bytes));
  if (!sound) {
    fmt::print(
        "The gateway goes on reading around damage; it copies it to quarantine/ at its next "
        "start.\n");
  }
  return sound ? kExitOk : kExitFailed;
}

using Action = int (*)(OpenedJournal&, const JournalOptions&);

int act(Action action, const JournalOptions& options) {
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  OpenedJournal opened{{}, data_dir + "/journal"};
  return action(opened, options);
}

}  // namespace

void add_journal_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<JournalOptions>();
  CLI::App* verb = program.add_subcommand("journal", "look at what is stored: ls, dump or verify");
  verb->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, Action action) {
    CLI::App* part = verb->add_subcommand(name, description);
    add_gateway_options(*part, options->gateway);
    part->add_flag("--json", options->json, "print JSON lines");
    part->callback([options, action, &exit_code] { exit_code = act(action, *options); });
    return part;
  };
  add("ls", "list the segments with the records they hold", list);
  CLI::App* dumping = add("dump", "print the records, oldest first", dump);
  dumping->add_option("--after", options->after, "begin behind this LSN");
  dumping->add_option("--count", options->count, "print at most so many (default: all)");
  dumping->add_option("--type", options->type, "print records of this type only")
      ->check(CLI::IsMember(
          {"event", "timer", "outcome", "answer", "cursor", "checkpoint", "engines"}));
  add("verify", "check every checksum; exit 1 when something is damaged or missing", verify);
}

}  // namespace trapline::gateway
