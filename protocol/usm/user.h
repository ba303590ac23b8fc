// UsmUser: one configured user, for traps and informs, whatever engines it turns up on.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "protocol/trap_message.h"
#include "protocol/usm/protocols.h"

namespace trapline::protocol::usm {

inline constexpr std::size_t kMaxUserNameBytes = 32;
inline constexpr std::size_t kMinEngineIdBytes = 5;
inline constexpr std::size_t kMaxEngineIdBytes = 32;

// The keys of one pair of passwords before they are localized: Ku (RFC 3414 §2.6), 1 MiB of
// hashing each. Kept outside core dumps. Move-only.
struct MasterKeys {
  base::Secret auth;  // empty when the user has no auth protocol
  base::Secret priv;  // Ku by the *auth* protocol's hash; empty without privacy
};

// Ku = digest of the password repeated to 1,048,576 octets. About a millisecond. The password must
// have kMinPasswordBytes; `protocol` is not none.
[[nodiscard]] base::Secret password_to_key(base::Bytes password, AuthProtocol protocol);

// What is configured of a user. Move-only, because of its keys; immutable once in a UserTable.
struct UsmUser {
  std::string name;
  AuthProtocol auth = AuthProtocol::none;
  PrivProtocol priv = PrivProtocol::none;
  // One pair, or two while passwords are being changed: both are accepted, the first one is sent.
  std::vector<MasterKeys> keys;
  SecurityLevel least_level = SecurityLevel::no_auth_no_priv;
  bool relaxed_time = false;                    // accept and flag what is outside the window
  std::vector<std::vector<std::byte>> engines;  // empty: any that authenticates

  // The highest level its protocols allow.
  [[nodiscard]] SecurityLevel highest_level() const;
  // True when the user may appear with this authoritative engine.
  [[nodiscard]] bool allows_engine(base::Bytes engine_id) const;
};

// All users. Immutable after construction; any thread may look up.
class UserTable {
 public:
  UserTable() = default;
  // Names must be unique.
  explicit UserTable(std::vector<UsmUser> users);

  // The user of that name, or null. Views this table.
  [[nodiscard]] const UsmUser* find(std::string_view name) const;
  [[nodiscard]] std::span<const UsmUser> all() const { return users_; }
  [[nodiscard]] bool empty() const { return users_.empty(); }

 private:
  std::vector<UsmUser> users_;  // sorted by name
};

}  // namespace trapline::protocol::usm
