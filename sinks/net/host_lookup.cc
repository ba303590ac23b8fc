#include "sinks/net/host_lookup.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace trapline::sinks {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

base::IpAddress address_of(const addrinfo& one) {
  if (one.ai_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, one.ai_addr, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return base::IpAddress::v4(octets);
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, one.ai_addr, sizeof v6);
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return base::IpAddress::v6(octets);
}

HostLookup::Answer look_up(const std::string& host, std::uint16_t port) {
  if (const auto literal = base::IpAddress::parse(host)) {
    return std::vector<base::Endpoint>{{*literal, port}};
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const AddressList list(found, &freeaddrinfo);
  if (error != 0) return "cannot find the host " + host + ": " + gai_strerror(error);
  std::vector<base::Endpoint> endpoints;
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    const base::Endpoint endpoint{address_of(*one), port};
    if (std::ranges::find(endpoints, endpoint) == endpoints.end()) endpoints.push_back(endpoint);
  }
  if (endpoints.empty()) return "the host " + host + " has no address";
  return endpoints;
}

}  // namespace

struct HostLookup::Question {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Answer> answer;  // guarded by mutex
};

HostLookup::HostLookup(std::string host, std::uint16_t port)
    : host_(std::move(host)), port_(port) {}
HostLookup::~HostLookup() = default;

void HostLookup::ask() {
  if (question_ != nullptr) return;
  question_ = std::make_shared<Question>();
  if (base::IpAddress::parse(host_)) {
    question_->answer = look_up(host_, port_);
    return;
  }
  // It shares the question and nothing else, and may outlive everybody.
  std::thread([question = question_, host = host_, port = port_] {
    Answer answer = look_up(host, port);
    const std::lock_guard lock(question->mutex);
    question->answer = std::move(answer);
    question->answered.notify_all();
  }).detach();
}

bool HostLookup::take(Answer& answer, std::chrono::milliseconds at_most) {
  if (question_ == nullptr) return false;
  {
    std::unique_lock lock(question_->mutex);
    if (!question_->answered.wait_for(lock, at_most,
                                      [this] { return question_->answer.has_value(); })) {
      return false;
    }
    answer = std::move(*question_->answer);
  }
  question_.reset();
  return true;
}

}  // namespace trapline::sinks
