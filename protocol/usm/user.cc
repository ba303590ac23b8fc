#include "protocol/usm/user.h"

#include <algorithm>

#include "protocol/usm/keys.h"

namespace trapline::protocol::usm {

base::Secret password_to_key(base::Bytes password, AuthProtocol protocol) {
  return base::Secret(base::as_text(stretch(password, protocol).bytes()));
}

SecurityLevel UsmUser::highest_level() const {
  if (auth == AuthProtocol::none) return SecurityLevel::no_auth_no_priv;
  return priv == PrivProtocol::none ? SecurityLevel::auth_no_priv : SecurityLevel::auth_priv;
}

bool UsmUser::allows_engine(base::Bytes engine_id) const {
  if (engines.empty()) return true;
  return std::any_of(engines.begin(), engines.end(),
                     [engine_id](const auto& engine) { return base::equal(engine, engine_id); });
}

UserTable::UserTable(std::vector<UsmUser> users) : users_(std::move(users)) {
  std::sort(users_.begin(), users_.end(),
            [](const UsmUser& a, const UsmUser& b) { return a.name < b.name; });
}

const UsmUser* UserTable::find(std::string_view name) const {
  const auto at = std::lower_bound(
      users_.begin(), users_.end(), name,
      [](const UsmUser& user, std::string_view wanted) { return user.name < wanted; });
  return at != users_.end() && at->name == name ? &*at : nullptr;
}

}  // namespace trapline::protocol::usm
