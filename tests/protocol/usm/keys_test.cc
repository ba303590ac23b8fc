// RFC 3414 §A.3, RFC 7860's digests, and the two key extensions.

#include "protocol/usm/keys.h"

#include <gtest/gtest.h>

#include "protocol/usm/auth.h"
#include "protocol/usm/privacy.h"
#include "protocol/usm/user.h"
#include "tests/support/wire.h"

namespace trapline::protocol::usm {
namespace {

using test_support::hex;
using test_support::Octets;

Octets octets_of(const KeyOctets& key) { return {key.bytes().begin(), key.bytes().end()}; }

TEST(Keys, LocalizedAreThoseOfTheRfc) {
  const Octets engine = hex("000000000000000000000002");
  const std::pair<AuthProtocol, std::string_view> vectors[] = {
      {AuthProtocol::md5, "526f5eed9fcce26f8964c2930787d82b"},
      {AuthProtocol::sha1, "6695febc9288e36282235fc7151f128497b38f3f"},
      {AuthProtocol::sha224, "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be682075674"},
      {AuthProtocol::sha256, "8982e0e549e866db361a6b625d84cccc11162d453ee8ce3a6445c2d6776f0f8b"},
      {AuthProtocol::sha384,
       "3b298f16164a11184279d5432bf169e2d2a48307de02b3d3f7e2b4f36eb6f0455a53689a3937eea07319a633"
       "d2ccba78"},
      {AuthProtocol::sha512,
       "22a5a36cedfcc085807a128d7bc6c2382167ad6c0dbc5fdff856740f3d84c099ad1ea87a8db096714d9788bd"
       "544047c9021e4229ce27e4c0a69250adfcffbb0b"}};
  for (const auto& [protocol, expected] : vectors) {
    const base::Secret master = password_to_key(base::as_bytes("maplesyrup"), protocol);
    EXPECT_EQ(octets_of(localize(master.reveal(), engine, protocol)), hex(expected))
        << name_of(protocol);
  }
}

TEST(Keys, AreExtendedByBothSchemes) {
  const Octets engine = hex("8000000001020304050607");
  const base::Secret master = password_to_key(base::as_bytes("maplesyrup"), AuthProtocol::sha1);
  const auto key = [&](KeyExtension extension) {
    return octets_of(privacy_key(master.reveal(), engine, AuthProtocol::sha1,
                                 PrivProtocol::aes256_auto, extension));
  };
  EXPECT_EQ(key(KeyExtension::blumenthal),
            hex("f70ccca5dd8604fd02660f8d3a56acf5fd365040 d31e22c3fc7d7d2a28f38f34"));
  EXPECT_EQ(key(KeyExtension::reeder),
            hex("f70ccca5dd8604fd02660f8d3a56acf5fd365040 76bfd1b42aa898bedaffbf19"));
}

TEST(Keys, ExtensionMattersWhereTheDigestIsTooShort) {
  EXPECT_TRUE(is_extended(AuthProtocol::sha1, PrivProtocol::aes192));
  EXPECT_FALSE(is_extended(AuthProtocol::sha224, PrivProtocol::aes192));
  EXPECT_TRUE(is_extended(AuthProtocol::sha224, PrivProtocol::aes256));
  EXPECT_FALSE(is_extended(AuthProtocol::sha256, PrivProtocol::aes256));
  EXPECT_FALSE(is_extended(AuthProtocol::md5, PrivProtocol::aes128));
}

TEST(Keys, OfAPasswordLongerThanAnyStepAreThoseOfThePlainWay) {
  std::string password;
  while (password.size() < 5'003) password += "a long password ";
  Hash hash(AuthProtocol::sha256);
  for (std::size_t i = 0; i < 1'048'576; ++i) {
    hash.update(base::as_bytes(std::string_view(password).substr(i % password.size(), 1)));
  }
  Octets expected(32);
  hash.finish(expected);
  EXPECT_EQ(octets_of(stretch(base::as_bytes(password), AuthProtocol::sha256)), expected);
}

// RFC 2202 and RFC 4231, test case 2, whose digest lies outside the text: in front of it, emptied.
TEST(AuthKey, ComputesTheHmacOfTheMessageWithAZeroedDigest) {
  Octets message(12 + 28);
  const AuthKey key(AuthProtocol::sha1, hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
  const base::MutableBytes digest = base::MutableBytes(message).first(12);
  key.sign(message, digest);
  EXPECT_TRUE(key.verify(message, digest));
  const Octets first(digest.begin(), digest.end());
  key.sign(message, digest);
  EXPECT_TRUE(base::equal(first, digest)) << "what stands in the digest's place does not count";
  message[20] ^= std::byte{1};
  EXPECT_FALSE(key.verify(message, digest));
}

TEST(AuthKey, RefusesEveryDigestLengthButItsOwn) {
  for (const AuthProtocol protocol :
       {AuthProtocol::md5, AuthProtocol::sha1, AuthProtocol::sha224, AuthProtocol::sha256,
        AuthProtocol::sha384, AuthProtocol::sha512}) {
    const AuthKey key(protocol, hex("0123456789abcdef0123456789abcdef"));
    for (std::size_t size = 0; size <= 64; ++size) {
      Octets message(200);
      const auto digest = base::MutableBytes(message).subspan(60, size);
      key.sign(message, digest);  // a right prefix, or the whole
      EXPECT_EQ(key.verify(message, digest), size == digest_bytes(protocol)) << size;
    }
  }
}

class PrivacyKeys : public testing::TestWithParam<PrivProtocol> {};

TEST_P(PrivacyKeys, DecryptWhatTheyEncrypt) {
  Octets key(key_bytes(GetParam()));
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = std::byte(i * 7 + 1);
  PrivacyKey privacy(GetParam(), key);
  SaltCounters salts;
  for (std::size_t size = 1; size < 100; ++size) {
    Octets plain(size);
    for (std::size_t i = 0; i < size; ++i) plain[i] = std::byte(i ^ size);
    const Salt salt = next_salt(GetParam(), 7, salts);
    const CipherStart start{7, 4711, salt};
    Octets cipher(privacy.cipher_bytes(size));
    privacy.encrypt(plain, start, cipher);
    Octets again(cipher.size() + kCipherSlackBytes);
    ASSERT_TRUE(privacy.decrypt(cipher, start, again));
    again.resize(size);
    EXPECT_EQ(again, plain);
  }
  Octets out(32);
  EXPECT_FALSE(privacy.decrypt(Octets(16), {7, 4711, {}}, out));
}

INSTANTIATE_TEST_SUITE_P(All, PrivacyKeys,
                         testing::Values(PrivProtocol::des, PrivProtocol::des3,
                                         PrivProtocol::aes128, PrivProtocol::aes192,
                                         PrivProtocol::aes256));

// NIST SP 800-38A, F.3.13: CFB128-AES128. Boots, time and salt are the vector's IV.
TEST(PrivacyKey, CfbIsNists) {
  PrivacyKey privacy(PrivProtocol::aes128, hex("2b7e151628aed2a6abf7158809cf4f3c"));
  const Octets salt = hex("08090a0b0c0d0e0f");
  const CipherStart start{0x00010203, 0x04050607, salt};
  const Octets plain = hex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51");
  const Octets cipher = hex("3b3fd92eb72dad20333449f8e83cfb4a c8a64537a0b3a93fcde3cdad9f1ce58b");
  Octets out(plain.size() + kCipherSlackBytes);
  EXPECT_EQ(privacy.cipher_bytes(plain.size()), plain.size());
  privacy.encrypt(plain, start, base::MutableBytes(out).first(plain.size()));
  EXPECT_TRUE(base::equal(base::Bytes(out).first(plain.size()), cipher));
  ASSERT_TRUE(privacy.decrypt(cipher, start, out));
  EXPECT_TRUE(base::equal(base::Bytes(out).first(plain.size()), plain));
}

TEST(PrivacyKey, OfDesRefusesLengthsThatAreNoBlocks) {
  PrivacyKey privacy(PrivProtocol::des, Octets(16));
  const Octets salt(8);
  Octets out(64);
  for (std::size_t size = 0; size <= 32; ++size) {
    EXPECT_EQ(privacy.decrypt(Octets(size), {1, 1, salt}, out), size != 0 && size % 8 == 0);
  }
}

TEST(Protocols, HaveNamesThatAreFoundAgain) {
  for (int i = 0; i <= static_cast<int>(AuthProtocol::sha512); ++i) {
    const auto protocol = static_cast<AuthProtocol>(i);
    EXPECT_EQ(auth_protocol_named(name_of(protocol)), protocol);
  }
  for (int i = 0; i <= static_cast<int>(PrivProtocol::aes256_auto); ++i) {
    const auto protocol = static_cast<PrivProtocol>(i);
    EXPECT_EQ(priv_protocol_named(name_of(protocol)), protocol);
  }
  EXPECT_EQ(auth_protocol_named("SHA"), AuthProtocol::sha1);
  EXPECT_EQ(auth_protocol_named("SHA-256"), AuthProtocol::sha256);
  EXPECT_EQ(priv_protocol_named("AES"), PrivProtocol::aes128);
  EXPECT_EQ(priv_protocol_named("AES-192-C"), PrivProtocol::aes192c);
  EXPECT_EQ(auth_protocol_named("sha3"), std::nullopt);
  EXPECT_EQ(priv_protocol_named(""), std::nullopt);
}

}  // namespace
}  // namespace trapline::protocol::usm
