#include "gateway/config/delivery_section.h"

#include <array>
#include <string_view>
#include <utility>

namespace trapline::gateway {
namespace {

constexpr IntegerRange kPerSec{1, 1'000'000};
constexpr IntegerRange kBurst{1, 1'000'000};
constexpr IntegerRange kMaxAgeSecs{1, 31'536'000};

using Start = std::pair<std::string_view, bool>;
constexpr std::array kStarts = {Start{"now", false}, Start{"oldest", true}};

}  // namespace

void read_retention(FieldReader& sink, SinkConfig& out) {
  sink.read_boolean("required", out.required);
  sink.read_choice<bool>("start", kStarts, out.start_oldest);
}

void read_delivery(FieldReader& sink, ConfigProblems& problems, LanedSinkConfig& out) {
  if (const ConfigNode* map = sink.map("rate_limit")) {
    FieldReader reader(*map, sink.name_of("rate_limit"), problems);
    reader.require("per_sec", "events per second");
    out.burst = 1;
    reader.read_integer("per_sec", kPerSec, out.per_sec);
    reader.read_integer("burst", kBurst, out.burst);
    reader.finish();
  }
  sink.read_duration("max_age_secs", kMaxAgeSecs, out.max_age);
  read_retention(sink, out);
}

}  // namespace trapline::gateway
