#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"
#include "gateway/commands/status_text.h"

namespace trapline::gateway {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};

struct StatusOptions {
  GatewayChoice gateway;
  bool json = false;
};

int status(const StatusOptions& options) {
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  const auto reply = control_get(control_socket_path(data_dir), "/status", kTimeout);
  if (!reply) {
    fmt::print(stderr, "{}\n", reply.error());
    return kExitUnavailable;
  }
  const auto text = options.json ? std::optional(reply->body + "\n") : status_text(reply->body);
  if (reply->status != 200 || !text) {
    fmt::print(stderr, "the gateway answered {} and no status: is it of another version?\n",
               reply->status);
    return kExitUnavailable;
  }
  fmt::print("{}", *text);
  return kExitOk;
}

}  // namespace

void add_status_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* verb =
      program.add_subcommand("status", "show the books and the state of a running gateway");
  add_gateway_options(*verb, options->gateway);
  verb->add_flag("--json", options->json, "print the document as the gateway gives it");
  verb->callback([options, &exit_code] { exit_code = status(*options); });
}

}  // namespace trapline::gateway
