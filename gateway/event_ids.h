// Event ids: <node>-<epoch>-<LSN>, the same in every replay.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/journal/record.h"

namespace trapline::gateway {

// Composes ids; runs of events of one segment cost a number each. One thread.
class EventIds {
 public:
  // The id of the event in `record`; `node` is the node id in the header of its segment. Valid
  // until the next call.
  [[nodiscard]] std::string_view of(const journal::RecordView& record, std::string_view node);

 private:
  std::string id_;
  std::size_t prefix_bytes_ = 0;
  journal::SegmentNumber segment_;
  journal::Epoch epoch_;
};

}  // namespace trapline::gateway
