// Addresses of a host, asked for in the background: the name service may take half a minute.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace trapline::sinks {

// One question at a time. Used by one thread. Dying, it waits for nobody: an answer that comes
// later is thrown away.
class HostLookup {
 public:
  using Answer = base::Result<std::vector<base::Endpoint>, std::string>;

  HostLookup(std::string host, std::uint16_t port);
  ~HostLookup();

  // Asks, unless a question is under way.
  void ask();
  // Whether a question was asked whose answer nobody has taken.
  [[nodiscard]] bool asked() const { return question_ != nullptr; }
  // Waits for the answer, `at_most`, and takes it, once; its addresses are in the order preferred.
  // False when there is none yet.
  [[nodiscard]] bool take(Answer& answer, std::chrono::milliseconds at_most);

 private:
  struct Question;

  const std::string host_;
  const std::uint16_t port_;
  std::shared_ptr<Question> question_;
};

}  // namespace trapline::sinks
