#include "protocol/usm/digests_ahead.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/protocol/usm/v3_peer.h"

namespace trapline::protocol::usm {
namespace {

using test_support::Octets;

constexpr std::array kAuths = {AuthProtocol::md5,    AuthProtocol::sha1,   AuthProtocol::sha224,
                               AuthProtocol::sha256, AuthProtocol::sha384, AuthProtocol::sha512};

// One user of every protocol, and one who is changing passwords.
std::vector<UsmUser> all_users() {
  std::vector<UsmUser> all;
  for (const AuthProtocol auth : kAuths) {
    all.push_back(test_user(std::string(name_of(auth)), auth, PrivProtocol::aes128));
  }
  UsmUser changing = test_user("changing", AuthProtocol::sha256, PrivProtocol::aes128);
  changing.keys.push_back(master_keys(AuthProtocol::sha256, PrivProtocol::aes128,
                                      "another auth password", "another priv password"));
  all.push_back(std::move(changing));
  return all;
}

// A message as it may turn up among others: mostly genuine.
Octets some_message(const Receiver& receiver, const std::vector<UsmUser>& users,
                    std::mt19937_64& random) {
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  const UsmUser& user = users[below(users.size())];
  PeerMessage message = below(4) == 0 ? inform_to(receiver.engine) : PeerMessage();
  if (message.pdu.empty()) message.engine_id.back() = std::byte(below(5));
  message.password = static_cast<int>(below(user.keys.size()));
  message.context_name = std::string(below(8) == 0 ? 200 + below(4'000) : below(60), 'c');
  message.time += static_cast<std::int32_t>(below(20));
  if (below(8) == 0) message.flags = msg_flag::kAuth;
  if (below(20) == 0) message.user = "nobody";
  Octets octets = written(user, message);
  if (below(4) == 0) octets[below(octets.size())] ^= std::byte(1U << below(8));
  if (below(20) == 0) octets.resize(below(octets.size()));
  return octets;
}

// Everything `open` says.
std::string outcome(Receiver& receiver, base::Bytes datagram, DecodeScratch& scratch) {
  const auto decoded = decode(datagram, kDefaultMaxVarbinds, scratch, &receiver.inbound(), kNow);
  const V3Trace& trace = receiver.trace();
  std::string out = decoded ? "accepted" : std::string(protocol::name_of(decoded.error().kind));
  out += " " + std::string(name_of(trace.refusal)) + (trace.authenticated ? " by " : " not by ") +
         std::to_string(trace.password) + " report " + std::to_string(trace.report.size());
  if (decoded) out += " " + decoded->message.trap_oid.to_string();
  return out;
}

TEST(DigestsAhead, BatchesEndAsMessagesOneByOneDo) {
  const std::vector<UsmUser> senders = all_users();
  Receiver ahead(all_users());
  Receiver single(all_users());
  DecodeScratch scratch;
  std::mt19937_64 random(20'261);
  std::size_t accepted = 0;
  for (int round = 0; round < 150; ++round) {
    std::vector<Octets> messages(random() % 90);
    for (Octets& message : messages) message = some_message(single, senders, random);
    const std::vector<base::Bytes> batch(messages.begin(), messages.end());
    ahead.inbound().look_ahead(batch);
    for (const base::Bytes datagram : batch) {
      if (random() % 16 == 0) continue;  // was not admitted
      const std::string alone = outcome(single, datagram, scratch);
      ASSERT_EQ(outcome(ahead, datagram, scratch), alone);
      accepted += alone.starts_with("accepted") ? 1 : 0;
    }
    ahead.inbound().forget_ahead();
    ASSERT_EQ(ahead.engines.size(), single.engines.size());
  }
  EXPECT_GT(accepted, 2'000U);
  EXPECT_EQ(ahead.stats.wrong_digests, single.stats.wrong_digests);
  EXPECT_GT(single.stats.wrong_digests, 0U);
}

TEST(DigestsAhead, HashesAsAuthKeyDoes) {
  DigestsAhead ahead;
  if (!ahead.worthwhile()) GTEST_SKIP() << "this processor or build has nothing to gain";
  for (const AuthProtocol auth : kAuths) {
    if (auth == AuthProtocol::md5) continue;
    const UsmUser user = test_user("ops", auth, PrivProtocol::none);
    const UserKeys keys(user, 0, peer_engine());
    for (std::size_t count = 4; count <= DigestsAhead::kMost; count += 5) {
      std::vector<Octets> messages;
      for (std::size_t i = 0; i < count; ++i) {
        PeerMessage message;
        message.context_name = std::string(i * 11, 'c');
        messages.push_back(written(user, message));
      }
      const auto digest_of = [&](const Octets& octets) {
        // Behind msgUserName; msgPrivacyParameters are empty.
        const std::string_view text = base::as_text(octets);
        const std::size_t at = text.find("\x04\x03ops\x04") + 7;
        return base::Bytes(octets).subspan(at, digest_bytes(auth));
      };
      ahead.clear();
      for (const Octets& octets : messages) {
        ahead.add(octets, 0, keys.auth(), octets, digest_of(octets));
      }
      ahead.compute();
      for (const Octets& octets : messages) {
        const base::Bytes whole = ahead.find(octets, 0);
        ASSERT_FALSE(whole.empty()) << name_of(auth) << " " << count;
        ASSERT_TRUE(keys.auth().accepts(whole, digest_of(octets))) << name_of(auth);
        ASSERT_TRUE(ahead.find(octets, 1).empty());
      }
    }
  }
}

TEST(DigestsAhead, NothingIsLeftOfABatchThatWasForgotten) {
  DigestsAhead ahead;
  const UsmUser user = test_user("ops", AuthProtocol::sha256, PrivProtocol::none);
  const UserKeys keys(user, 0, peer_engine());
  const Octets octets = written(user, {});
  const base::Bytes digest = base::Bytes(octets).subspan(40, 24);
  for (int i = 0; i < 8; ++i) ahead.add(octets, 0, keys.auth(), octets, digest);
  ahead.compute();
  ahead.clear();
  EXPECT_TRUE(ahead.find(octets, 0).empty());
}

}  // namespace
}  // namespace trapline::protocol::usm
