#include "gateway/load/inform_window.h"

#include <cassert>

namespace trapline::gateway::load {
namespace {

constexpr std::uint32_t kGenerationBits = 16;
constexpr std::uint32_t kGenerationMask = (1U << kGenerationBits) - 1;

}  // namespace

static_assert(kMaxWindow == 1U << 14);

InformWindow::InformWindow(unsigned places, std::chrono::nanoseconds timeout)
    : timeout_(timeout), places_(places) {
  assert(places >= 1 && places <= kMaxWindow);
  free_.reserve(places);
  for (std::uint32_t place = places; place-- > 0;) free_.push_back(place);
}

Identity InformWindow::open(std::uint16_t source, std::uint32_t sequence, base::BootTime began,
                            base::BootTime now) {
  assert(!full());
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Place& place = places_[index];
  place.used = true;
  place.generation = (place.generation + 1) & kGenerationMask;
  const std::uint32_t id =
      static_cast<std::uint32_t>(kLeastRequestId) | place.generation << kPlaceBits | index;
  place.inform = {{static_cast<std::int32_t>(id), source, sequence}, began, now + timeout_, 1};
  link_last(index);
  return place.inform.identity;
}

std::optional<Outstanding> InformWindow::close(std::int32_t request_id) {
  const std::uint32_t index = place_of(request_id);
  if (index == kNone) return std::nullopt;
  unlink(index);
  places_[index].used = false;
  free_.push_back(index);
  return places_[index].inform;
}

std::optional<Outstanding> InformWindow::find(std::int32_t request_id) const {
  const std::uint32_t index = place_of(request_id);
  if (index == kNone) return std::nullopt;
  return places_[index].inform;
}

std::optional<Outstanding> InformWindow::oldest() const {
  if (first_ == kNone) return std::nullopt;
  return places_[first_].inform;
}

void InformWindow::attempt_again(std::int32_t request_id, base::BootTime now) {
  const std::uint32_t index = place_of(request_id);
  assert(index != kNone);
  unlink(index);
  places_[index].inform.deadline = now + timeout_;
  ++places_[index].inform.attempts;
  link_last(index);
}

std::uint32_t InformWindow::place_of(std::int32_t request_id) const {
  const std::uint32_t index = static_cast<std::uint32_t>(request_id) & ((1U << kPlaceBits) - 1);
  if (index >= places_.size()) return kNone;
  const Place& place = places_[index];
  return place.used && place.inform.identity.request_id == request_id ? index : kNone;
}

void InformWindow::link_last(std::uint32_t place) {
  places_[place].before = last_;
  places_[place].behind = kNone;
  (last_ == kNone ? first_ : places_[last_].behind) = place;
  last_ = place;
}

void InformWindow::unlink(std::uint32_t place) {
  const auto [before, behind] = std::pair(places_[place].before, places_[place].behind);
  (before == kNone ? first_ : places_[before].behind) = behind;
  (behind == kNone ? last_ : places_[behind].before) = before;
}

}  // namespace trapline::gateway::load
