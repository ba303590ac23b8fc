#include "gateway/problems_json.h"

#include "base/json_writer.h"
#include "sinks/time_text.h"

namespace trapline::gateway {
namespace {

std::string time_text(base::RuleTime time) {
  const auto text = sinks::rfc3339(base::WallTime(std::chrono::nanoseconds(time.since_epoch_ns)));
  return {text.data(), text.size()};
}

}  // namespace

std::string problems_json(std::span<const rules::Problem> problems) {
  std::string out;
  base::JsonWriter json(out);
  json.begin_object();
  json.key("problems"), json.begin_array();
  for (const rules::Problem& problem : problems) {
    json.begin_object();
    json.key("key"), json.value(std::string_view(problem.key));
    json.key("severity"), json.value(name_of(problem.severity));
    json.key("summary"), json.value(std::string_view(problem.summary));
    json.key("raise_id"), json.value(std::string_view(problem.raise_id));
    json.key("count"), json.value(problem.count);
    json.key("first_time"), json.value(std::string_view(time_text(problem.first)));
    json.key("last_time"), json.value(std::string_view(time_text(problem.last)));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace trapline::gateway
