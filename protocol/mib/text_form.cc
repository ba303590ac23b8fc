#include "protocol/mib/text_form.h"

#include "base/utf8.h"

namespace trapline::protocol::mib {
namespace {

// DateAndTime (RFC 2579 §2), without and with the zone.
constexpr std::size_t kDateOctets = 8;
constexpr std::size_t kDateWithZoneOctets = 11;

}  // namespace

TextForm form_of(base::Bytes octets, TextForm hint) {
  switch (hint) {
    case TextForm::text:
    case TextForm::hex:
    case TextForm::mac_address: return hint;
    case TextForm::date_and_time:
      return octets.size() == kDateOctets || octets.size() == kDateWithZoneOctets ? hint
                                                                                  : TextForm::hex;
    case TextForm::guess: break;
  }
  return base::is_printable_utf8(base::as_text(octets)) ? TextForm::text : TextForm::hex;
}

}  // namespace trapline::protocol::mib
