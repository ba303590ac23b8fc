#include "tests/rules/expression_subject.h"

#include <cstdlib>

namespace trapline::rules {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

Octets trap() {
  return v2c_trap(
      {varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)), varbind("1.3.6.1.2.1.2.2.1.7.7", integer(1)),
       varbind("1.3.6.1.2.1.2.2.1.8.7", integer(2)),
       varbind("1.3.6.1.2.1.2.2.1.2.7", octet_string("GigabitEthernet0/7")),
       varbind("1.3.6.1.4.1.9.1", octet_string("\x01\x02")),
       varbind("1.3.6.1.4.1.9.2", hex("46 09 00 ff ff ff ff ff ff ff ff")),
       varbind("1.3.6.1.4.1.9.3", oid("1.3.6.1.6.3.1.1.5.3")),
       varbind("1.3.6.1.4.1.9.4", hex("40 04 0a 00 00 05")),
       varbind("1.3.6.1.4.1.9.5", time_ticks(12)), varbind("1.3.6.1.4.1.9.6", hex("05 00")),
       varbind("1.3.6.1.4.1.9.7", hex("44 07 9f 78 04 3f c0 00 00"))});
}

std::vector<TableSpec> table_specs() {
  TableSpec sites;
  sites.name = "sites";
  sites.key = written("prefix");
  sites.match = TableMatch::longest_prefix;
  sites.file = "sites.csv";
  sites.content =
      "prefix,city,floor\n10.0.0.0/8,Berlin,1\n10.1.0.0/16,\"Bonn, "
      "Rhein\",2\n2001:db8::/32,Ulm,3\n";
  TableSpec owners;
  owners.name = "owners";
  owners.key = written("name");
  owners.file = "owners.csv";
  owners.content = "name,owner\r\ncore,Ada\r\n7,Grace\r\n";
  return {sites, owners};
}

Tables read_tables() {
  SpecProblems problems;
  Tables tables = Tables::read(table_specs(), problems);
  if (!problems.empty()) std::abort();
  return tables;
}

std::string show_value(const Value& value) {
  std::string text;
  switch (value.kind()) {
    case Value::Kind::error: return "error: " + std::string(value.text());
    case Value::Kind::null: return "null";
    case Value::Kind::boolean:
    case Value::Kind::integer:
    case Value::Kind::floating: return value.append_to(text) ? text : "?";
    case Value::Kind::uint: return value.append_to(text) ? text + "u" : "?";
    case Value::Kind::enumerated:
      return std::string(value.text()) + "(" + std::to_string(value.as_integer()) + ")";
    case Value::Kind::list:
      for (const Value& item : value.items()) {
        text += text.empty() ? "" : ", ";
        std::string one;
        text += item.append_to(one) ? one : "?";
      }
      return "[" + text + "]";
    default: return value.append_to(text) ? "\"" + text + "\"" : "?";
  }
}

}  // namespace

class ExpressionSubject::Answers : public EnrichmentValues {
 public:
  explicit Answers(const protocol::VarBind& name) : name_(name) {}
  [[nodiscard]] const protocol::VarBind* value(std::string_view enrichment,
                                               std::string_view member) const override {
    return enrichment == "interface" && member == "ifName" ? &name_ : nullptr;
  }

 private:
  const protocol::VarBind& name_;
};

ExpressionSubject::ExpressionSubject()
    : tables(read_tables()),
      vocabulary{protocol::mib::MibIndex::built_in(),
                 tables,
                 {{"device", {"sysName"}}, {"interface", {}}},
                 &sets},
      datagram_(trap()) {
  const auto decoded = protocol::decode(datagram_, protocol::kHighestMaxVarbinds, decode_scratch_);
  if (!decoded) std::abort();
  message = decoded->message;
  message.peer = *base::Endpoint::parse("10.1.2.3:34567");
  message.agent = message.peer.ip;
  message.listener = "0.0.0.0:162";
  message.community = "core";
  message.flags.add(protocol::Tolerance::trailing_bytes);
  draft.set_tag("team", "noc");
  draft.set_tag("n", "5");
  answers_ = std::make_shared<Answers>(message.varbinds[3]);
}

Subject ExpressionSubject::subject() const {
  return {message, draft, vocabulary.mibs, {1'767'225'600'123'456'789}, answers_.get()};
}

std::string ExpressionSubject::show(std::string_view expression) {
  SpecProblems problems;
  const auto compiled =
      Expression::compile(written(expression), Expression::Wanted::any, vocabulary, problems);
  if (compiled.has_value() != problems.empty()) return "both or neither";
  if (!compiled) return "problem: " + problems.front().message;
  return show_value(compiled->evaluate(subject(), scratch));
}

std::string ExpressionSubject::problem(std::string_view expression) {
  SpecProblems problems;
  const auto compiled =
      Expression::compile(written(expression), Expression::Wanted::boolean, vocabulary, problems);
  if (compiled.has_value() != problems.empty()) return "both or neither";
  return text_of(problems);
}

SourceText written(std::string_view text) { return {std::string(text), {0, 1, 1}}; }

std::string text_of(const SpecProblems& problems) {
  std::string text;
  for (const SpecProblem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " " +
            problem.message;
    if (!problem.hint.empty()) text += " (" + problem.hint + ")";
  }
  return text;
}

}  // namespace trapline::rules
