#include "tests/integration/running_gateway.h"

#include <signal.h>

#include <filesystem>
#include <fstream>

namespace trapline::integration {

using nlohmann::json;
using test_support::run_program;
using test_support::trapline_binary;
using test_support::wait_until;

RunningGateway::RunningGateway(const std::string& directory)
    : directory_(directory), port_(test_support::free_udp_port()) {}

bool RunningGateway::start(std::chrono::milliseconds limit) {
  const std::string ready = directory_ + "/ready";
  std::filesystem::remove(ready);
  std::vector<std::string> arguments = {program.empty() ? trapline_binary() : program, "run",
                                        "--ready-file", ready};
  const std::vector<std::string> rest =
      config_path.empty()
          ? std::vector<std::string>{"--listen", v4(), "--listen", v6(), "--data-dir", data_dir()}
          : std::vector<std::string>{"--config", config_path};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  if (process_) earlier_log_ += process_->err();
  process_ = std::make_unique<Process>(arguments, environment);
  const auto is_over = [&] { return std::filesystem::exists(ready) || !process_->running(); };
  return wait_until(is_over, limit) && process_->running();
}

std::optional<int> RunningGateway::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

void RunningGateway::kill() {
  process_->signal(SIGKILL);
  static_cast<void>(process_->wait());
}

std::string RunningGateway::v4() const { return "127.0.0.1:" + std::to_string(port_); }
std::string RunningGateway::v6() const { return "[::1]:" + std::to_string(port_); }

std::string RunningGateway::log() const {
  return earlier_log_ + (process_ ? process_->err() : std::string());
}

json RunningGateway::status() const {
  const Finished asked = trapline({"status", "--json", "--data-dir", data_dir()});
  return asked.exit_code == 0 ? json::parse(asked.out, nullptr, false) : json();
}

std::vector<json> RunningGateway::events() const {
  std::ifstream file(events_path());
  std::vector<json> events;
  for (std::string line; std::getline(file, line);) {
    json event = json::parse(line, nullptr, false);
    events.push_back(event.is_discarded() ? json() : std::move(event));
  }
  return events;
}

std::vector<json> RunningGateway::wait_for_events(std::size_t count) const {
  static_cast<void>(wait_until([&] { return events().size() >= count; }));
  return events();
}

bool RunningGateway::wait_until_settled(std::chrono::milliseconds limit) const {
  const auto is_settled = [&] {
    const json now = status();
    if (!now.is_object() || !balances(now)) return false;
    if (now["ledger"]["awaiting"] != 0 || now["ledger"]["in_flight"] != 0) return false;
    for (const json& sink : now["sinks"]) {
      if (sink["pending"] != 0) return false;
    }
    return true;
  };
  return wait_until(is_settled, limit);
}

Finished trapline(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), trapline_binary());
  return run_program(arguments);
}

bool balances(const json& status) {
  const json& ledger = status["ledger"];
  if (ledger["difference"] != 0 || ledger["decision_difference"] != 0) return false;
  for (const json& sink : status["sinks"]) {
    if (sink["difference"] != 0) return false;
  }
  return true;
}

}  // namespace trapline::integration
