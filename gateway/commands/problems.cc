// trapline problems: what is raised now, from a running gateway.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"

namespace trapline::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kTimeout{5'000};

struct ProblemsOptions {
  GatewayChoice gateway;
  bool json = false;
};

void print_problems(const Json& problems) {
  if (problems.empty()) {
    fmt::print("nothing is raised\n");
    return;
  }
  for (const Json& problem : problems) {
    fmt::print("{:<9}{}  since {}, raised {} time(s)\n         {}  id={}\n",
               problem.value("severity", ""), problem.value("key", ""),
               problem.value("first_time", ""), problem.value("count", std::uint64_t{0}),
               problem.value("summary", ""), problem.value("raise_id", ""));
  }
}

int problems(const ProblemsOptions& options) {
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  const auto reply = control_get(control_socket_path(data_dir), "/problems", kTimeout);
  if (!reply) {
    fmt::print(stderr, "{}\n", reply.error());
    return kExitUnavailable;
  }
  const Json document = Json::parse(reply->body, nullptr, false);
  if (reply->status != 200 || !document.is_object() || !document.contains("problems")) {
    fmt::print(stderr, "the gateway answered {} and no problems: is it of another version?\n",
               reply->status);
    return kExitUnavailable;
  }
  if (options.json) {
    fmt::print("{}\n", reply->body);
  } else {
    print_problems(document["problems"]);
  }
  return kExitOk;
}

}  // namespace

void add_problems_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<ProblemsOptions>();
  CLI::App* verb = program.add_subcommand("problems", "list what is raised and not cleared");
  add_gateway_options(*verb, options->gateway);
  verb->add_flag("--json", options->json, "print the document as the gateway gives it");
  verb->callback([options, &exit_code] { exit_code = problems(*options); });
}

}  // namespace trapline::gateway
