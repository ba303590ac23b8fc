#include "gateway/load/send_batch.h"

namespace trapline::gateway::load {

SendBatch::SendBatch(MessageSource& messages, LoadSockets& sockets)
    : messages_(messages),
      sockets_(sockets),
      copies_(kMessages),
      vectors_(kMessages),
      headers_(kMessages) {
  for (std::size_t i = 0; i < kMessages; ++i) {
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

void SendBatch::add(const Identity& identity) {
  if (used_ == kMessages || (used_ > 0 && identity.source != source_)) flush();
  source_ = identity.source;
  std::vector<std::byte>& copy = copies_[used_];
  messages_.write(identity, copy);
  vectors_[used_] = {copy.data(), copy.size()};
  message_bytes_ = copy.size();
  ++used_;
}

void SendBatch::flush() {
  if (used_ == 0) return;
  refused_ += sockets_.send(source_, std::span(headers_).first(used_));
  used_ = 0;
}

}  // namespace trapline::gateway::load
