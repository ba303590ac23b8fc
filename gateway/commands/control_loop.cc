#include "gateway/commands/control_loop.h"

#include <signal.h>

#include "gateway/admin/control_socket.h"
#include "gateway/engine_id_text.h"
#include "gateway/problems_json.h"

namespace trapline::gateway {
namespace {

ControlAnswer json(std::string body) { return {200, "application/json", std::move(body)}; }
ControlAnswer text(unsigned status, std::string body) {
  return {status, "text/plain", std::move(body)};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

ControlLoop::ControlLoop(Gateway& gateway, base::Log& log, std::function<ReloadReport()> reload,
                         std::uint32_t stats_secs)
    : gateway_(gateway),
      log_(log),
      reload_(std::move(reload)),
      signals_(io_, SIGTERM, SIGINT, SIGUSR1),
      hangups_(io_, SIGHUP),
      statistics_(io_),
      interval_(stats_secs) {}

base::Result<void, std::string> ControlLoop::open() {
  auto server = ControlServer::open(io_, control_socket_path(gateway_.config().data_dir), routes(),
                                    {}, actions());
  if (!server) return server.error();
  server_ = std::move(*server);
  return {};
}

void ControlLoop::run() {
  await_signal();
  await_hangup();
  if (interval_.count() > 0) await_statistics();
  io_.run();
  server_.reset();
  // A second signal while draining ends the process at once.
  signals_.clear();
}

ControlRoutes ControlLoop::routes() {
  return {
      {"/status", [this] { return json(status_json(gateway_.status())); }},
      {"/v3/engines", [this] { return json(gateway_.engines_json()); }},
      {"/problems", [this] { return json(problems_json(gateway_.problems())); }},
      {"/deadletters/retried", [this] { return json(gateway_.letter_retry().progress_json()); }},
      {"/-/healthy", [] { return text(200, "healthy\n"); }},
      {"/-/ready", [this] {
         return gateway_.ready() ? text(200, "ready\n") : text(503, "the journal cannot store\n");
       }}};
}

// The body of /v3/forget is the engineID in hexadecimal, that of /deadletters/retry numbers with
// blanks between.
ControlActions ControlLoop::actions() {
  return {{"/v3/forget",
           [this](const std::string& body) {
             const auto id = parse_engine_id(body);
             if (!id) return text(400, "not an engineID\n");
             return gateway_.forget_engine(*id) ? text(200, "forgotten\n")
                                                : text(404, "no such engine is known\n");
           }},
          {"/deadletters/retry",
           [this](const std::string& body) {
             const auto numbers = parse_letter_numbers(body);
             if (!numbers) return text(400, "expected the numbers of dead letters\n");
             return json(gateway_.letter_retry().retry(*numbers));
           }},
          {"/-/reload", [this](const std::string& /*body*/) {
             const ReloadReport report = reload();
             return text(report.done ? 200 : 422, joined(report.lines));
           }}};
}

ReloadReport ControlLoop::reload() {
  ReloadReport report = reload_();
  for (const std::string& line : report.lines) {
    log_.write(base::LogLevel::warning, "gateway.reload_remark", line);
  }
  if (report.done) {
    log_.write(base::LogLevel::info, "gateway.reloaded", "the rules of the configuration apply");
  } else {
    log_.write(base::LogLevel::error, "gateway.reload_failed",
               "the configuration is wrong: everything stays as it was");
  }
  return report;
}

void ControlLoop::await_signal() {
  signals_.async_wait([this](const auto& error, int number) {
    if (error) return;
    if (number != SIGUSR1) {
      log_.write(base::LogLevel::info, "gateway.stopping", "draining",
                 {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
      io_.stop();
      return;
    }
    log_.write(base::LogLevel::info, "gateway.reopen", "reopening files");
    gateway_.reopen_files();
    await_signal();
  });
}

void ControlLoop::await_hangup() {
  hangups_.async_wait([this](const auto& error, int) {
    if (error) return;
    (void)reload();
    await_hangup();
  });
}

void ControlLoop::await_statistics() {
  statistics_.expires_after(interval_);
  statistics_.async_wait([this](const auto& error) {
    if (error) return;
    gateway_.log_books("gateway.statistics", "books");
    await_statistics();
  });
}

}  // namespace trapline::gateway
