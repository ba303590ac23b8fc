// OBJECT IDENTIFIER (X.690 §8.19, RFC 2578 §3.5): kept as its canonical BER content octets.
//
// One form serves the wire, the journal, comparison and prefix tests: a prefix of sub-identifiers
// is a prefix of octets. Dotted text exists only at the edges. Up to 128 sub-identifiers, 32 bits.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace trapline::protocol {

inline constexpr std::size_t kMaxSubIdentifiers = 128;
inline constexpr std::size_t kMaxOidBytes = kMaxSubIdentifiers * 5;

// A view of canonical content octets: every sub-identifier minimal and terminated. Empty is the
// empty OID, which reads as 0.0 does. Plain value; valid as long as what it views.
class OidView {
 public:
  OidView() = default;
  // `content` must be canonical: it comes from BerReader, from an Oid, or from the journal.
  explicit constexpr OidView(base::Bytes content) : content_(content) {}

  [[nodiscard]] base::Bytes content() const { return content_; }
  [[nodiscard]] bool empty() const { return content_.empty(); }
  // True when `prefix` is this OID or one of its ancestors.
  [[nodiscard]] bool starts_with(OidView prefix) const;
  // The sub-identifiers from `prefix_bytes` of content on, e.g. an instance index behind a column.
  [[nodiscard]] OidView suffix(std::size_t prefix_bytes) const;
  // Number of sub-identifiers (the first octet counts as two).
  [[nodiscard]] std::size_t size() const;
  // Appends dotted decimal ("1.3.6.1"); the empty OID gives "0.0".
  void append_to(std::string& out) const;
  // Appends the dotted decimal of a suffix: the first sub-identifier is not split in two.
  void append_suffix_to(std::string& out) const;
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(OidView a, OidView b) { return base::equal(a.content_, b.content_); }
  // Octet order; it equals neither numeric order nor length order and serves sorted tables only.
  friend std::strong_ordering operator<=>(OidView a, OidView b);

 private:
  base::Bytes content_;
};

// An OID that owns its octets. Allocates; not for the per-trap path.
class Oid {
 public:
  Oid() = default;
  explicit Oid(OidView view) : content_(view.content().begin(), view.content().end()) {}
  // From dotted decimal, with or without a leading dot. Nothing when malformed, when the first arc
  // is over 2 or the second over 39 below arc 2, or when over 128 sub-identifiers or 32 bits.
  [[nodiscard]] static std::optional<Oid> parse(std::string_view dotted);
  // Appends one sub-identifier.
  void append(std::uint32_t sub_identifier);

  [[nodiscard]] OidView view() const { return OidView(base::Bytes(content_)); }
  // NOLINTNEXTLINE(google-explicit-constructor): an Oid is an OidView wherever one is read.
  operator OidView() const { return view(); }

 private:
  std::vector<std::byte> content_;
};

}  // namespace trapline::protocol
