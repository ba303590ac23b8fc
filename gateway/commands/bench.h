// `trapline bench`: the load generator, and the proof of what arrived.
#pragma once

namespace CLI {
class App;
}

namespace trapline::gateway {

// Adds the verb to `program`. When the user has chosen it, parsing runs it to its end and leaves
// its exit code in `exit_code`, which must live as long as `program`: 0 done, 1 `--verify` found
// loss or damage, 64 usage, 69 no inform was answered, or the target cannot be reached.
void add_bench(CLI::App& program, int& exit_code);

}  // namespace trapline::gateway
