#include "protocol/usm/trial_reader.h"

#include "protocol/ber_reader.h"
#include "protocol/decode.h"
#include "protocol/pdu.h"
#include "protocol/trap_pdu_v1.h"
#include "protocol/v3_message.h"

namespace trapline::protocol::usm {

bool TrialReader::reads(base::Bytes plaintext) {
  room_.clear();
  room_.reserve(plaintext.size());
  BerContext context(plaintext, room_);
  BerReader reader(plaintext, context);
  ScopedPduFields fields;
  if (!read_scoped_pdu(reader, fields)) return false;
  BerReader data(fields.pdu, context);
  Element pdu;
  if (!data.read_any(pdu) || pdu.tag < tag::kGetRequest || pdu.tag > tag::kReport) return false;
  BerReader content(pdu.content, context);
  TrapPduV1 trap;
  PduHeader header;
  const bool begins =
      pdu.tag == tag::kTrapV1 ? read_trap_pdu_v1(content, trap) : read_pdu_header(content, header);
  return begins && read_varbinds(content, kHighestMaxVarbinds, varbinds_);
}

}  // namespace trapline::protocol::usm
