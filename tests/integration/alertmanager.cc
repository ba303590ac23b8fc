#include "tests/integration/alertmanager.h"

#include <vector>

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::Finished;
using test_support::Process;
using test_support::run_program;
using test_support::wait_until;

// It says in its log which port it has taken.
std::string port_of(const std::string& log) {
  const std::size_t at = log.find("address=127.0.0.1:");
  if (at == std::string::npos) return {};
  const std::size_t begin = log.find(':', at) + 1;
  return log.substr(begin, log.find_first_not_of("0123456789", begin) - begin);
}

}  // namespace

bool Alertmanager::start(const std::string& resolve_timeout) {
  return run("global: { resolve_timeout: " + resolve_timeout +
             " }\nroute: { receiver: none }\nreceivers: [ { name: none } ]\n");
}

// Each alert is a group of its own.
bool Alertmanager::start_telling(const std::string& webhook, const std::string& ca) {
  return run(
      "route: { receiver: told, group_by: ['...'], group_wait: 0s, group_interval: 1s }\n"
      "receivers:\n  - name: told\n    webhook_configs:\n      - url: " +
      webhook + "\n        http_config: { tls_config: { ca_file: " + ca + " } }\n");
}

bool Alertmanager::run(const std::string& config) {
  const std::string address = "127.0.0.1:" + (port_.empty() ? "0" : port_);
  process_ = std::make_unique<Process>(std::vector<std::string>{
      "prometheus-alertmanager", "--config.file=" + scratch_.write("alertmanager.yaml", config),
      "--storage.path=" + scratch_ / ("alerts-" + std::to_string(++starts_)),
      "--web.listen-address=" + address, "--cluster.listen-address="});
  if (!wait_until([&] { return !port_of(log()).empty() || !process_->running(); })) return false;
  port_ = port_of(log());
  return !port_.empty();
}

void Alertmanager::kill() { process_.reset(); }

json Alertmanager::alerts() const {
  const Finished asked =
      run_program({"amtool", "alert", "query", "-o", "json", "--alertmanager.url=" + url()});
  return asked.exit_code == 0 ? json::parse(asked.out, nullptr, false) : json();
}

std::string Alertmanager::log() const { return process_ ? process_->err() : std::string(); }

}  // namespace trapline::integration
