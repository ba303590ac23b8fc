#include "tests/integration/syslog_receiver.h"

#include <sstream>
#include <utility>

namespace trapline::integration {

using nlohmann::json;

SyslogReceiver::SyslogReceiver(std::string transport) : transport_(std::move(transport)) {
  if (transport_ == "tls") {
    certificate_ = test_support::make_certificate(scratch_, "syslog", "IP:127.0.0.1");
  }
}

bool SyslogReceiver::start() {
  std::vector<std::string> arguments = {transport_, peer_.port()};
  if (transport_ == "tls") {
    arguments.push_back(certificate_.path);
    arguments.push_back(certificate_.key_path);
  }
  return peer_.start(arguments);
}

std::vector<json> SyslogReceiver::messages() const {
  std::vector<json> all;
  std::istringstream lines(peer_.told());
  for (std::string line; std::getline(lines, line);) {
    all.push_back(json::parse(line, nullptr, false));
  }
  return all;
}

}  // namespace trapline::integration
