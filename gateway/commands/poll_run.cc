#include "gateway/commands/poll_run.h"

#include <algorithm>
#include <cstdio>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include "base/json_writer.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/poll_text.h"
#include "gateway/poller/udp_poll_io.h"

namespace trapline::gateway {
namespace {

namespace asio = boost::asio;

// Beyond that lines go out while more arrive: of a single host, and of one among several.
constexpr std::size_t kHeldBytes = 65'536;
constexpr std::size_t kHeldOfManyBytes = 4'194'304;

int exit_code_of(GetOutcome outcome) {
  switch (outcome) {
    case GetOutcome::answered: return kExitOk;
    case GetOutcome::no_answer:
    case GetOutcome::unreachable: return kExitUnavailable;
    case GetOutcome::error_status:
    case GetOutcome::malformed:
    case GetOutcome::report:
    case GetOutcome::overloaded: break;
  }
  return kExitFailed;
}

// All hosts of one verb.
class PollRun {
 public:
  PollRun(const std::vector<PollTarget>& targets, const PollRunOptions& options,
          const HostTask& task)
      : targets_(targets),
        options_(options),
        task_(task),
        io_(context_, clock_),
        poller_(io_, clock_, random_, options.limits) {
    io_.serve(poller_);
  }

  int run() {
    asio::post(context_, [this] { begin_some(); });
    context_.run();
    return exit_code_;
  }

 private:
  void begin_some() {
    while (next_ < targets_.size() && under_way_ < options_.concurrency) begin(targets_[next_++]);
    if (done_ == targets_.size()) io_.close();
  }

  void begin(const PollTarget& target) {
    auto report = std::make_shared<HostReport>(target, targets_.size() == 1, options_.json);
    ++under_way_;
    const auto finished = [this, report] {
      report->finish();
      exit_code_ = worse_exit_code(exit_code_, report->exit_code());
      --under_way_;
      ++done_;
      if (options_.progress) options_.progress(done_, targets_.size());
      asio::post(context_, [this] { begin_some(); });
    };
    if (target.problem.empty()) {
      task_(poller_, target, report, finished);
    } else {
      report->failure(GetOutcome::unreachable, target.problem);
      finished();
    }
  }

  const std::vector<PollTarget>& targets_;
  const PollRunOptions& options_;
  const HostTask& task_;
  const base::SystemClock clock_;
  base::SystemRandom random_;
  asio::io_context context_;
  UdpPollIo io_;
  Poller poller_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::size_t done_ = 0;
  int exit_code_ = kExitOk;
};

}  // namespace

HostReport::HostReport(const PollTarget& target, bool is_only, bool json)
    : host_(target.text),
      by_community_(target.device.access && target.device.access->version != protocol::Version::v3),
      is_only_(is_only),
      json_(json) {}

void HostReport::line(std::string_view text) {
  if (!is_only_ && !json_) out_ += host_ + ": ";
  out_ += text;
  out_ += '\n';
  if (out_.size() > (is_only_ ? kHeldBytes : kHeldOfManyBytes)) finish();
}

void HostReport::plain(std::string_view text) {
  out_ += text;
  out_ += '\n';
}

void HostReport::block(std::string_view text) {
  if (!is_only_ && !json_) out_ += host_ + ":\n";
  out_ += text;
}

void HostReport::value(const PolledVarBind& varbind, bool numeric) {
  if (varbind.is_exception()) fail_with(kExitFailed);
  if (json_) {
    line(varbind_json(varbind, label()));
  } else {
    line(varbind_line(varbind, numeric));
  }
}

void HostReport::error_line(std::string_view text) {
  errors_ += text;
  errors_ += '\n';
}

void HostReport::failure(GetOutcome outcome, std::string_view what) {
  fail_with(exit_code_of(outcome));
  std::string reason(what);
  // Behind a semicolon stands what did come.
  const bool is_silence =
      outcome == GetOutcome::no_answer && what.find(';') == std::string_view::npos;
  if (is_silence && by_community_) {
    reason += " (a wrong community is not answered either)";
  }
  if (json_) {
    base::JsonWriter json(out_);
    json.begin_object();
    json.key("host"), json.value(std::string_view(host_));
    json.key("error"), json.value(name_of(outcome));
    json.key("reason"), json.value(std::string_view(reason));
    json.end_object();
    out_ += '\n';
    return;
  }
  error_line(host_ + ": " + reason);
}

void HostReport::fail_with(int exit_code) { exit_code_ = worse_exit_code(exit_code_, exit_code); }

void HostReport::finish() {
  std::fwrite(out_.data(), 1, out_.size(), stdout);
  std::fflush(stdout);
  std::fwrite(errors_.data(), 1, errors_.size(), stderr);
  out_.clear();
  errors_.clear();
}

int worse_exit_code(int a, int b) { return std::max(a, b); }

PollRunOptions run_options(std::size_t concurrency, unsigned packets_per_sec, bool json) {
  PollRunOptions options;
  options.concurrency = concurrency;
  options.limits.in_flight = std::max(options.limits.in_flight, concurrency);
  options.limits.packets_per_sec = packets_per_sec;
  options.json = json;
  return options;
}

int run_polling(const std::vector<PollTarget>& targets, const PollRunOptions& options,
                const HostTask& task) {
  return PollRun(targets, options, task).run();
}

}  // namespace trapline::gateway
