// What verbs print may fail to arrive: a script must not take half an answer for a whole one.

#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace trapline::integration {
namespace {

using test_support::run_program;
using test_support::trapline_binary;

test_support::Finished to_full_device(const std::string& arguments) {
  return run_program({"sh", "-c", "exec \"$0\" " + arguments + " > /dev/full", trapline_binary()});
}

TEST(Output, ThatCannotBeWrittenFailsTheVerb) {
  for (const std::string arguments : {"version", "config schema", "--help"}) {
    const auto done = to_full_device(arguments);
    EXPECT_EQ(done.exit_code, 1) << arguments;
    EXPECT_NE(done.err.find("No space left on device"), std::string::npos) << done.err;
  }
}

TEST(Output, OfAnotherFailureKeepsItsExitCode) {
  EXPECT_EQ(to_full_device("status --data-dir /nowhere").exit_code, 69);
}

}  // namespace
}  // namespace trapline::integration
