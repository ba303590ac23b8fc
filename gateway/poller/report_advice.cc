#include "gateway/poller/report_advice.h"

namespace trapline::gateway {

using protocol::usm::ReportKind;

std::string advice_on(ReportKind report, const V3Access& access) {
  const std::string& user = access.user.name;
  switch (report) {
    case ReportKind::unsupported_sec_level:
      return "it does not take " + std::string(protocol::name_of(access.level)) + " from user `" +
             user + "`: change --level, or give the user its protocols there";
    case ReportKind::not_in_time_window:
      return "it finds even its own time outside its window: do two machines share its address and "
             "engineID?";
    case ReportKind::unknown_user_name:
      return "it has no user `" + user + "`: correct --user, or configure the user there";
    case ReportKind::unknown_engine_id:
      return "it is another engine: leave --engine-id out, so that it is asked for its own";
    case ReportKind::wrong_digest:
      return "the digest does not fit: correct --auth or --auth-password (or the user there)";
    case ReportKind::decryption_error:
      return "it cannot decrypt: correct --priv or --priv-password (or the user there)";
    case ReportKind::other: break;
  }
  return "a Report that says no more";
}

}  // namespace trapline::gateway
