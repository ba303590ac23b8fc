// The names every installation knows without a MIB file: SNMPv2-SMI's roots, SNMPv2-MIB, IF-MIB and
// the few objects of other modules that standard notifications carry (RFC 2578, 3418, 2863, 3584,
// 1213).
#pragma once

#include <span>
#include <vector>

#include "protocol/mib/mib_index.h"

namespace trapline::protocol::mib {

// Owns what its nodes view. Immutable after construction; any thread may read. Lives as long as the
// built-in index.
class StandardNames {
 public:
  StandardNames();
  StandardNames(const StandardNames&) = delete;
  StandardNames& operator=(const StandardNames&) = delete;

  // In the order of their modules; valid as long as this object.
  [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }

 private:
  std::vector<Oid> oids_;
  std::vector<std::vector<OidView>> objects_;
  std::vector<Node> nodes_;
};

}  // namespace trapline::protocol::mib
