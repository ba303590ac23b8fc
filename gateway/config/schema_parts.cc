#include "gateway/config/schema_parts.h"

namespace trapline::gateway::schema {
namespace {

Json of_type(std::string_view type, std::string_view description) {
  Json part;
  part["type"] = type;
  if (!description.empty()) part["description"] = description;
  return part;
}

}  // namespace

Json text(std::string_view description) {
  Json part;
  part["type"] = {"string", "number", "boolean"};
  if (!description.empty()) part["description"] = description;
  return part;
}

Json pattern(std::string_view description, std::string_view expression) {
  Json part = text(description);
  part["pattern"] = expression;
  return part;
}

Json integer(std::string_view description, std::uint64_t lowest, std::uint64_t highest) {
  Json part = of_type("integer", description);
  part["minimum"] = lowest;
  part["maximum"] = highest;
  return part;
}

Json boolean(std::string_view description) { return of_type("boolean", description); }

Json choice(std::string_view description, std::initializer_list<std::string_view> names) {
  Json part;
  part["enum"] = Json::array();
  for (const std::string_view name : names) part["enum"].push_back(name);
  if (!description.empty()) part["description"] = description;
  return part;
}

Json list(std::string_view description, Json items, std::size_t least) {
  Json part = of_type("array", description);
  part["items"] = std::move(items);
  if (least > 0) part["minItems"] = least;
  return part;
}

Json text_or_list(std::string_view description) {
  Json part;
  part["anyOf"] = {text(""), list("", text(""), 1)};
  part["description"] = description;
  return part;
}

Json map(std::string_view description,
         std::initializer_list<std::pair<std::string_view, Json>> keys,
         std::initializer_list<std::string_view> required) {
  Json part = of_type("object", description);
  part["additionalProperties"] = false;
  part["properties"] = Json::object();
  for (const auto& [key, value] : keys) part["properties"][std::string(key)] = value;
  if (required.size() == 0) return part;
  part["required"] = Json::array();
  for (const std::string_view key : required) part["required"].push_back(key);
  return part;
}

Json named(std::string_view description, std::string_view name_pattern, Json values) {
  Json part = of_type("object", description);
  part["propertyNames"]["pattern"] = name_pattern;
  part["additionalProperties"] = std::move(values);
  return part;
}

}  // namespace trapline::gateway::schema
