// Judges what a destination got: every event, whole, in order per agent, and when it is told one
// again, the same one.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"

namespace trapline::integration {

// One per destination; takes its events in the order they arrived. Not synchronised.
class DeliveryAudit {
 public:
  void take(const nlohmann::json& event);
  // Every line of a file of JSON lines.
  void take_file(const std::string& path);

  // The different events.
  [[nodiscard]] const std::set<std::string>& ids() const { return ids_; }
  // How many came that had been there before, under the same id.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }
  // What must not be, a few of them in words: an id with two contents, one notification under two
  // ids, an event behind a later one of its agent.
  [[nodiscard]] const std::vector<std::string>& mistakes() const { return mistakes_; }
  // Of the notifications that `trapline bench --acked` put on record, how many never came.
  [[nodiscard]] std::uint64_t missing_of(const std::string& acked_path) const;

 private:
  void blame(const std::string& words);

  std::set<std::string> ids_;
  std::unordered_map<std::string, std::size_t> contents_;         // by id
  std::unordered_map<std::uint64_t, std::string> notifications_;  // by run and sequence number
  std::map<std::string, std::uint64_t, std::less<>> latest_lsn_;  // by agent
  std::uint64_t repeated_ = 0;
  std::vector<std::string> mistakes_;
};

}  // namespace trapline::integration
