// trapline v3 engines|forget: the remote engines that a running gateway knows.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"
#include "gateway/engine_id_text.h"

namespace trapline::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kTimeout{5'000};

struct V3Options {
  GatewayChoice gateway;
  bool json = false;
  std::string engine;
};

int unavailable(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  return kExitUnavailable;
}

void print_engines(const Json& document) {
  const Json engines = document.value("remote_engines", Json::array());
  fmt::print("own engine {}, {} remote\n",
             document["engine_id"].is_string() ? document["engine_id"].get<std::string>()
                                               : "none (no v3.users)",
             engines.size());
  if (engines.empty()) return;
  fmt::print("{:<66}{:>12}{:>12}{:>12}\n", "engine_id", "boots", "time", "idle_secs");
  for (const Json& engine : engines) {
    fmt::print("{:<66}{:>12}{:>12}{:>12}\n", engine.value("engine_id", ""),
               engine.value("boots", 0), engine.value("time", 0),
               engine.value("idle_secs", std::int64_t{0}));
  }
}

int list_engines(const V3Options& options) {
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  const auto reply = control_get(control_socket_path(data_dir), "/v3/engines", kTimeout);
  if (!reply) return unavailable(reply.error());
  const Json document = Json::parse(reply->body, nullptr, false);
  if (reply->status != 200 || !document.is_object() || !document.contains("engine_id")) {
    return unavailable(fmt::format(
        "the gateway answered {} and no engines: is it of another version?", reply->status));
  }
  if (options.json) {
    fmt::print("{}\n", reply->body);
  } else {
    print_engines(document);
  }
  return kExitOk;
}

int forget(const V3Options& options) {
  const auto id = parse_engine_id(options.engine);
  if (!id) {
    fmt::print(stderr, "`{}` is not an engineID: 10 to 64 hexadecimal digits\n", options.engine);
    return kExitUsage;
  }
  const std::string data_dir = chosen_data_dir(options.gateway);
  if (data_dir.empty()) return kExitConfiguration;
  const auto reply =
      control_post(control_socket_path(data_dir), "/v3/forget", engine_id_text(*id), kTimeout);
  if (!reply) return unavailable(reply.error());
  if (reply->status == 404) {
    fmt::print(stderr, "engine {} is not known; `trapline v3 engines` lists those that are\n",
               engine_id_text(*id));
    return kExitFailed;
  }
  if (reply->status != 200) {
    return unavailable(fmt::format("the gateway answered {}: {}", reply->status, reply->body));
  }
  fmt::print(
      "engine {} is forgotten once that is on disk: its next authentic trap sets boots and "
      "time\n",
      engine_id_text(*id));
  return kExitOk;
}

}  // namespace

void add_v3_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<V3Options>();
  CLI::App* verb = program.add_subcommand("v3", "show or forget the SNMPv3 engines that are known");
  verb->require_subcommand(1);
  CLI::App* engines = verb->add_subcommand(
      "engines", "list the engines whose traps were authenticated, with boots and time");
  add_gateway_options(*engines, options->gateway);
  engines->add_flag("--json", options->json, "print the document as the gateway gives it");
  engines->callback([options, &exit_code] { exit_code = list_engines(*options); });
  CLI::App* gone = verb->add_subcommand(
      "forget", "let a replaced or reset device begin again with lower boots or time");
  gone->add_option("engine", options->engine, "its engineID in hexadecimal")->required();
  add_gateway_options(*gone, options->gateway);
  gone->callback([options, &exit_code] { exit_code = forget(*options); });
}

}  // namespace trapline::gateway
