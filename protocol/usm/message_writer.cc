#include "protocol/usm/message_writer.h"

#include "protocol/decode.h"

namespace trapline::protocol::usm {

MessageWriter::MessageWriter(SaltCounters& salts)
    : salts_(salts), room_(kMaxDatagramBytes), plain_(kMaxDatagramBytes) {}

base::Bytes MessageWriter::write(const OutgoingMessage& message, UserKeys* keys) {
  static constexpr std::array<std::byte, kMaxHashBytes> kZeros{};
  BerBackWriter writer(room_.bytes());
  SecurityParameters security = message.security;
  Salt salt;
  if ((message.header.flags & msg_flag::kPriv) != 0) {
    salt = put_encrypted(message, keys->privacy(), keys->user()->priv, writer);
    security.salt = salt;
  } else {
    put_scoped_pdu(message.scoped, writer);
  }
  const bool is_signed = (message.header.flags & msg_flag::kAuth) != 0;
  if (is_signed) security.digest = base::Bytes(kZeros).first(digest_bytes(keys->user()->auth));
  const base::MutableBytes digest = put_security_parameters(security, writer);
  put_v3_header(message.header, writer);
  if (!writer.ok()) return {};
  if (is_signed) keys->auth().sign(writer.written(), digest);
  return writer.written();
}

Salt MessageWriter::put_encrypted(const OutgoingMessage& message, PrivacyKey& key,
                                  PrivProtocol protocol, BerBackWriter& writer) {
  BerBackWriter plain(plain_.bytes());
  put_scoped_pdu(message.scoped, plain);
  const Salt salt = next_salt(protocol, message.security.boots, salts_);
  // What did not fit as plaintext does not fit at all.
  const base::MutableBytes out =
      writer.reserve(plain.ok() ? key.cipher_bytes(plain.size()) : room_.bytes().size() + 1);
  if (writer.ok()) {
    key.encrypt(plain.written(), {message.security.boots, message.security.time, salt}, out);
  }
  writer.close(tag::kOctetString, 0);
  return salt;
}

}  // namespace trapline::protocol::usm
