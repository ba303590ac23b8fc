// Records of the journal as lines for people and as JSON lines.
#pragma once

#include <string>
#include <string_view>

#include "gateway/journal/answer_record.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/journal/record.h"
#include "protocol/decode.h"

namespace trapline::gateway {

// "event", "timer", "outcome", "cursor", "checkpoint", "engines", "answer".
[[nodiscard]] std::string_view name_of(journal::RecordType type);

// Renders one record after the other. Not synchronised.
class RecordRenderer {
 public:
  // Appends the record without a newline: as JSON object, or as LSN, type, time and content. `node`
  // is that of its segment. A payload that is not its type's reads as damaged.
  void append_json(const journal::RecordView& record, std::string_view node, std::string& out);
  void append_text(const journal::RecordView& record, std::string_view node, std::string& out);

 private:
  bool append_event(const journal::RecordView& record, std::string_view node, bool json,
                    std::string& out);
  bool append_outcome(const journal::RecordView& record, bool json, std::string& out);
  static bool append_standing(const journal::RecordView& record, bool json, std::string& out);
  static bool append_timer(const journal::RecordView& record, bool json, std::string& out);
  bool append_answer(const journal::RecordView& record, bool json, std::string& out);
  static void append_engines(const journal::RecordView& record, bool json, std::string& out);
  bool append_content(const journal::RecordView& record, std::string_view node, bool json,
                      std::string& out);

  protocol::DecodeScratch decode_scratch_;
  journal::OutcomeScratch outcome_scratch_;
  std::vector<rules::AnsweredMember> answer_scratch_;
};

}  // namespace trapline::gateway
