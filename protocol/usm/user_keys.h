// UserKeys: the keys of one user at one engine, from one of its passwords.
#pragma once

#include <array>
#include <string_view>

#include "base/bytes.h"
#include "protocol/usm/auth.h"
#include "protocol/usm/privacy.h"
#include "protocol/usm/trial_reader.h"
#include "protocol/usm/user.h"

namespace trapline::protocol::usm {

// The auth key is there from the start, for one small hash; the privacy key is derived when it is
// first needed, which nothing but an authenticated message may bring about. Move-only; not
// synchronised; to be kept in memory that is left out of core dumps.
class UserKeys {
 public:
  UserKeys() = default;
  // `user` outlives it, has an auth protocol and a pair of that index; `engine_id` has at most
  // kMaxEngineIdBytes.
  UserKeys(const UsmUser& user, int password, base::Bytes engine_id);

  [[nodiscard]] const UsmUser* user() const { return user_; }
  [[nodiscard]] int password() const { return password_; }
  [[nodiscard]] base::Bytes engine_id() const { return base::Bytes(engine_).first(engine_bytes_); }
  [[nodiscard]] const AuthKey& auth() const { return auth_; }
  // The extension under which an `_auto` protocol last read a text; empty when there was nothing to
  // choose.
  [[nodiscard]] std::string_view key_scheme() const;

  // Decrypts as PrivacyKey does. An `_auto` protocol takes the extension under which the text can
  // be read, the one that fitted last before the other; with none, the text is no better than
  // noise.
  [[nodiscard]] bool decrypt(base::Bytes ciphertext, const CipherStart& start,
                             base::MutableBytes out, TrialReader& trial);
  // The key to send with: of an `_auto` protocol the one settled for, or Blumenthal's.
  [[nodiscard]] PrivacyKey& privacy() { return privacy_with(extension_); }

 private:
  PrivacyKey& privacy_with(KeyExtension extension);

  const UsmUser* user_ = nullptr;
  int password_ = 0;
  std::array<std::byte, kMaxEngineIdBytes> engine_{};
  std::size_t engine_bytes_ = 0;
  AuthKey auth_;
  KeyExtension extension_ = KeyExtension::blumenthal;
  bool has_choice_ = false;            // an `_auto` protocol whose extensions differ
  bool settled_ = false;               // one of them has fitted
  std::array<PrivacyKey, 2> privacy_;  // by extension
};

}  // namespace trapline::protocol::usm
