// Value: what an expression computes.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ip_address.h"
#include "protocol/oid.h"
#include "protocol/varbind.h"

namespace trapline::rules {

class Table;

// Plain value of a few words; views the event, the expression and the EvaluationScratch it came
// from, and is as good as they are.
class Value {
 public:
  enum class Kind : std::uint8_t {
    error,  // what went wrong: text()
    null,
    boolean,
    integer,
    uint,
    floating,
    string,
    enumerated,  // an INTEGER with a label: equals integer() and text()
    oid,         // as text: dotted decimal
    address,     // as text: dotted, or RFC 5952
    time,        // as text: RFC 3339 in UTC with six decimals
    list,
    prefix,    // what cidr() makes
    map,       // vars, tags or an enrichment: integer() says which
    varbinds,  // the variable bindings of the event
    varbind,   // one of them
    row,       // a row of a table
  };

  Value() = default;
  // An error; `what` outlives the value.
  [[nodiscard]] static Value error(std::string_view what) { return {Kind::error, 0, what}; }
  // The error of selecting what is not there.
  [[nodiscard]] static Value absent(std::string_view what) { return {Kind::error, 1, what}; }
  // Turns this value into a boolean.
  void become(bool truth) {
    kind_ = Kind::boolean;
    number_ = truth ? 1 : 0;
  }
  [[nodiscard]] static Value boolean(bool truth) { return {Kind::boolean, truth ? 1 : 0, {}}; }
  [[nodiscard]] static Value integer(std::int64_t number) { return {Kind::integer, number, {}}; }
  [[nodiscard]] static Value uint(std::uint64_t number) {
    return {Kind::uint, static_cast<std::int64_t>(number), {}};
  }
  [[nodiscard]] static Value floating(double number) {
    return {Kind::floating, std::bit_cast<std::int64_t>(number), {}};
  }
  [[nodiscard]] static Value string(std::string_view text) { return {Kind::string, 0, text}; }
  [[nodiscard]] static Value enumerated(std::int64_t number, std::string_view label) {
    return {Kind::enumerated, number, label};
  }
  [[nodiscard]] static Value oid(protocol::OidView oid) {
    return {Kind::oid, 0, base::as_text(oid.content())};
  }
  [[nodiscard]] static Value time(base::RuleTime time) {
    return {Kind::time, time.since_epoch_ns, {}};
  }
  [[nodiscard]] static Value address(const base::IpAddress& address) {
    return {Kind::address, &address, 0};
  }
  [[nodiscard]] static Value prefix(const base::IpPrefix& prefix) {
    return {Kind::prefix, &prefix, 0};
  }
  [[nodiscard]] static Value list(std::span<const Value> items) {
    return {Kind::list, items.data(), static_cast<std::int64_t>(items.size())};
  }
  [[nodiscard]] static Value map(std::int64_t which) { return {Kind::map, which, {}}; }
  [[nodiscard]] static Value varbinds() { return {Kind::varbinds, 0, {}}; }
  [[nodiscard]] static Value varbind(const protocol::VarBind& varbind) {
    return {Kind::varbind, &varbind, 0};
  }
  [[nodiscard]] static Value row(const Table& table, std::uint32_t row) {
    return {Kind::row, &table, row};
  }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_error() const { return kind_ == Kind::error; }
  [[nodiscard]] bool is_absent() const { return kind_ == Kind::error && number_ != 0; }
  [[nodiscard]] bool is_true() const { return kind_ == Kind::boolean && number_ != 0; }
  [[nodiscard]] bool is_false() const { return kind_ == Kind::boolean && number_ == 0; }
  // Each for the kinds that its name says; not checked.
  [[nodiscard]] std::int64_t as_integer() const { return number_; }
  [[nodiscard]] std::uint64_t as_uint() const { return static_cast<std::uint64_t>(number_); }
  [[nodiscard]] double as_double() const { return std::bit_cast<double>(number_); }
  // Of an error, a string or a label.
  [[nodiscard]] std::string_view text() const { return {static_cast<const char*>(at_), size_}; }
  [[nodiscard]] protocol::OidView as_oid() const {
    return protocol::OidView(base::as_bytes(text()));
  }
  [[nodiscard]] const base::IpAddress& as_address() const {
    return *static_cast<const base::IpAddress*>(at_);
  }
  [[nodiscard]] const base::IpPrefix& as_prefix() const {
    return *static_cast<const base::IpPrefix*>(at_);
  }
  [[nodiscard]] base::RuleTime as_time() const { return {number_}; }
  [[nodiscard]] std::span<const Value> items() const {
    return {static_cast<const Value*>(at_), static_cast<std::size_t>(number_)};
  }
  [[nodiscard]] const protocol::VarBind& as_varbind() const {
    return *static_cast<const protocol::VarBind*>(at_);
  }
  [[nodiscard]] const Table& table() const { return *static_cast<const Table*>(at_); }
  [[nodiscard]] std::uint32_t row_number() const { return static_cast<std::uint32_t>(number_); }

  // Appends what string() and templates make of it: text as it is, numbers in decimal, a label,
  // items of a list with commas between; nothing for null. False, and nothing appended, for what
  // has no text: an error, a map, a row, ...
  [[nodiscard]] bool append_to(std::string& out) const;

 private:
  Value(Kind kind, std::int64_t number, std::string_view text)
      : kind_(kind), number_(number), at_(text.data()), size_(text.size()) {}
  Value(Kind kind, const void* at, std::int64_t number) : kind_(kind), number_(number), at_(at) {}

  Kind kind_ = Kind::null;
  std::int64_t number_ = 0;
  const void* at_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace trapline::rules
