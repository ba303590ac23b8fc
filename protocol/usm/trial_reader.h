// TrialReader: is this the plaintext of a scopedPDU, or did a wrong key make it?
#pragma once

#include <vector>

#include "base/bytes.h"
#include "protocol/varbind.h"

namespace trapline::protocol::usm {

// CFB decrypts with any key; only a full parse tells the right one. Reused from text to text, it
// allocates nothing after the first few. Not synchronised.
class TrialReader {
 public:
  // True when `plaintext` begins with a scopedPDU that can be read down to its last value.
  [[nodiscard]] bool reads(base::Bytes plaintext);

 private:
  std::vector<std::byte> room_;
  std::vector<VarBind> varbinds_;
};

}  // namespace trapline::protocol::usm
