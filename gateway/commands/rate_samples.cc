#include "gateway/commands/rate_samples.h"

#include <array>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "protocol/mib/mib_index.h"

namespace trapline::gateway {
namespace {

using protocol::Oid;
using protocol::OidView;
using protocol::ValueType;
using protocol::mib::MibIndex;

struct Pair {
  const char* narrow;
  const char* wide;
};
// IF-MIB: a column of 32 bits and the one that counts the same in 64.
constexpr std::array<Pair, 8> kPairs = {{
    {"1.3.6.1.2.1.2.2.1.10", "1.3.6.1.2.1.31.1.1.1.6"},     // ifInOctets, ifHCInOctets
    {"1.3.6.1.2.1.2.2.1.11", "1.3.6.1.2.1.31.1.1.1.7"},     // ifInUcastPkts
    {"1.3.6.1.2.1.31.1.1.1.2", "1.3.6.1.2.1.31.1.1.1.8"},   // ifInMulticastPkts
    {"1.3.6.1.2.1.31.1.1.1.3", "1.3.6.1.2.1.31.1.1.1.9"},   // ifInBroadcastPkts
    {"1.3.6.1.2.1.2.2.1.16", "1.3.6.1.2.1.31.1.1.1.10"},    // ifOutOctets
    {"1.3.6.1.2.1.2.2.1.17", "1.3.6.1.2.1.31.1.1.1.11"},    // ifOutUcastPkts
    {"1.3.6.1.2.1.31.1.1.1.4", "1.3.6.1.2.1.31.1.1.1.12"},  // ifOutMulticastPkts
    {"1.3.6.1.2.1.31.1.1.1.5", "1.3.6.1.2.1.31.1.1.1.13"},  // ifOutBroadcastPkts
}};

// The same instance of the wide column; nothing when `name` is of none of the narrow ones.
std::optional<Oid> wide_of(OidView name) {
  for (const Pair& pair : kPairs) {
    const Oid narrow = *Oid::parse(pair.narrow);
    if (!name.starts_with(narrow)) continue;
    Oid wide = *Oid::parse(pair.wide);
    const OidView index = name.suffix(narrow.view().content().size());
    for (std::size_t at = 0; at < index.content().size();) {
      wide.append(protocol::take_sub_identifier(index, at));
    }
    return wide;
  }
  return std::nullopt;
}

std::string name_text(OidView oid) {
  std::string text;
  MibIndex::built_in().append_name(oid, text);
  return text;
}

// Why there is no number.
std::string_view explain(RateKind kind) {
  switch (kind) {
    case RateKind::rate: return "";
    case RateKind::first: return "first sample, no rate yet";
    case RateKind::restarted: return "no rate: the device restarted (its sysUpTime began again)";
    case RateKind::zero_interval: return "no rate: no time has passed on the device's clock";
    case RateKind::implausible:
      return "no rate: the counter went back, and no link is that fast; it was set back";
  }
  return "";
}

}  // namespace

bool RateSamples::add(const PolledVarBind& value) {
  const bool is_64_bit = value.type == ValueType::counter64;
  if (!is_64_bit && value.type != ValueType::counter32) return false;
  samples_.insert_or_assign(value.name, CounterSample{value.number, is_64_bit, at_, uptime_ticks_});
  return true;
}

void RateSamples::prefer_wide() {
  std::erase_if(samples_, [this](const auto& sample) {
    const auto wide = wide_of(sample.first);
    return wide && samples_.contains(*wide);
  });
}

Rate RateSamples::rate_of(const Oid& name, const RateSamples& before, double most_per_sec) const {
  const auto last = before.samples_.find(name);
  if (last == before.samples_.end()) return {};
  return rate_between(last->second, samples_.at(name), most_per_sec);
}

std::vector<std::string> RateSamples::lines(const RateSamples& before, double most_per_sec) const {
  std::vector<std::string> out;
  for (const auto& [name, sample] : samples_) {
    const Rate rate = rate_of(name, before, most_per_sec);
    const std::string text =
        rate.kind == RateKind::rate
            ? fmt::format("{:.2f}/s{}", rate.per_sec, rate.wrapped ? " (wrapped)" : "")
            : std::string(explain(rate.kind));
    out.push_back(name_text(name) + " = " + text);
  }
  return out;
}

std::vector<std::string> RateSamples::json(const RateSamples& before, double most_per_sec,
                                           std::string_view host) const {
  std::vector<std::string> out;
  for (const auto& [name, sample] : samples_) {
    const Rate rate = rate_of(name, before, most_per_sec);
    base::JsonWriter json(out.emplace_back());
    json.begin_object();
    if (!host.empty()) json.key("host"), json.value(host);
    json.key("name"), json.value(std::string_view(name_text(name)));
    json.key("kind"), json.value(name_of(rate.kind));
    if (rate.kind == RateKind::rate) {
      json.key("per_sec"), json.value(rate.per_sec);
      json.key("delta"), json.value(rate.delta);
      json.key("wrapped"), json.value(rate.wrapped);
    }
    json.key("bits"), json.value(sample.is_64_bit ? 64 : 32);
    json.end_object();
  }
  return out;
}

std::vector<Oid> wide_columns_of(const std::vector<Oid>& columns) {
  std::vector<Oid> out;
  for (const Oid& column : columns) {
    if (auto wide = wide_of(column)) out.push_back(std::move(*wide));
  }
  return out;
}

}  // namespace trapline::gateway
