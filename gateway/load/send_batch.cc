#include "gateway/load/send_batch.h"

#include <algorithm>

namespace trapline::gateway::load {

SendBatch::SendBatch(const NotificationTemplate& message, LoadSockets& sockets)
    : message_(message), sockets_(sockets), vectors_(kMessages), headers_(kMessages) {
  const base::Bytes original = message.bytes();
  copies_.resize(kMessages * original.size());
  for (std::size_t i = 0; i < kMessages; ++i) {
    std::byte* const copy = copies_.data() + i * original.size();
    std::copy(original.begin(), original.end(), copy);
    vectors_[i] = {copy, original.size()};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

void SendBatch::add(const Identity& identity) {
  if (used_ == kMessages || (used_ > 0 && identity.source != source_)) flush();
  source_ = identity.source;
  const std::size_t size = message_.bytes().size();
  message_.patch(base::MutableBytes(copies_).subspan(used_ * size, size), identity);
  ++used_;
}

void SendBatch::flush() {
  if (used_ == 0) return;
  refused_ += sockets_.send(source_, std::span(headers_).first(used_));
  used_ = 0;
}

}  // namespace trapline::gateway::load
