// KeyCache: the keys localized so far, a bounded number of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/undumped_buffer.h"
#include "protocol/usm/user_keys.h"

namespace trapline::protocol::usm {

// Keeps keys by user, password and engine; the longest unused make room. Keys that are only tried
// on have a place of their own, so that no forger's engineID drives out a real one. All keys lie in
// memory outside core dumps. Not synchronised.
class KeyCache {
 public:
  explicit KeyCache(std::size_t capacity);
  ~KeyCache();
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;

  // The keys kept under this name, or null; they count as used. Valid until the next `keep`.
  [[nodiscard]] UserKeys* find(const UsmUser& user, int password, base::Bytes engine_id);
  // Localizes keys without keeping them. Valid until the next `try_on`.
  [[nodiscard]] const UserKeys& try_on(const UsmUser& user, int password, base::Bytes engine_id);
  // Keeps what was last tried on, which is not kept yet.
  [[nodiscard]] UserKeys& keep();
  [[nodiscard]] std::size_t size() const { return index_.size(); }

 private:
  using Place = std::uint32_t;
  struct Name {
    const UsmUser* user;
    int password;
    std::string_view engine_id;
    friend bool operator==(const Name&, const Name&) = default;
  };
  struct NameHash {
    std::size_t operator()(const Name& name) const {
      return std::hash<std::string_view>()(name.engine_id) ^
             (std::hash<const void*>()(name.user) * 31 + static_cast<std::size_t>(name.password));
    }
  };
  struct Links {
    Place older;
    Place newer;
  };

  [[nodiscard]] UserKeys& at(Place place) const;
  [[nodiscard]] Name name_at(Place place) const;
  Place new_place();
  void unlink(Place place);
  void link_newest(Place place);

  std::size_t capacity_;
  base::UndumpedBuffer memory_;  // of UserKeys; pages come into being as they are used
  std::vector<Links> links_;     // place 0 is the ring's own: newer of it is the longest unused
  Place spare_;                  // what is tried on
  std::unordered_map<Name, Place, NameHash> index_;  // names view the kept keys
};

}  // namespace trapline::protocol::usm
