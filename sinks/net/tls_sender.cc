#include "sinks/net/tls_sender.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <deque>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "sinks/net/socket.h"
#include "sinks/net/stream.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

// In TLS 1.3 a server says only after the handshake whether it takes the client's certificate.
constexpr auto kSecondThoughts = 200ms;
// How long a program takes from its end of the stream to closing it.
constexpr auto kUntilClosed = 50ms;
constexpr int kReadsAtOnce = 64;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> room{};
  return ::inet_pton(AF_INET, host.c_str(), room.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), room.data()) == 1;
}

// The library's words for the last failure.
std::string library_words() {
  const unsigned long code = ERR_peek_last_error();
  const char* const words = code == 0 ? nullptr : ERR_reason_error_string(code);
  return words == nullptr ? "the connection broke" : words;
}

// Nobody is there to be asked for a passphrase; without this, OpenSSL asks the terminal.
int refuse_passphrase(char* /*room*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// False, with the problem, when it cannot be used.
bool load_client_certificate(SSL_CTX* context, const TlsOptions& tls, std::string& problem) {
  if (tls.cert_path.empty()) return true;
  bool asked = false;
  SSL_CTX_set_default_passwd_cb(context, &refuse_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
  const bool known =
      SSL_CTX_use_certificate_chain_file(context, tls.cert_path.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context, tls.key_path.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (!known) {
    problem = "the client's certificate or key cannot be loaded: " +
              (asked ? "the key has a passphrase" : library_words());
  }
  return known;
}

class TlsSender final : public Sender {
 public:
  explicit TlsSender(const SenderTarget& target) : target_(target) {}

  bool open(std::string& problem) override {
    session_.reset();
    marks_.clear();
    sent_ = 0;
    acknowledged_ = 0;
    closed_at_.reset();
    told_ = ended_ = false;
    ERR_clear_error();
    const bool opened = make_context(problem) && connect(problem) && settle(problem);
    if (opened) return true;
    problem.insert(0, target_.to_string() + ": ");
    session_.reset();
    socket_.close();
    return false;
  }

  std::optional<std::size_t> send(std::string_view octets, std::string& problem) override {
    ERR_clear_error();
    std::size_t taken = 0;
    const int done = SSL_write_ex(session_.get(), octets.data(), octets.size(), &taken);
    if (done == 1) {
      sent_ += taken;
      marks_.push_back({raw_octets(), sent_});
      return taken;
    }
    if (only_waits(done)) return 0;
    problem = target_.to_string() + ": cannot send: " + library_words();
    return std::nullopt;
  }

  // The stream itself ends only after the other side, and a moment later: what that has not read is
  // then told by a reset, even if it says that nothing more comes before it closes.
  bool finish(std::string& problem) override {
    ERR_clear_error();
    if (closed_at_) {
      ended_ = ended_ || std::chrono::steady_clock::now() - *closed_at_ >= kUntilClosed;
      if (ended_) end_stream(socket_);
    } else if (!told_) {
      const int done = SSL_shutdown(session_.get());
      told_ = done >= 0;
      if (!told_ && !only_waits(done)) {
        problem = target_.to_string() + ": cannot send: " + library_words();
        return false;
      }
    }
    return true;
  }
  void give_up() override {
    session_.reset();
    abandon(socket_);
  }

  std::optional<Standing> look(std::string& problem) override {
    // In this order: what a reset has thrown away does not count as acknowledged.
    const std::uint64_t missing = unacknowledged_octets(socket_);
    const auto ended = read(problem);
    if (!ended) {
      problem.insert(0, target_.to_string() + ": ");
      return std::nullopt;
    }
    const std::uint64_t raw = raw_octets() - std::min(raw_octets(), missing);
    while (!marks_.empty() && marks_.front().raw <= raw) {
      acknowledged_ = marks_.front().octets;
      marks_.pop_front();
    }
    return Standing{acknowledged_, closed_at_.has_value(), ended_ && *ended && missing == 0};
  }

 private:
  // So many octets sent were so many on the wire, the handshake's included.
  struct Mark {
    std::uint64_t raw;
    std::uint64_t octets;
  };

  // Anew for each connection, so that certificates that were replaced are read again.
  bool make_context(std::string& problem) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* const context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const TlsOptions& tls = target_.tls;
    const bool trusted = tls.ca_path.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                             : SSL_CTX_load_verify_locations(
                                                   context, tls.ca_path.c_str(), nullptr) == 1;
    if (!trusted) problem = "the CA certificates cannot be loaded: " + library_words();
    return trusted && load_client_certificate(context, tls, problem);
  }

  bool connect(std::string& problem) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + target_.connect_timeout;
    socket_ = connect_to(target_.host, target_.port, SOCK_STREAM, target_.connect_timeout, problem);
    if (!socket_.is_open()) return false;
    send_at_once(socket_);
    session_.reset(SSL_new(context_.get()));
    SSL* const session = session_.get();
    SSL_set_fd(session, socket_.descriptor());
    const std::string& name =
        target_.tls.server_name.empty() ? target_.host : target_.tls.server_name;
    if (is_address(name)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name.c_str());
    } else {
      SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      SSL_set1_host(session, name.c_str());
      SSL_set_tlsext_host_name(session, name.c_str());
    }
    return shake_hands(deadline, problem);
  }

  bool shake_hands(SteadyTime deadline, std::string& problem) {
    while (true) {
      const int done = SSL_connect(session_.get());
      if (done == 1) return true;
      const int reason = SSL_get_error(session_.get(), done);
      if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) break;
      if (!wait_for(socket_, reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline)) {
        problem = "the TLS handshake timed out";
        return false;
      }
    }
    const long verified = SSL_get_verify_result(session_.get());
    problem = "the TLS handshake failed: " +
              (verified == X509_V_OK ? library_words()
                                     : std::string(X509_verify_cert_error_string(verified)));
    return false;
  }

  // Waits a moment for a server that has second thoughts.
  bool settle(std::string& problem) {
    if (SSL_version(session_.get()) >= TLS1_3_VERSION) {
      (void)wait_for(socket_, POLLIN, std::chrono::steady_clock::now() + kSecondThoughts);
    }
    if (!read(problem)) return false;
    if (closed_at_) problem = "the destination closed the connection";
    return !closed_at_;
  }

  // Reads what a syslog receiver has no reason to send, and the alerts among it. Whether the stream
  // of the other side has ended; nothing, with the problem, when it broke.
  std::optional<bool> read(std::string& problem) {
    if (closed_at_) return stream_ended(socket_, problem);
    ERR_clear_error();
    std::array<char, 4'096> ignored;
    std::size_t got = 0;
    int done = 1;
    for (int reads = 0; done == 1 && reads < kReadsAtOnce; ++reads) {
      done = SSL_read_ex(session_.get(), ignored.data(), ignored.size(), &got);
    }
    if (done == 1 || only_waits(done)) return false;
    if (said_end(done)) {
      closed_at_ = std::chrono::steady_clock::now();
      return stream_ended(socket_, problem);
    }
    problem = library_words();
    return std::nullopt;
  }

  // By its closure alert. Many receivers just end the stream when they are told of the end, which
  // will do then.
  [[nodiscard]] bool said_end(int done) const {
    if (SSL_get_error(session_.get(), done) == SSL_ERROR_ZERO_RETURN) return true;
    return told_ && ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  }

  bool only_waits(int done) {
    const int reason = SSL_get_error(session_.get(), done);
    return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE;
  }

  [[nodiscard]] std::uint64_t raw_octets() const {
    return BIO_number_written(SSL_get_wbio(session_.get()));
  }

  const SenderTarget& target_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  Socket socket_;
  std::unique_ptr<SSL, FreeSession> session_;
  std::deque<Mark> marks_;  // of what is not acknowledged; no more than the socket's buffer holds
  std::uint64_t sent_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::optional<SteadyTime> closed_at_;  // when the other side said that nothing more comes
  bool told_ = false;                    // our closure alert was sent
  bool ended_ = false;                   // and our stream has ended
};

}  // namespace

std::optional<std::string> client_certificate_problem(const TlsOptions& tls) {
  const std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_client_method()));
  std::string problem;
  ERR_clear_error();
  if (load_client_certificate(context.get(), tls, problem)) return std::nullopt;
  return problem;
}

std::unique_ptr<Sender> make_tls_sender(const SenderTarget& target) {
  return std::make_unique<TlsSender>(target);
}

}  // namespace trapline::sinks
