// `trapline deadletter retry`: dead letters back to their sinks.
#pragma once

#include <functional>
#include <string>

#include "gateway/commands/gateway_choice.h"
#include "gateway/journal/letter_record.h"

namespace trapline::gateway {

using LetterFilter = std::function<bool(const journal::Letter&)>;

// Sends the letters that `wanted` picks to their sinks: by the gateway that runs on `data_dir`,
// else by sinks made of the configuration that `choice` names. Each letter is removed once its
// event is delivered, or durable in the gateway's journal; the others stay. Prints what became of
// them. Returns the exit code: 0 when all of them went, 1 when there are none or some stay, 69 when
// the gateway or a destination does not answer, 78 when the configuration is wrong.
[[nodiscard]] int return_letters(const GatewayChoice& choice, const std::string& data_dir,
                                 const LetterFilter& wanted);

}  // namespace trapline::gateway
