#include "gateway/letter_retry.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/json_writer.h"
#include "gateway/dead_letter_log.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/outcome_record.h"

namespace trapline::gateway {
namespace {

using journal::Letter;

constexpr std::size_t kMostNumbers = 10'000;
// Of OUTCOMEs in one batch, so that the sinks' cursors find room beside them.
constexpr std::size_t kMostBatchBytes = 1'048'576;

class RetryDurable final : public journal::DurableAction {
 public:
  RetryDurable(std::shared_ptr<std::atomic<std::uint64_t>> durable, std::uint64_t ticket)
      : durable_(std::move(durable)), ticket_(ticket) {}
  void durable(journal::Lsn /*first*/) override { *durable_ = ticket_; }

 private:
  const std::shared_ptr<std::atomic<std::uint64_t>> durable_;
  const std::uint64_t ticket_;
};

}  // namespace

std::optional<std::vector<std::uint64_t>> parse_letter_numbers(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (*at == ' ' || *at == '\n') {
      ++at;
      continue;
    }
    const auto [behind, error] = std::from_chars(at, end, numbers.emplace_back());
    if (error != std::errc{} || numbers.size() > kMostNumbers) return std::nullopt;
    at = behind;
  }
  return numbers;
}

LetterRetry::LetterRetry(journal::Fs& fs, std::string directory, journal::Journal& journal,
                         std::vector<std::string> sinks, std::uint64_t instance)
    : fs_(fs),
      directory_(std::move(directory)),
      journal_(journal),
      sinks_(std::move(sinks)),
      instance_(fmt::format("{:016x}", instance)),
      durable_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}

std::string LetterRetry::retry(std::span<const std::uint64_t> numbers) {
  std::string answer;
  std::string refused;
  base::JsonWriter json(answer);
  base::JsonWriter refusals(refused);
  json.begin_object();
  json.key("instance"), json.value(std::string_view(instance_));
  json.key("taken"), json.begin_array();
  refusals.begin_array();
  auto batch = journal_.new_batch();
  for (const std::uint64_t number : numbers) {
    if (batch->bytes().size() > kMostBatchBytes) break;
    std::string reason = "there is no such letter";
    (void)find_dead_letter(fs_, directory_, number,
                           [&](const Letter& letter) { reason = add(letter, *batch); });
    if (reason.empty()) {
      json.value(number);
      continue;
    }
    refusals.begin_object();
    refusals.key("number"), refusals.value(number);
    refusals.key("reason"), refusals.value(std::string_view(reason));
    refusals.end_object();
  }
  json.end_array();
  refusals.end_array();
  json.key("ticket"), json.value(++last_ticket_);
  json.end_object();
  answer.insert(answer.size() - 1, ",\"refused\":" + refused);
  batch->urgent = true;
  batch->action = std::make_unique<RetryDurable>(durable_, last_ticket_);
  journal_.append(journal::Lane::reserved, std::move(batch));
  return answer;
}

std::string LetterRetry::add(const Letter& letter, journal::AppendBatch& batch) {
  if (std::ranges::find(sinks_, letter.sink) == sinks_.end()) {
    return "there is no sink `" + std::string(letter.sink) + "` in the running gateway";
  }
  journal::OutcomeScratch scratch;
  journal::Outcome outcome;
  if (!journal::decode_outcome(letter.outcome.payload, scratch, outcome)) {
    return "this version cannot read it";
  }
  std::vector<std::byte> kept;
  journal::encode_kept_event(letter.event, kept);
  outcome.synthetic = true;
  outcome.again = true;
  outcome.id = letter.id;
  outcome.sinks = std::span(&letter.sink, 1);
  outcome.kept_event = kept;
  const std::size_t size = journal::outcome_bytes(outcome);
  if (size > journal::kMaxPayloadBytes) return "it is too large to be stored again";
  const auto room = batch.add(journal::RecordType::outcome, size, letter.outcome.received);
  journal::encode_outcome(outcome, room);
  return {};
}

std::string LetterRetry::progress_json() const {
  std::string out;
  base::JsonWriter json(out);
  json.begin_object();
  json.key("instance"), json.value(std::string_view(instance_));
  json.key("durable"), json.value(durable_->load());
  json.end_object();
  return out;
}

}  // namespace trapline::gateway
