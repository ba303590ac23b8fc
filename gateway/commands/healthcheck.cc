#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"

namespace trapline::gateway {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};

struct HealthcheckOptions {
  GatewayChoice gateway;
  bool ready = false;
};

int healthcheck(const HealthcheckOptions& options) {
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  const std::string target = options.ready ? "/-/ready" : "/-/healthy";
  const auto reply = control_get(control_socket_path(data_dir), target, kTimeout);
  if (!reply) {
    fmt::print(stderr, "{}\n", reply.error());
    return kExitUnavailable;
  }
  fmt::print("{}", reply->body);
  return reply->status == 200 ? kExitOk : kExitFailed;
}

}  // namespace

void add_healthcheck_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<HealthcheckOptions>();
  CLI::App* verb =
      program.add_subcommand("healthcheck", "ask a running gateway whether it is well");
  add_gateway_options(*verb, options->gateway);
  verb->add_flag("--ready", options->ready, "ask whether it can receive and store, instead");
  verb->callback([options, &exit_code] { exit_code = healthcheck(*options); });
}

}  // namespace trapline::gateway
