// The names under which events, counters and logs show this folder's enumerations.

#include <array>

#include "protocol/decode_error.h"
#include "protocol/tolerance.h"
#include "protocol/trap_message.h"
#include "protocol/value.h"

namespace trapline::protocol {

std::string_view name_of(DecodeErrorKind kind) {
  switch (kind) {
    case DecodeErrorKind::truncated: return "truncated";
    case DecodeErrorKind::indefinite_length: return "indefinite_length";
    case DecodeErrorKind::length_too_wide: return "length_too_wide";
    case DecodeErrorKind::length_beyond_parent: return "length_beyond_parent";
    case DecodeErrorKind::unexpected_tag: return "unexpected_tag";
    case DecodeErrorKind::high_tag_number: return "high_tag_number";
    case DecodeErrorKind::integer_size: return "integer_size";
    case DecodeErrorKind::value_size: return "value_size";
    case DecodeErrorKind::sub_identifier: return "sub_identifier";
    case DecodeErrorKind::oid_too_long: return "oid_too_long";
    case DecodeErrorKind::too_many_varbinds: return "too_many_varbinds";
    case DecodeErrorKind::no_varbinds: return "no_varbinds";
    case DecodeErrorKind::community_size: return "community_size";
    case DecodeErrorKind::unknown_version: return "unknown_version";
    case DecodeErrorKind::unsupported_version: return "unsupported_version";
    case DecodeErrorKind::not_a_notification: return "not_a_notification";
    case DecodeErrorKind::header_data: return "header_data";
    case DecodeErrorKind::security_model: return "security_model";
    case DecodeErrorKind::security_parameters: return "security_parameters";
    case DecodeErrorKind::usm_refused: return "usm_refused";
  }
  return "unknown";
}

std::string_view name_of(Tolerance tolerance) {
  switch (tolerance) {
    case Tolerance::non_minimal_length: return "non_minimal_length";
    case Tolerance::trailing_bytes: return "trailing_bytes";
    case Tolerance::negative_unsigned: return "negative_unsigned";
    case Tolerance::padded_sub_identifier: return "padded_sub_identifier";
    case Tolerance::empty_oid: return "empty_oid";
    case Tolerance::null_with_content: return "null_with_content";
    case Tolerance::raw_value: return "raw_value";
    case Tolerance::exception_in_notification: return "exception_in_notification";
    case Tolerance::pdu_of_other_version: return "pdu_of_other_version";
    case Tolerance::trap_oid_before_uptime: return "trap_oid_before_uptime";
    case Tolerance::repeated_trap_oid: return "repeated_trap_oid";
    case Tolerance::missing_trap_oid: return "missing_trap_oid";
    case Tolerance::trap_oid_not_an_oid: return "trap_oid_not_an_oid";
    case Tolerance::missing_uptime: return "missing_uptime";
    case Tolerance::odd_generic_trap: return "odd_generic_trap";
    case Tolerance::negative_specific_trap: return "negative_specific_trap";
    case Tolerance::wide_counter64: return "wide_counter64";
    case Tolerance::community_blanked: return "community_blanked";
    case Tolerance::wide_integer: return "wide_integer";
    case Tolerance::late_standard_varbind: return "late_standard_varbind";
    case Tolerance::time_window_relaxed: return "time_window_relaxed";
  }
  return "unknown";
}

std::string_view name_of(Version version) {
  switch (version) {
    case Version::v1: return "v1";
    case Version::v2c: return "v2c";
    case Version::v3: return "v3";
  }
  return "unknown";
}

std::string_view name_of(PduKind kind) { return kind == PduKind::inform ? "inform" : "trap"; }

std::string_view name_of(SecurityLevel level) {
  switch (level) {
    case SecurityLevel::no_auth_no_priv: return "noAuthNoPriv";
    case SecurityLevel::auth_no_priv: return "authNoPriv";
    case SecurityLevel::auth_priv: return "authPriv";
  }
  return "unknown";
}

std::string_view name_of(AgentVia via) {
  switch (via) {
    case AgentVia::peer: return "peer";
    case AgentVia::agent_addr: return "agent-addr";
    case AgentVia::snmp_trap_address: return "snmpTrapAddress.0";
    case AgentVia::engine_id: return "engineID";
  }
  return "unknown";
}

std::string_view name_of(ValueType type) {
  switch (type) {
    case ValueType::integer32: return "Integer32";
    case ValueType::octet_string: return "OCTET STRING";
    case ValueType::null: return "NULL";
    case ValueType::object_identifier: return "OBJECT IDENTIFIER";
    case ValueType::ip_address: return "IpAddress";
    case ValueType::counter32: return "Counter32";
    case ValueType::gauge32: return "Gauge32";
    case ValueType::time_ticks: return "TimeTicks";
    case ValueType::opaque: return "Opaque";
    case ValueType::counter64: return "Counter64";
    case ValueType::unsigned32: return "Unsigned32";
    case ValueType::no_such_object: return "noSuchObject";
    case ValueType::no_such_instance: return "noSuchInstance";
    case ValueType::end_of_mib_view: return "endOfMibView";
    case ValueType::opaque_float: return "Opaque Float";
    case ValueType::opaque_double: return "Opaque Double";
    case ValueType::opaque_int64: return "Opaque Int64";
    case ValueType::opaque_uint64: return "Opaque UInt64";
    case ValueType::raw: return "raw";
  }
  return "unknown";
}

}  // namespace trapline::protocol
