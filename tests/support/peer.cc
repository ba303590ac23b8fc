#include "tests/support/peer.h"

#include <signal.h>

#include <cstdio>

namespace trapline::test_support {

bool Peer::start(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"python3", "-B", TRAPLINE_PEERS "/" + script_};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(command);
  if (!wait_until([&] { return process_->out().ends_with('\n') || !process_->running(); }) ||
      !process_->running()) {
    std::fputs(process_->err().c_str(), stderr);
    return false;
  }
  const std::string out = process_->out();
  port_ = out.substr(0, out.find('\n'));
  return true;
}

void Peer::kill() {
  process_->signal(SIGKILL);
  static_cast<void>(process_->wait());
  told_before_ = told();
  process_.reset();
}

std::string Peer::told() const {
  if (!process_) return told_before_;
  std::string out = process_->out();
  out.erase(out.rfind('\n') + 1);
  return told_before_ + out.substr(out.find('\n') + 1);
}

Certificate make_certificate(const ScratchDirectory& scratch, const std::string& file,
                             const std::string& name, int days) {
  const Certificate made = {scratch / (file + ".pem"), scratch / (file + ".key")};
  const std::string request = scratch / (file + ".csr");
  const std::string names = scratch.write(file + ".cnf", "subjectAltName=" + name + "\n");
  const auto asked =
      run_program({"openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout",
                   made.key_path, "-out", request, "-subj", "/CN=trapline test"});
  const auto signed_by_itself =
      run_program({"openssl", "x509", "-req", "-in", request, "-signkey", made.key_path, "-days",
                   std::to_string(days), "-extfile", names, "-out", made.path});
  if (asked.exit_code != 0) std::fputs(asked.err.c_str(), stderr);
  if (signed_by_itself.exit_code != 0) std::fputs(signed_by_itself.err.c_str(), stderr);
  return made;
}

}  // namespace trapline::test_support
