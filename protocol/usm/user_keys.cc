#include "protocol/usm/user_keys.h"

#include <algorithm>

namespace trapline::protocol::usm {

UserKeys::UserKeys(const UsmUser& user, int password, base::Bytes engine_id)
    : user_(&user),
      password_(password),
      engine_bytes_(engine_id.size()),
      auth_(user.auth, localize(user.keys[static_cast<std::size_t>(password)].auth.reveal(),
                                engine_id, user.auth)
                           .bytes()),
      extension_(extension_of(user.priv)),
      has_choice_(is_auto(user.priv) && is_extended(user.auth, user.priv)) {
  std::copy(engine_id.begin(), engine_id.end(), engine_.begin());
}

std::string_view UserKeys::key_scheme() const {
  return has_choice_ && settled_ ? name_of(extension_) : std::string_view();
}

// An engine keeps to one extension, but every inform names ours, whoever sends it: the one that
// fitted last is only tried first.
bool UserKeys::decrypt(base::Bytes ciphertext, const CipherStart& start, base::MutableBytes out,
                       TrialReader& trial) {
  if (!has_choice_) return privacy_with(extension_).decrypt(ciphertext, start, out);
  const KeyExtension other =
      extension_ == KeyExtension::blumenthal ? KeyExtension::reeder : KeyExtension::blumenthal;
  for (const KeyExtension extension : {extension_, other}) {
    if (!privacy_with(extension).decrypt(ciphertext, start, out)) return false;
    if (!trial.reads(out.first(ciphertext.size()))) continue;
    extension_ = extension;
    settled_ = true;
    return true;
  }
  return true;
}

PrivacyKey& UserKeys::privacy_with(KeyExtension extension) {
  PrivacyKey& key = privacy_[static_cast<std::size_t>(extension)];
  if (!key) {
    const base::Secret& master = user_->keys[static_cast<std::size_t>(password_)].priv;
    key = PrivacyKey(
        user_->priv,
        privacy_key(master.reveal(), engine_id(), user_->auth, user_->priv, extension).bytes());
  }
  return key;
}

}  // namespace trapline::protocol::usm
