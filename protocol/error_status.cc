#include "protocol/error_status.h"

#include <array>
#include <string_view>

namespace trapline::protocol {
namespace {

struct Status {
  const char* name;
  const char* meaning;
};

constexpr std::array<Status, 19> kStatuses = {{
    {"noError", "no error"},
    {"tooBig", "the answer would not fit into one message"},
    {"noSuchName", "the device has no such name"},
    {"badValue", "the value is of the wrong type or size"},
    {"readOnly", "the name can only be read"},
    {"genErr", "the device failed for a reason of its own"},
    {"noAccess", "the name is not accessible"},
    {"wrongType", "the value is of the wrong type"},
    {"wrongLength", "the value is of the wrong length"},
    {"wrongEncoding", "the value is wrongly encoded"},
    {"wrongValue", "the value can never be set"},
    {"noCreation", "the name does not exist and cannot be created"},
    {"inconsistentValue", "the value cannot be set now"},
    {"resourceUnavailable", "the device is short of a resource"},
    {"commitFailed", "the change was not made"},
    {"undoFailed", "the change could not be undone"},
    {"authorizationError", "access is denied"},
    {"notWritable", "the name can never be set"},
    {"inconsistentName", "the name cannot be created now"},
}};

}  // namespace

std::string error_status_name(std::int32_t error_status) {
  const auto index = static_cast<std::size_t>(error_status);
  return index < kStatuses.size() ? kStatuses[index].name : std::to_string(error_status);
}

std::string_view error_status_meaning(std::int32_t error_status) {
  const auto index = static_cast<std::size_t>(error_status);
  return index < kStatuses.size() ? kStatuses[index].meaning : "an error that has no name";
}

}  // namespace trapline::protocol
