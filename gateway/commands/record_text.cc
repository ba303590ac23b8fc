#include "gateway/commands/record_text.h"

#include <fmt/core.h>

#include "base/json_writer.h"
#include "gateway/commands/outcome_fields.h"
#include "gateway/engine_id_text.h"
#include "gateway/journal/engine_record.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/standing.h"
#include "gateway/journal/wire.h"
#include "sinks/event_json.h"
#include "sinks/event_text.h"
#include "sinks/time_text.h"

namespace trapline::gateway {
namespace {

using journal::RecordType;
using journal::RecordView;

std::string time_text(base::WallTime time) {
  const auto text = sinks::rfc3339(time);
  return {text.data(), text.size()};
}

std::string time_text(journal::RuleTime time) {
  return time_text(base::WallTime(std::chrono::nanoseconds(time.since_epoch_ns)));
}

void append_sink_json(std::string_view name, const journal::SinkStanding& sink, std::string& out) {
  base::JsonWriter json(out);
  json.begin_object();
  json.key("sink"), json.value(name);
  json.key("low_water"), json.value(sink.low_water.value);
  json.key("delivered_beyond"), json.value(std::uint64_t{sink.delivered_beyond.size()});
  json.key("delivered"), json.value(sink.delivered);
  json.key("dead_lettered"), json.value(sink.dead_lettered);
  json.key("skipped"), json.value(sink.skipped);
  json.end_object();
}

void append_sink_text(std::string_view name, const journal::SinkStanding& sink, std::string& out) {
  out += fmt::format("{} low_water={} delivered={} dead_lettered={} skipped={}", name,
                     sink.low_water.value, sink.delivered, sink.dead_lettered, sink.skipped);
}

void append_decision(const journal::Outcome& outcome, base::JsonWriter& writer) {
  writer.key("synthetic"), writer.value(outcome.synthetic && !outcome.again);
  if (outcome.again) writer.key("again"), writer.value(true);
  for (const auto& [name, value] : fields_of(outcome)) {
    if (value.empty() || name == "sinks" || name == "synthetic") continue;
    writer.escaped_key(name), writer.value(std::string_view(value));
  }
  writer.key("sinks"), writer.begin_array();
  for (const std::string_view sink : outcome.sinks) writer.value(sink);
  writer.end_array();
}

}  // namespace

std::string_view name_of(RecordType type) {
  switch (type) {
    case RecordType::event: return "event";
    case RecordType::timer: return "timer";
    case RecordType::outcome: return "outcome";
    case RecordType::cursor: return "cursor";
    case RecordType::checkpoint: return "checkpoint";
    case RecordType::engines: return "engines";
    case RecordType::letter: return "letter";
    case RecordType::answer: return "answer";
  }
  return "unknown";
}

bool RecordRenderer::append_event(const RecordView& record, std::string_view node, bool json,
                                  std::string& out) {
  rules::RoutedTrap event;
  if (!journal::decode_event(record, decode_scratch_, event.message)) return false;
  const std::string id = fmt::format("{}-{:x}-{}", node, record.epoch.value, record.ref.lsn.value);
  event.id = id;
  const auto& mibs = protocol::mib::MibIndex::built_in();
  if (json) {
    sinks::append_event_json(event, mibs, out);
  } else {
    sinks::append_event_text(event, mibs, out);
  }
  return true;
}

bool RecordRenderer::append_outcome(const RecordView& record, bool json, std::string& out) {
  journal::Outcome outcome;
  if (!journal::decode_outcome(record.payload, outcome_scratch_, outcome)) return false;
  const bool decides = outcome.decides() || outcome.again;
  if (!json) {
    out += fmt::format("event={}", outcome.event.lsn.value);
    if (outcome.closing) out += " closing";
    if (outcome.waiting) out += " waiting";
    if (outcome.lost_events != 0) out += fmt::format(" lost={}", outcome.lost_events);
    if (decides) out += " " + text_of(fields_of(outcome));
    return true;
  }
  base::JsonWriter writer(out);
  writer.begin_object();
  writer.key("event_lsn"), writer.value(outcome.event.lsn.value);
  writer.key("event_segment"), writer.value(outcome.event.segment.value);
  if (outcome.closing) writer.key("closing"), writer.value(true);
  if (outcome.waiting) writer.key("waiting"), writer.value(true);
  if (outcome.lost_events != 0) writer.key("lost"), writer.value(outcome.lost_events);
  if (decides) append_decision(outcome, writer);
  writer.end_object();
  return true;
}

// A cursor is the standing of one sink, a checkpoint that of all of them and of the router.
bool RecordRenderer::append_standing(const RecordView& record, bool json, std::string& out) {
  journal::Standing standing;
  if (record.type == RecordType::cursor) {
    standing.apply(record);
    if (standing.sinks.size() != 1) return false;
    const auto& [name, sink] = *standing.sinks.begin();
    json ? append_sink_json(name, sink, out) : append_sink_text(name, sink, out);
    return true;
  }
  if (!journal::Standing::decode(record.payload, standing)) return false;
  const std::string form = json ? "{{\"router\":{},\"events\":{},\"decided\":{},\"lost\":{},"
                                  "\"first_wanted_segment\":{},\"sinks\":["
                                : "router={} events={} decided={} lost={} first_wanted_segment={}";
  out += fmt::format(fmt::runtime(form), standing.router.value, standing.events, standing.decided,
                     standing.lost, standing.first_wanted.value);
  bool first = true;
  for (const auto& [name, sink] : standing.sinks) {
    out += json ? (first ? "" : ",") : " | ";
    json ? append_sink_json(name, sink, out) : append_sink_text(name, sink, out);
    first = false;
  }
  if (json) out += "]}";
  return true;
}

void RecordRenderer::append_engines(const RecordView& record, bool json, std::string& out) {
  base::JsonWriter writer(out);
  if (json) writer.begin_array();
  std::string_view gap;
  journal::for_each_engine(record.payload, [&](const journal::RecordedEngine& engine, bool gone) {
    const std::string id = engine_id_text(engine.id);
    if (!json) {
      out += fmt::format("{}{}{} boots={} time={}", gap, gone ? "forget " : "", id, engine.boots,
                         engine.time);
      gap = " | ";
      return;
    }
    writer.begin_object();
    writer.key("engine_id"), writer.value(id);
    writer.key("boots"), writer.value(std::int64_t{engine.boots});
    writer.key("time"), writer.value(std::int64_t{engine.time});
    writer.key("seen"), writer.value(time_text(engine.seen));
    writer.key("forget"), writer.value(gone);
    writer.end_object();
  });
  if (json) writer.end_array();
}

bool RecordRenderer::append_content(const RecordView& record, std::string_view node, bool json,
                                    std::string& out) {
  switch (record.type) {
    case RecordType::event: return append_event(record, node, json, out);
    case RecordType::outcome: return append_outcome(record, json, out);
    case RecordType::cursor:
    case RecordType::checkpoint: return append_standing(record, json, out);
    case RecordType::engines: append_engines(record, json, out); return true;
    case RecordType::letter: return false;
    case RecordType::timer: return append_timer(record, json, out);
    case RecordType::answer: return append_answer(record, json, out);
  }
  return false;
}

// What was due; its effects follow in the log.
bool RecordRenderer::append_timer(const RecordView& record, bool json, std::string& out) {
  if (record.payload.size() < sizeof(std::int64_t)) return false;
  const std::string due =
      time_text(journal::RuleTime{journal::load<std::int64_t>(record.payload.data())});
  out += json ? fmt::format("{{\"due\":\"{}\"}}", due) : "due=" + due;
  return true;
}

bool RecordRenderer::append_answer(const RecordView& record, bool json, std::string& out) {
  journal::Answer answer;
  if (!journal::decode_answer(record.payload, answer_scratch_, answer)) return false;
  const auto& mibs = protocol::mib::MibIndex::built_in();
  std::string text;
  base::JsonWriter writer(json ? out : text);
  if (!json) {
    out += fmt::format("agent={} enrichment={} state={}", answer.agent.to_string(),
                       answer.enrichment, journal::name_of(answer.state));
  }
  if (json) {
    writer.begin_object();
    writer.key("agent"), writer.value(answer.agent.to_string());
    writer.key("enrichment"), writer.value(answer.enrichment);
    writer.key("state"), writer.value(journal::name_of(answer.state));
    writer.key("values"), writer.begin_object();
  }
  for (const rules::AnsweredMember& member : answer.members) {
    const std::string value = value_text(member.varbind, mibs);
    if (!json) {
      out += fmt::format(" {}=", member.name);
      base::append_json_escaped(out, value);
    }
    if (json) writer.escaped_key(member.name), writer.value(value);
  }
  if (json) writer.end_object(), writer.end_object();
  return true;
}

void RecordRenderer::append_json(const RecordView& record, std::string_view node,
                                 std::string& out) {
  out += fmt::format(
      "{{\"lsn\":{},\"type\":\"{}\",\"segment\":{},\"offset\":{},\"received\":\"{}\","
      "\"rule_time\":\"{}\",\"content\":",
      record.ref.lsn.value, name_of(record.type), record.ref.segment.value, record.ref.offset,
      time_text(record.received), time_text(record.rule_time));
  if (!append_content(record, node, true, out)) out += "null";
  out += '}';
}

void RecordRenderer::append_text(const RecordView& record, std::string_view node,
                                 std::string& out) {
  out += fmt::format("{:>10}  {:<10}  ", record.ref.lsn.value, name_of(record.type));
  // An event's own text begins with its time.
  if (record.type != RecordType::event) out += time_text(record.rule_time) + "  ";
  if (!append_content(record, node, false, out)) {
    out += fmt::format("({} octets)", record.payload.size());
  }
}

}  // namespace trapline::gateway
