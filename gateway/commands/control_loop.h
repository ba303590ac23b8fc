// What a running gateway is told from outside: signals, and requests on its control socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/result.h"
#include "gateway/admin/control_server.h"
#include "gateway/gateway.h"

namespace trapline::gateway {

// How a reload went. `lines` say what is wrong, or what must wait for a restart.
struct ReloadReport {
  bool done = false;
  std::vector<std::string> lines;
};

// Runs on the main thread. SIGTERM and SIGINT end it, SIGHUP reloads, SIGUSR1 reopens files.
class ControlLoop {
 public:
  // `reload` is called on this loop's thread, by SIGHUP and by POST /-/reload; it loads, checks and
  // applies the configuration, or changes nothing. All referred to outlives the loop.
  ControlLoop(Gateway& gateway, base::Log& log, std::function<ReloadReport()> reload,
              std::uint32_t stats_secs);

  // Opens the control socket. Failing, says why and what to do.
  [[nodiscard]] base::Result<void, std::string> open();
  // Returns when the gateway is to stop.
  void run();

 private:
  [[nodiscard]] ControlRoutes routes();
  [[nodiscard]] ControlActions actions();
  [[nodiscard]] ReloadReport reload();
  void await_signal();
  void await_hangup();
  void await_statistics();

  Gateway& gateway_;
  base::Log& log_;
  const std::function<ReloadReport()> reload_;
  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set hangups_;
  boost::asio::steady_timer statistics_;
  const std::chrono::seconds interval_;
  std::unique_ptr<ControlServer> server_;
};

}  // namespace trapline::gateway
