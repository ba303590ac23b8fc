// A journal that keeps what is appended and commits when a test says so.
#pragma once

#include <memory>
#include <vector>

#include "gateway/journal/journal.h"

namespace trapline::test_support {

namespace journal = gateway::journal;

// Reception and sinks see a journal; nothing is stored. One thread.
class RecordingJournal final : public journal::Journal {
 public:
  std::vector<std::unique_ptr<journal::AppendBatch>> appended;
  bool room = true;

  // The payloads of all EVENTs appended and not yet committed, in order.
  [[nodiscard]] std::vector<base::Bytes> event_payloads() const {
    std::vector<base::Bytes> payloads;
    for (const auto& batch : appended) {
      base::Bytes left = std::as_const(*batch).bytes();
      while (!left.empty()) {
        std::uint32_t size = 0;
        std::memcpy(&size, left.data(), sizeof size);
        payloads.push_back(left.subspan(journal::kRecordHeaderBytes, size));
        left = left.subspan((journal::kRecordHeaderBytes + size + 7) / 8 * 8);
      }
    }
    return payloads;
  }
  // Runs the actions of everything appended, as a commit would.
  void commit() {
    for (const auto& batch : appended) {
      if (batch->action) batch->action->durable(journal::Lsn{1});
    }
    appended.clear();
  }

  [[nodiscard]] const journal::Recovered& recovered() const override { return recovered_; }
  [[nodiscard]] std::unique_ptr<journal::AppendBatch> new_batch() override {
    return std::make_unique<journal::AppendBatch>();
  }
  [[nodiscard]] bool wait_for_room(journal::Lane, std::size_t, base::BootTime) override {
    return room;
  }
  void append(journal::Lane, std::unique_ptr<journal::AppendBatch> batch) override {
    appended.push_back(std::move(batch));
  }
  base::BootTime commit_step() override { return base::BootTime::max(); }
  void run_committer(std::stop_token, std::chrono::milliseconds) override {}
  base::BootTime housekeeping_step() override { return base::BootTime::max(); }
  void run_housekeeper(std::stop_token) override {}
  [[nodiscard]] std::unique_ptr<journal::Reader> reader(journal::RecordMask,
                                                        journal::Lsn) override {
    return nullptr;
  }
  [[nodiscard]] journal::Lsn durable() const override { return {}; }
  void interrupt_readers() override {}
  [[nodiscard]] journal::Standing standing() const override { return {}; }
  [[nodiscard]] journal::JournalStats stats() const override { return {}; }
  [[nodiscard]] bool writable() const override { return room; }
  [[nodiscard]] journal::RuleTime rule_time() const override { return {}; }
  [[nodiscard]] const std::string& node() const override { return node_; }

 private:
  journal::Recovered recovered_;
  std::string node_ = "test";
};

}  // namespace trapline::test_support
