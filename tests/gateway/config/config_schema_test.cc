#include "gateway/config/config_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using nlohmann::json;
using test_support::ScratchDirectory;

// A part of the schema, and how to write a configuration that reaches it: JSON with a @ for it.
struct Part {
  json schema;
  std::string around;
};

std::string put(std::string around, const std::string& value) {
  return around.replace(around.find('@'), 1, value);
}

// The least that stands beside `key` in a map.
std::string beside(const json& map, const std::string& key) {
  std::string text;
  for (const auto& name : map.value("required", json::array())) {
    if (name == key) continue;
    const json& part = map["properties"][name.get<std::string>()];
    const std::string value = part.contains("enum") ? part["enum"][0].dump() : "\"x\"";
    text += name.dump() + ": " + value + ", ";
  }
  return text;
}

std::vector<Part> children_of(const Part& part) {
  std::vector<Part> children;
  const json& schema = part.schema;
  for (const json& one : schema.value("anyOf", json::array())) {
    children.push_back({one, part.around});
  }
  const json properties = schema.value("properties", json::object());
  for (const auto& [key, child] : properties.items()) {
    const std::string map = "{" + beside(schema, key) + "\"" + key + "\": @}";
    children.push_back({child, put(part.around, map)});
  }
  if (schema.contains("items")) children.push_back({schema["items"], put(part.around, "[@]")});
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object()) {
    children.push_back({schema["additionalProperties"], put(part.around, "{x: @}")});
  }
  return children;
}

// Every part of the schema; the tree of routes to its first level.
std::vector<Part> all_parts() {
  const json root = json::parse(config_schema());
  std::vector<Part> parts{{root, "@"}};
  std::size_t routes = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].schema.contains("$ref") && routes++ < 2) parts[i].schema = root["$defs"]["route"];
    for (Part& child : children_of(Part(parts[i]))) parts.push_back(std::move(child));
  }
  return parts;
}

std::string problems_of(const std::string& text) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write("c.yaml", text));
  std::string all;
  if (config) return all;
  for (const std::string& line : config.error().lines) all += line + "\n";
  return all;
}

bool tells(const std::string& problems, std::string_view what) {
  return problems.find(what) != std::string::npos;
}

TEST(ConfigSchema, TheLoaderKnowsEveryKey) {
  const auto parts = all_parts();
  EXPECT_GT(parts.size(), 150U);
  for (const Part& part : parts) {
    const bool leaf = part.schema.contains("type") && part.schema["type"].is_array();
    if (!leaf && !part.schema.contains("enum")) continue;
    const std::string value = leaf ? "\"x\"" : part.schema["enum"][0].dump();
    const std::string text = put(part.around, value);
    const std::string problems = problems_of(text);
    EXPECT_FALSE(tells(problems, "unknown key") || tells(problems, "not supported") ||
                 tells(problems, "not valid YAML"))
        << text << "\n"
        << problems;
    EXPECT_FALSE(!leaf && tells(problems, "cannot be `")) << text << "\n" << problems;
  }
}

TEST(ConfigSchema, TheLoaderHasTheSameRanges) {
  for (const Part& part : all_parts()) {
    if (part.schema.value("type", json()) != "integer") continue;
    const auto lowest = part.schema["minimum"].get<std::uint64_t>();
    const auto highest = part.schema["maximum"].get<std::uint64_t>();
    const auto out_of_range = [&](std::uint64_t value) {
      return tells(problems_of(put(part.around, std::to_string(value))), "out of range");
    };
    EXPECT_FALSE(out_of_range(lowest) || out_of_range(highest)) << part.around;
    EXPECT_TRUE(out_of_range(highest + 1)) << part.around;
    EXPECT_TRUE(lowest == 0 || out_of_range(lowest - 1)) << part.around;
  }
}

}  // namespace
}  // namespace trapline::gateway
