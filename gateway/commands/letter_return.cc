#include "gateway/commands/letter_return.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/redelivery.h"
#include "gateway/config/config_loader.h"
#include "gateway/dead_letter_log.h"
#include "gateway/journal/posix_fs.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using journal::Letter;
using Json = nlohmann::json;
using Numbers = std::vector<std::uint64_t>;

constexpr std::size_t kAtOnce = 500;  // letters in a request, or between two removals
constexpr auto kAsk = 10'000ms;
constexpr auto kDurable = 30s;
constexpr auto kPoll = 10ms;

// What is to go, oldest first, by sink.
using Chosen = std::map<std::string, Numbers, std::less<>>;

// What became of the letters so far.
struct Tally {
  std::uint64_t gone = 0;
  std::uint64_t stay = 0;
};

class LetterReturn {
 public:
  explicit LetterReturn(const std::string& data_dir)
      : data_dir_(data_dir),
        directory_(dead_letter_directory(data_dir)),
        socket_(control_socket_path(data_dir)) {}

  [[nodiscard]] bool choose(const LetterFilter& wanted);
  [[nodiscard]] bool any() const { return !chosen_.empty(); }
  [[nodiscard]] bool gateway_runs() const {
    return control_get(socket_, "/-/healthy", kAsk).has_value();
  }
  [[nodiscard]] int by_gateway();
  [[nodiscard]] int by_ourselves(const GatewayChoice& choice);

 private:
  bool ask(Numbers& left, const std::string& sink);
  [[nodiscard]] bool wait_until_durable(const std::string& instance, std::uint64_t ticket);
  bool deliver(std::span<const std::uint64_t> numbers, Redelivery& sink);
  bool remove(const std::set<std::uint64_t>& numbers);
  [[nodiscard]] int conclude(bool whole) const;

  const std::string data_dir_;
  const std::string directory_;
  const std::string socket_;
  journal::PosixFs fs_;
  Chosen chosen_;
  Tally tally_;
};

bool LetterReturn::choose(const LetterFilter& wanted) {
  const auto read = read_dead_letters(fs_, directory_, [&](const Letter& letter) {
    if (wanted(letter)) chosen_[std::string(letter.sink)].push_back(letter.number);
    return true;
  });
  if (!read) fmt::print(stderr, "cannot read {}: {}\n", directory_, name_of(read.error()));
  return static_cast<bool>(read);
}

int LetterReturn::by_gateway() {
  bool answered = true;
  for (auto& [sink, numbers] : chosen_) {
    const std::uint64_t before = tally_.gone;
    while (answered && !numbers.empty()) answered = ask(numbers, sink);
    fmt::print("{} handed to sink {}\n", tally_.gone - before, sink);
    tally_.stay += numbers.size();
  }
  return conclude(answered);
}

// Hands some of the letters over and takes them out of `left`. False when the gateway fails.
bool LetterReturn::ask(Numbers& left, const std::string& sink) {
  std::string body;
  for (std::size_t i = 0; i < std::min(left.size(), kAtOnce); ++i) {
    body += std::to_string(left[i]) + "\n";
  }
  const auto reply = control_post(socket_, "/deadletters/retry", body, kAsk);
  const Json answer = Json::parse(reply ? reply->body : "", nullptr, false);
  if (!reply || !answer.is_object()) {
    fmt::print(stderr, "{}\n",
               reply ? "the gateway does not know how to: " + reply->body : reply.error());
    return false;
  }
  const auto taken = answer.value("taken", std::set<std::uint64_t>());
  std::set<std::uint64_t> settled = taken;
  for (const Json& refusal : answer.value("refused", Json::array())) {
    const auto number = refusal.value("number", std::uint64_t{0});
    fmt::print(stderr, "letter {} of sink {} stays: {}\n", number, sink,
               refusal.value("reason", ""));
    settled.insert(number);
    ++tally_.stay;
  }
  if (settled.empty()) return false;
  if (!wait_until_durable(answer.value("instance", ""), answer.value("ticket", std::uint64_t{0}))) {
    return false;
  }
  std::erase_if(left, [&](std::uint64_t number) { return settled.contains(number); });
  tally_.gone += taken.size();
  return remove(taken);
}

bool LetterReturn::wait_until_durable(const std::string& instance, std::uint64_t ticket) {
  const auto deadline = std::chrono::steady_clock::now() + kDurable;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto reply = control_get(socket_, "/deadletters/retried", kAsk);
    const Json answer = Json::parse(reply ? reply->body : "", nullptr, false);
    if (!answer.is_object() || answer.value("instance", "") != instance) break;
    if (answer.value("durable", std::uint64_t{0}) >= ticket) return true;
    std::this_thread::sleep_for(kPoll);
  }
  fmt::print(stderr,
             "the gateway did not say that the events are safe: their letters stay; what it took "
             "may arrive twice, with the same id\n");
  return false;
}

int LetterReturn::by_ourselves(const GatewayChoice& choice) {
  const std::string path =
      choice.config_path.empty() ? std::string(kDefaultConfigPath) : choice.config_path;
  const auto config = load_config(path);
  if (!config) {
    for (const std::string& line : config.error().lines) fmt::print(stderr, "{}\n", line);
    fmt::print(stderr, "no gateway runs on {}: --config names the sinks to deliver to\n",
               data_dir_);
    return kExitConfiguration;
  }
  bool whole = true;
  for (auto& [name, numbers] : chosen_) {
    auto sink = Redelivery::make(*config, name, data_dir_);
    if (!sink) {
      fmt::print(stderr, "{}: {} letters stay\n", sink.error(), numbers.size());
      tally_.stay += numbers.size();
      whole = false;
      continue;
    }
    const std::span<const std::uint64_t> all(numbers);
    for (std::size_t at = 0; at < all.size(); at += kAtOnce) {
      const auto some = all.subspan(at, std::min(kAtOnce, all.size() - at));
      if ((*sink)->well()) {
        whole = deliver(some, **sink) && whole;
      } else {
        tally_.stay += some.size();
      }
    }
    (void)(*sink)->finish();
  }
  return conclude(whole);
}

// Has these delivered, and removes those that were.
bool LetterReturn::deliver(std::span<const std::uint64_t> numbers, Redelivery& sink) {
  std::map<std::uint64_t, std::uint64_t> offers;  // which offer a letter was
  for (const std::uint64_t number : numbers) {
    (void)find_dead_letter(fs_, directory_, number, [&](const Letter& letter) {
      journal::OutcomeScratch scratch;
      journal::Outcome outcome;
      const std::uint64_t before = sink.offered();
      if (!journal::decode_outcome(letter.outcome.payload, scratch, outcome)) return;
      sink.offer(outcome, letter.event, letter.id);
      if (sink.offered() != before) offers.emplace(number, sink.offered());
    });
  }
  sink.settle();
  std::set<std::uint64_t> delivered;
  for (const auto& [number, offer] : offers) {
    if (sink.is_delivered(offer)) delivered.insert(number);
  }
  tally_.gone += delivered.size();
  tally_.stay += numbers.size() - delivered.size();
  return remove(delivered) && sink.well();
}

bool LetterReturn::remove(const std::set<std::uint64_t>& numbers) {
  if (numbers.empty()) return true;
  const auto dropped = drop_dead_letters(
      fs_, directory_, [&](const Letter& letter) { return numbers.contains(letter.number); });
  if (!dropped) {
    fmt::print(stderr, "cannot remove letters in {}: {}; they may go twice\n", directory_,
               name_of(dropped.error()));
  }
  return static_cast<bool>(dropped);
}

int LetterReturn::conclude(bool whole) const {
  fmt::print("{} gone, {} stay\n", tally_.gone, tally_.stay);
  if (!whole) return kExitUnavailable;
  return tally_.stay == 0 ? kExitOk : kExitFailed;
}

}  // namespace

int return_letters(const GatewayChoice& choice, const std::string& data_dir,
                   const LetterFilter& wanted) {
  LetterReturn letters(data_dir);
  if (!letters.choose(wanted)) return kExitUnavailable;
  if (!letters.any()) {
    fmt::print(stderr, "there is no such dead letter; `trapline deadletter ls` lists them\n");
    return kExitFailed;
  }
  return letters.gateway_runs() ? letters.by_gateway() : letters.by_ourselves(choice);
}

}  // namespace trapline::gateway
