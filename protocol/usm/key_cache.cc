#include "protocol/usm/key_cache.h"

#include <memory>
#include <new>

namespace trapline::protocol::usm {

KeyCache::KeyCache(std::size_t capacity)
    : capacity_(capacity == 0 ? 1 : capacity), memory_((capacity_ + 2) * sizeof(UserKeys)) {
  new_place();
  links_[0] = {0, 0};
  spare_ = new_place();
}

KeyCache::~KeyCache() {
  for (Place place = 0; place < links_.size(); ++place) std::destroy_at(&at(place));
}

UserKeys* KeyCache::find(const UsmUser& user, int password, base::Bytes engine_id) {
  const auto found = index_.find(Name{&user, password, base::as_text(engine_id)});
  if (found == index_.end()) return nullptr;
  const Place place = found->second;
  if (links_[0].older != place) {
    unlink(place);
    link_newest(place);
  }
  return &at(place);
}

const UserKeys& KeyCache::try_on(const UsmUser& user, int password, base::Bytes engine_id) {
  at(spare_) = UserKeys(user, password, engine_id);
  return at(spare_);
}

UserKeys& KeyCache::keep() {
  const Place kept = spare_;
  if (index_.size() < capacity_) {
    spare_ = new_place();
  } else {
    spare_ = links_[0].newer;
    index_.erase(name_at(spare_));
    unlink(spare_);
  }
  index_.emplace(name_at(kept), kept);
  link_newest(kept);
  return at(kept);
}

UserKeys& KeyCache::at(Place place) const {
  std::byte* const first = memory_.bytes().data() + place * sizeof(UserKeys);
  return *std::launder(reinterpret_cast<UserKeys*>(first));
}

KeyCache::Name KeyCache::name_at(Place place) const {
  const UserKeys& keys = at(place);
  return {keys.user(), keys.password(), base::as_text(keys.engine_id())};
}

KeyCache::Place KeyCache::new_place() {
  const auto place = static_cast<Place>(links_.size());
  links_.push_back({place, place});
  new (memory_.bytes().data() + place * sizeof(UserKeys)) UserKeys();
  return place;
}

void KeyCache::unlink(Place place) {
  const Links links = links_[place];
  links_[links.older].newer = links.newer;
  links_[links.newer].older = links.older;
}

void KeyCache::link_newest(Place place) {
  const Place newest = links_[0].older;
  links_[place] = {newest, 0};
  links_[newest].newer = place;
  links_[0].older = place;
}

}  // namespace trapline::protocol::usm
