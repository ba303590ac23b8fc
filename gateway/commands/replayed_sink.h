// A sink of a configuration, given stored events by a command.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/config/config.h"
#include "gateway/event_ids.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/journal/record.h"
#include "protocol/decode.h"
#include "sinks/posix_files.h"
#include "sinks/sink.h"

namespace trapline::gateway {

// Delivers once, without retries: what a destination does not take ends it, and is told. One
// thread.
class ReplayedSink final : private sinks::Answers {
 public:
  // Makes the sink called `name` and opens it. Fails, saying why and what to do, when there is
  // none, when it cannot be opened, or while a gateway that runs on `data_dir` writes to a sink of
  // that name: two would write into one file.
  [[nodiscard]] static base::Result<std::unique_ptr<ReplayedSink>, std::string> open(
      const Config& config, const std::string& name, const std::string& data_dir);

  [[nodiscard]] std::string_view name() const { return name_; }
  // Hands over what was decided about `record`; `node` is that of its segment.
  void take(const journal::Outcome& outcome, const journal::RecordView& record,
            std::string_view node);
  // False once the destination has refused.
  [[nodiscard]] bool well() const { return failure_.empty(); }
  // Has everything delivered, and prints how many were. False when not all could be.
  [[nodiscard]] bool finish();

 private:
  ReplayedSink(const FileSinkConfig& config);
  void delivered_through(sinks::Sequence last) override;
  void retry(std::chrono::milliseconds at_least, std::string_view reason) override;
  void delivered(sinks::Sequence event) override;
  void rejected(sinks::Sequence event, std::string_view reason) override;
  void retry_lane(sinks::Sequence event, std::chrono::milliseconds at_least,
                  std::string_view reason) override;

  const std::string name_;
  sinks::PosixFiles files_;
  base::SystemClock clock_;
  std::unique_ptr<sinks::Sink> sink_;
  sinks::Sequence taken_ = 0;
  sinks::Sequence delivered_ = 0;  // how many
  std::string failure_;
  EventIds ids_;
  protocol::DecodeScratch scratch_;
};

}  // namespace trapline::gateway
