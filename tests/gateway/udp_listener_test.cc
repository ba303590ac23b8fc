#include "gateway/udp_listener.h"

#include <unistd.h>

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "gateway/udp_socket.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

ListenerConfig on(std::string_view endpoint, unsigned shards = 1) {
  ListenerConfig config;
  config.name = std::string(endpoint);
  config.udp = *base::Endpoint::parse(endpoint);
  config.receive_buffer_bytes = 1U << 20;
  config.shards = shards;
  return config;
}

// A plain client socket bound to `from`.
class Client {
 public:
  explicit Client(std::string_view from) : fd_(new_udp_socket(*base::Endpoint::parse(from))) {
    sockaddr_storage address{};
    const auto size = to_sockaddr(*base::Endpoint::parse(from), address);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  void send(const base::Endpoint& to, std::string_view text) const {
    sockaddr_storage address{};
    const auto size = to_sockaddr(to, address);
    EXPECT_EQ(sendto(fd_.get(), text.data(), text.size(), 0,
                     reinterpret_cast<const sockaddr*>(&address), size),
              static_cast<ssize_t>(text.size()));
  }
  // The next datagram and where it came from; the loopback delivers before sendto returns.
  std::pair<std::string, base::Endpoint> receive() const {
    std::array<char, 1'000> text{};
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const auto got = recvfrom(fd_.get(), text.data(), text.size(), MSG_DONTWAIT,
                              reinterpret_cast<sockaddr*>(&from), &size);
    return {std::string(text.data(), got < 0 ? 0 : static_cast<std::size_t>(got)),
            from_sockaddr(from)};
  }

 private:
  OwnedFd fd_;
};

base::Endpoint at(std::string_view ip, const UdpListener& listener) {
  return {*base::IpAddress::parse(ip), listener.local().port};
}

TEST(UdpListener, ReceivesBatchesWithBothAddresses) {
  for (const auto& [wildcard, loopback] :
       std::map<std::string, std::string>{{"0.0.0.0:0", "127.0.0.1"}, {"[::]:0", "::1"}}) {
    auto opened = UdpListener::open(on(wildcard));
    ASSERT_TRUE(opened) << opened.error().message;
    UdpListener& listener = *opened->front();
    const Client client(loopback == "::1" ? "[::1]:0" : "127.0.0.1:0");
    client.send(at(loopback, listener), "one");
    client.send(at(loopback, listener), "two");
    const auto batch = listener.receive(1s);
    ASSERT_EQ(batch.size(), 2U);
    EXPECT_EQ(base::as_text(batch[1].payload), "two");
    EXPECT_EQ(batch[0].local.ip.to_string(), loopback);
    EXPECT_EQ(batch[0].peer.ip.to_string(), loopback);
    EXPECT_FALSE(batch[0].truncated);
    EXPECT_TRUE(listener.receive(0ms).empty());
  }
}

TEST(UdpListener, AnswersFromTheAddressThatWasAsked) {
  auto opened = UdpListener::open(on("0.0.0.0:0"));
  ASSERT_TRUE(opened);
  UdpListener& listener = *opened->front();
  const Client client("127.0.0.1:0");
  client.send(at("127.0.0.9", listener), "?");
  const auto batch = listener.receive(1s);
  ASSERT_EQ(batch.size(), 1U);
  const Reply reply{base::as_bytes("!"), batch[0].peer, batch[0].local.ip};
  EXPECT_EQ(listener.send({&reply, 1}), 1U);
  const auto [text, from] = client.receive();
  EXPECT_EQ(text, "!");
  EXPECT_EQ(from.to_string(), at("127.0.0.9", listener).to_string());
}

TEST(UdpListener, OnePeerThatCannotBeReachedDoesNotSilenceTheOthers) {
  auto opened = UdpListener::open(on("127.0.0.1:0"));
  ASSERT_TRUE(opened);
  const Client client("127.0.0.1:0");
  client.send(opened->front()->local(), "?");
  const auto batch = opened->front()->receive(1s);
  ASSERT_EQ(batch.size(), 1U);
  const base::Endpoint nowhere{*base::IpAddress::parse("127.0.0.1"), 0};
  const std::array<Reply, 2> replies = {
      {{base::as_bytes("x"), nowhere, {}}, {base::as_bytes("!"), batch[0].peer, {}}}};
  EXPECT_EQ(opened->front()->send(replies), 1U);
  EXPECT_EQ(client.receive().first, "!");
}

TEST(UdpListener, APortInUseIsAClearError) {
  auto first = UdpListener::open(on("127.0.0.1:0"));
  ASSERT_TRUE(first);
  for (const unsigned shards : {1U, 2U}) {
    const auto second = UdpListener::open(on(first->front()->local().to_string(), shards));
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().port_in_use);
    EXPECT_NE(second.error().message.find("another program holds this port"), std::string::npos);
  }
}

TEST(UdpListener, AGroupOfShardsCannotBeJoinedUnnoticed) {
  auto group = UdpListener::open(on("127.0.0.1:0", 1));
  ASSERT_TRUE(group);
  const std::string endpoint = group->front()->local().to_string();
  group->clear();
  group = UdpListener::open(on(endpoint, 3));
  ASSERT_TRUE(group) << group.error().message;
  EXPECT_EQ(group->size(), 3U);
  EXPECT_FALSE(UdpListener::open(on(endpoint, 3)));
}

TEST(UdpListener, ShardsKeepTheDatagramsOfOneSourceInOrder) {
  auto probe = UdpListener::open(on("0.0.0.0:0"));
  ASSERT_TRUE(probe);
  const base::Endpoint endpoint = probe->front()->local();
  probe->clear();
  auto group = UdpListener::open(on(endpoint.to_string(), 3));
  ASSERT_TRUE(group) << group.error().message;
  for (int source = 1; source <= 20; ++source) {
    for (int port = 0; port < 5; ++port) {
      const Client client("127.0.1." + std::to_string(source) + ":0");
      client.send(at("127.0.0.1", *group->front()), std::to_string(port));
    }
  }
  std::map<std::string, std::set<std::size_t>> shards_of;
  std::map<std::string, std::string> order_of;
  std::set<std::size_t> used;
  for (std::size_t shard = 0; shard < group->size(); ++shard) {
    for (const Datagram& datagram : (*group)[shard]->receive(0ms)) {
      shards_of[datagram.peer.ip.to_string()].insert(shard);
      order_of[datagram.peer.ip.to_string()] += base::as_text(datagram.payload);
      used.insert(shard);
    }
  }
  ASSERT_EQ(shards_of.size(), 20U);
  for (const auto& [source, shards] : shards_of) EXPECT_EQ(shards.size(), 1U) << source;
  for (const auto& [source, order] : order_of) EXPECT_EQ(order, "01234") << source;
  EXPECT_GT(used.size(), 1U) << "the sources are spread";
}

TEST(UdpListener, CountsWhatTheKernelDrops) {
  ListenerConfig small = on("127.0.0.1:0");
  small.receive_buffer_bytes = 4'096;
  auto opened = UdpListener::open(small);
  ASSERT_TRUE(opened);
  UdpListener& listener = *opened->front();
  EXPECT_EQ(listener.kernel_drops(), 0U);
  const Client client("127.0.0.1:0");
  const std::string text(1'000, 'x');
  for (int i = 0; i < 100; ++i) client.send(listener.local(), text);
  std::size_t read = 0;
  for (auto batch = listener.receive(0ms); !batch.empty(); batch = listener.receive(0ms)) {
    read += batch.size();
  }
  EXPECT_LT(read, 100U);
  EXPECT_EQ(read + listener.kernel_drops(), 100U) << "at rest, without another datagram";
  client.send(listener.local(), text);
  EXPECT_EQ(listener.receive(0ms).size(), 1U);
  EXPECT_EQ(read + listener.kernel_drops(), 100U);
}

TEST(UdpListener, AfterStopWhatIsQueuedCanStillBeReadAndTheRestIsCounted) {
  auto opened = UdpListener::open(on("127.0.0.1:0"));
  ASSERT_TRUE(opened);
  UdpListener& listener = *opened->front();
  const Client client("127.0.0.1:0");
  client.send(listener.local(), "before");
  listener.stop_receiving();
  client.send(listener.local(), "after");
  const auto batch = listener.receive(0ms);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(base::as_text(batch[0].payload), "before");
  EXPECT_EQ(listener.kernel_drops(), 1U);
}

TEST(UdpListener, WakeEndsAWait) {
  auto opened = UdpListener::open(on("127.0.0.1:0"));
  ASSERT_TRUE(opened);
  opened->front()->wake();
  EXPECT_TRUE(opened->front()->receive(1h).empty());
}

}  // namespace
}  // namespace trapline::gateway
