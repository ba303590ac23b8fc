#include "gateway/event_ids.h"

#include <array>
#include <charconv>

namespace trapline::gateway {
namespace {

template <class Number>
void append_number(std::string& out, Number number, int base) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string_view EventIds::of(const journal::RecordView& record, std::string_view node) {
  if (id_.empty() || epoch_ != record.epoch || segment_ != record.ref.segment) {
    segment_ = record.ref.segment;
    epoch_ = record.epoch;
    id_.assign(node);
    id_ += '-';
    append_number(id_, record.epoch.value, 16);
    id_ += '-';
    prefix_bytes_ = id_.size();
  }
  id_.resize(prefix_bytes_);
  append_number(id_, record.ref.lsn.value, 10);
  return id_;
}

}  // namespace trapline::gateway
