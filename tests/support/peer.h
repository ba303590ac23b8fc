// Servers of tests/peers, each in a process of its own, and the certificates they show.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::test_support {

// A program in Python whose first line is the port it listens on. One thread.
class Peer {
 public:
  // `script`: a file in tests/peers. Nothing is started yet.
  explicit Peer(std::string script) : script_(std::move(script)) {}

  // Starts it, which must not run, and waits until it listens. False when it does not, with what it
  // had to say on the standard error.
  [[nodiscard]] bool start(const std::vector<std::string>& arguments);
  void signal(int number) { process_->signal(number); }
  // Ends it by SIGKILL.
  void kill();

  // "0" until it was started for the first time.
  [[nodiscard]] const std::string& port() const { return port_; }
  // The lines it has printed behind its port, before it was killed too. A line that its end has cut
  // short is left out.
  [[nodiscard]] std::string told() const;

 private:
  const std::string script_;
  std::string port_ = "0";
  std::string told_before_;
  std::unique_ptr<Process> process_;
};

// Files in PEM.
struct Certificate {
  std::string path;
  std::string key_path;
};

// A certificate for `name` ("IP:127.0.0.1", "DNS:h"), signed by itself, in files called `file`.
// One of -1 days has expired. What goes wrong stands on the standard error.
[[nodiscard]] Certificate make_certificate(const ScratchDirectory& scratch, const std::string& file,
                                           const std::string& name, int days = 2);

}  // namespace trapline::test_support
