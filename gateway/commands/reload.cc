// trapline reload: have a running gateway read its rules anew.
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

// Thousands of rules and their tests take a while.
constexpr std::chrono::milliseconds kTimeout{60'000};

int reload(const GatewayChoice& choice) {
  const std::string data_dir = chosen_data_dir(choice);
  if (data_dir.empty()) return kExitConfiguration;
  const auto reply = control_post(control_socket_path(data_dir), "/-/reload", "", kTimeout);
  if (!reply) {
    fmt::print(stderr, "{}\n", reply.error());
    return kExitUnavailable;
  }
  if (reply->status != 200) {
    fmt::print(stderr, "{}everything stays as it was\n", reply->body);
    return reply->status == 422 ? kExitConfiguration : kExitUnavailable;
  }
  fmt::print("{}reloaded\n", reply->body);
  return kExitOk;
}

}  // namespace

void add_reload_command(CLI::App& program, int& exit_code) {
  auto choice = std::make_shared<GatewayChoice>();
  CLI::App* verb = program.add_subcommand(
      "reload", "check the configuration and let a running gateway go on under its rules");
  add_gateway_options(*verb, *choice);
  verb->callback([choice, &exit_code] { exit_code = reload(*choice); });
}

}  // namespace trapline::gateway
