#include "tests/integration/collector.h"

#include <signal.h>

#include <cstdio>
#include <fstream>

namespace trapline::integration {

using nlohmann::json;
using test_support::run_program;
using test_support::wait_until;

Collector::Collector() {
  const auto made =
      run_program({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                   "-subj", "/CN=trapline test", "-addext", "subjectAltName=IP:127.0.0.1",
                   "-keyout", scratch_ / "collector.key", "-out", ca_path()});
  if (made.exit_code != 0) std::fputs(made.err.c_str(), stderr);
}

bool Collector::start() {
  process_ = std::make_unique<test_support::Process>(
      std::vector<std::string>{"python3", "-B", TRAPLINE_PEERS "/collector_peer.py", ca_path(),
                               scratch_ / "collector.key", port_, scratch_ / "kept"});
  if (!wait_until([&] { return process_->out().ends_with('\n') || !process_->running(); }) ||
      !process_->running()) {
    std::fputs(process_->err().c_str(), stderr);
    return false;
  }
  port_ = process_->out();
  port_.pop_back();
  return true;
}

void Collector::kill() {
  process_->signal(SIGKILL);
  static_cast<void>(process_->wait());
}

std::vector<json> Collector::bodies(const std::string& path) const {
  std::vector<json> all;
  std::ifstream file(scratch_ / "kept");
  for (std::string line; std::getline(file, line);) {
    json kept = json::parse(line, nullptr, false);
    if (kept.is_object() && kept["path"] == path) all.push_back(std::move(kept["body"]));
  }
  return all;
}

}  // namespace trapline::integration
