#include "sinks/net/sender.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "sinks/net/socket.h"
#include "sinks/net/stream.h"
#include "sinks/net/tls_sender.h"

namespace trapline::sinks {
namespace {

constexpr std::uint16_t kSyslogPort = 514;
constexpr std::uint16_t kSyslogTlsPort = 6'514;
constexpr std::size_t kLongestHost = 253;

std::string words(const SenderTarget& target, std::string_view doing, int error) {
  return target.to_string() + ": " + std::string(doing) + ": " + std::strerror(error);
}

class DatagramSender final : public Sender {
 public:
  explicit DatagramSender(const SenderTarget& target) : target_(target) {}

  bool open(std::string& problem) override {
    sent_ = 0;
    finished_ = false;
    socket_ = connect_to(target_.host, target_.port, SOCK_DGRAM, target_.connect_timeout, problem);
    if (!socket_.is_open()) problem.insert(0, target_.to_string() + ": ");
    return socket_.is_open();
  }
  std::optional<std::size_t> send(std::string_view octets, std::string& problem) override {
    const ssize_t taken = ::send(socket_.descriptor(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (taken >= 0) {
      sent_ += octets.size();
      return octets.size();
    }
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) return 0;
    // ECONNREFUSED is about an earlier datagram: the host says that nobody listens there.
    problem = words(target_, "cannot send", errno);
    return std::nullopt;
  }
  bool finish(std::string& /*problem*/) override { return finished_ = true; }
  void give_up() override {}
  std::optional<Standing> look(std::string& /*problem*/) override {
    return Standing{sent_, false, finished_};
  }

 private:
  const SenderTarget& target_;
  Socket socket_;
  std::uint64_t sent_ = 0;
  bool finished_ = false;
};

class TcpSender final : public Sender {
 public:
  explicit TcpSender(const SenderTarget& target) : target_(target) {}

  bool open(std::string& problem) override {
    sent_ = 0;
    finishing_ = false;
    socket_ = connect_to(target_.host, target_.port, SOCK_STREAM, target_.connect_timeout, problem);
    if (!socket_.is_open()) problem.insert(0, target_.to_string() + ": ");
    if (socket_.is_open()) send_at_once(socket_);
    return socket_.is_open();
  }
  std::optional<std::size_t> send(std::string_view octets, std::string& problem) override {
    const ssize_t taken = ::send(socket_.descriptor(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (taken >= 0) {
      sent_ += static_cast<std::uint64_t>(taken);
      return static_cast<std::size_t>(taken);
    }
    if (errno == EAGAIN || errno == EINTR) return 0;
    problem = words(target_, "cannot send", errno);
    return std::nullopt;
  }
  bool finish(std::string& /*problem*/) override {
    finishing_ = true;
    end_stream(socket_);
    return true;
  }
  void give_up() override { abandon(socket_); }
  std::optional<Standing> look(std::string& problem) override {
    // In this order: what a reset has thrown away does not count as acknowledged, and the other
    // side's end says nothing of what had not arrived before.
    const std::uint64_t missing = unacknowledged_octets(socket_);
    const auto closed = stream_ended(socket_, problem);
    if (!closed) {
      problem.insert(0, target_.to_string() + ": ");
      return std::nullopt;
    }
    return Standing{sent_ - std::min(sent_, missing), *closed,
                    finishing_ && *closed && missing == 0};
  }

 private:
  const SenderTarget& target_;
  Socket socket_;
  std::uint64_t sent_ = 0;
  bool finishing_ = false;
};

}  // namespace

std::string SenderTarget::to_string() const {
  constexpr std::array<std::string_view, 3> kNames = {"udp", "tcp", "tls"};
  const bool v6 = host.find(':') != std::string::npos;
  return std::string(kNames[static_cast<std::size_t>(transport)]) + "://" +
         (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<SenderTarget> parse_sender_target(std::string_view text) {
  SenderTarget target;
  if (text.starts_with("udp://")) {
    target.transport = Transport::udp;
    target.port = kSyslogPort;
  } else if (text.starts_with("tcp://")) {
    target.transport = Transport::tcp;
  } else if (text.starts_with("tls://")) {
    target.transport = Transport::tls;
    target.port = kSyslogTlsPort;
  } else {
    return std::nullopt;
  }
  text.remove_prefix(6);
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return std::nullopt;
  target.host = text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  text.remove_prefix(end + (bracketed ? 1 : 0));
  if (!text.empty()) {
    const char* const last = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, last, target.port);
    if (text.front() != ':' || error != std::errc{} || stop != last) return std::nullopt;
  }
  const bool clean = target.host.find_first_not_of(
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:%") ==
                     std::string::npos;
  const bool sized = !target.host.empty() && target.host.size() <= kLongestHost;
  if (!clean || !sized || target.port == 0) return std::nullopt;
  return target;
}

std::unique_ptr<Sender> make_sender(const SenderTarget& target) {
  switch (target.transport) {
    case Transport::udp: return std::make_unique<DatagramSender>(target);
    case Transport::tcp: return std::make_unique<TcpSender>(target);
    case Transport::tls: return make_tls_sender(target);
  }
  return nullptr;
}

}  // namespace trapline::sinks
