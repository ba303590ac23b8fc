// From a notification of a test to the EVENT that the gateway would have stored of it.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "gateway/config/rule_test_spec.h"
#include "protocol/mib/mib_index.h"

namespace trapline::gateway {

// The payload of the EVENT record (see journal::encode_event): the notification is encoded as on
// the wire, its agent is its sender. Fails with what `mibs` does not know, or a value that is not
// of its type. A column without an instance gets the value of the first `...Index` among the
// values, else 1; a scalar gets 0. Pure; any thread.
[[nodiscard]] base::Result<std::vector<std::byte>, rules::SpecProblem> encode_test_event(
    const TestNotification& notification, const protocol::mib::MibIndex& mibs);

}  // namespace trapline::gateway
