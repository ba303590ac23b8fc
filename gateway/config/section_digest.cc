#include "gateway/config/section_digest.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace trapline::gateway {
namespace {

constexpr std::array<std::string_view, 4> kReloaded = {"rules", "routes", "tables", "tests"};
// Of `poller`, the part that rules are compiled with.
constexpr std::string_view kPoller = "poller";
constexpr std::string_view kReloadedOfPoller = "enrichments";

// FNV-1a, octet by octet: no copy of the text is made, for it may hold a secret.
class Digest {
 public:
  void add(std::string_view text) {
    for (const char octet : text) add_octet(static_cast<unsigned char>(octet));
    add_octet(0);
  }
  void add_octet(unsigned char octet) { value_ = (value_ ^ octet) * 0x100'0000'01b3; }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf2'9ce4'8422'2325;
};

// `left_out` is a key of `top`, or empty.
std::uint64_t digest_of(const ConfigNode& top, std::string_view left_out) {
  Digest digest;
  std::vector<const ConfigNode*> left{&top};
  while (!left.empty()) {
    const ConfigNode& node = *left.back();
    left.pop_back();
    digest.add_octet(static_cast<unsigned char>(node.kind));
    digest.add_octet(node.quoted ? 1 : 0);
    digest.add(node.text);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const bool has_key = i < node.keys.size();
      if (has_key && &node == &top && node.keys[i].name == left_out) continue;
      if (has_key) digest.add(node.keys[i].name);
      left.push_back(&node.items[i]);
    }
  }
  return digest.value();
}

}  // namespace

std::vector<SectionDigest> section_digests(const ConfigNode& root) {
  std::vector<SectionDigest> digests;
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    const std::string& name = root.keys[i].name;
    digests.push_back({name, digest_of(root.items[i], name == kPoller ? kReloadedOfPoller : "")});
  }
  std::sort(digests.begin(), digests.end());
  return digests;
}

std::vector<std::string> changed_sections(const Config& before, const Config& after) {
  std::vector<SectionDigest> differ;
  std::set_symmetric_difference(before.sections.begin(), before.sections.end(),
                                after.sections.begin(), after.sections.end(),
                                std::back_inserter(differ));
  std::vector<std::string> names;
  for (const SectionDigest& section : differ) {
    const bool applied =
        std::find(kReloaded.begin(), kReloaded.end(), section.name) != kReloaded.end();
    if (!applied && (names.empty() || names.back() != section.name)) names.push_back(section.name);
  }
  return names;
}

}  // namespace trapline::gateway
