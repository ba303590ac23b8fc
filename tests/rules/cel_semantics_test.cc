// What expressions mean, case by case, as CEL's language definition has it and as docs/rules.md
// says where we differ. Knows nothing of how they are evaluated.

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "rules/expression.h"
#include "tests/support/wire.h"

namespace trapline::rules {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

// A v2c linkDown of interface 7, from 10.1.2.3, with a tag.
class LinkDown {
 public:
  LinkDown()
      : datagram_(v2c_trap({varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)),
                            varbind("1.3.6.1.2.1.2.2.1.7.7", integer(1)),
                            varbind("1.3.6.1.2.1.2.2.1.8.7", integer(2)),
                            varbind("1.3.6.1.2.1.2.2.1.2.7", octet_string("Gi0/7")),
                            varbind("1.3.6.1.4.1.9.1.1", hex("46 09 00 ff ff ff ff ff ff ff ff")),
                            varbind("1.3.6.1.4.1.9.1.2", oid("1.3.6.1.4.1.9.5")),
                            varbind("1.3.6.1.4.1.9.1.3", hex("40 04 0a 00 00 01")),
                            varbind("1.3.6.1.4.1.9.1.4", octet_string("\x01\x02")),
                            varbind("1.3.6.1.4.1.9.1.5", integer(-5))})) {
    const auto decoded =
        protocol::decode(datagram_, protocol::kDefaultMaxVarbinds, decode_scratch_);
    EXPECT_TRUE(decoded);
    if (decoded) message_ = decoded->message;
    message_.peer = *base::Endpoint::parse("10.1.2.4:34567");
    message_.agent = *base::IpAddress::parse("10.1.2.3");
    message_.listener = "0.0.0.0:162";
    message_.community = "core";
    draft_.severity = Severity::major;
    draft_.set_tag("team", "noc");
  }

  // The value in a notation of its own, "error", or "load error".
  [[nodiscard]] std::string value_of(std::string_view text);

 private:
  const Octets datagram_;
  protocol::DecodeScratch decode_scratch_;
  protocol::TrapMessage message_;
  Draft draft_;
  Tables tables_;
  EvaluationScratch scratch_;
};

// 1 1u 1.5d true null "text" up(1) [1,2] error
std::string notation_of(const Value& value) {
  std::string text;
  if (value.is_error()) return "error";
  if (value.kind() == Value::Kind::null) return "null";
  if (!value.append_to(text)) return "no text";
  switch (value.kind()) {
    case Value::Kind::boolean:
    case Value::Kind::integer: return text;
    case Value::Kind::uint: return text + "u";
    case Value::Kind::floating: return text + "d";
    case Value::Kind::enumerated: return text + "(" + std::to_string(value.as_integer()) + ")";
    case Value::Kind::list: return "[" + text + "]";
    default: return '"' + text + '"';
  }
}

std::string LinkDown::value_of(std::string_view text) {
  const auto& mibs = protocol::mib::MibIndex::built_in();
  const SourceText source{std::string(text), {0, 1, 1}, 0};
  SpecProblems problems;
  const auto expression =
      Expression::compile(source, Expression::Wanted::any, {mibs, tables_}, problems);
  EXPECT_NE(expression.has_value(), !problems.empty());
  if (!expression) return "load error";
  scratch_.begin_event();
  const Subject subject{message_, draft_, mibs, {1'767'225'600'000'000'000}};
  return notation_of(expression->evaluate(subject, scratch_));
}

struct Case {
  std::string_view expression;
  std::string_view value;
};

void expect_all(const std::vector<Case>& cases) {
  LinkDown event;
  for (const Case& one : cases)
    EXPECT_EQ(event.value_of(one.expression), one.value) << one.expression;
}

// What is constant may be found to fail when it is compiled or when it is evaluated.
void expect_failures(const std::vector<std::string_view>& expressions) {
  LinkDown event;
  for (const std::string_view one : expressions) {
    const std::string value = event.value_of(one);
    EXPECT_TRUE(value == "error" || value == "load error") << one << " gave " << value;
  }
}

void expect_load_errors(const std::vector<std::string_view>& expressions) {
  LinkDown event;
  for (const std::string_view one : expressions) {
    EXPECT_EQ(event.value_of(one), "load error") << one;
  }
}

TEST(CelSemantics, Literals) {
  expect_all({{"42", "42"},
              {"-42", "-42"},
              {"0xff", "255"},
              {"0xFFu", "255u"},
              {"1u", "1u"},
              {"1U", "1u"},
              {"9223372036854775807", "9223372036854775807"},
              {"-9223372036854775808", "-9223372036854775808"},
              {"18446744073709551615u", "18446744073709551615u"},
              {"1.5", "1.5d"},
              {".5", "0.5d"},
              {"25e-1", "2.5d"},
              {"true", "true"},
              {"false", "false"},
              {"null", "null"},
              {"[1, 2]", "[1,2]"},
              {"[1, 2,] == [1, 2]", "true"},
              {"1 // the rest is a comment", "1"},
              {"1\n+\n2", "3"}});
  expect_load_errors({"9223372036854775808", "18446744073709551616u", "1.", "0x", "1uu", "08x", "",
                      "   ", "// nothing"});
}

TEST(CelSemantics, StringLiterals) {
  expect_all({{R"("it's")", R"("it's")"},
              {R"('say "a"')", R"("say "a"")"},
              {R"("a\"b")", R"("a"b")"},
              {R"('a\'b')", R"("a'b")"},
              {R"("\x41\101\u0041\U00000041")", R"("AAAA")"},
              {R"("\u00e9" == "é")", "true"},
              {R"("\xe9" == "é")", "true"},
              {R"("\351" == "é")", "true"},
              {R"(size("\a\b\f\n\r\t\v\\\?\`"))", "10"},
              {R"(r"\n")", R"("\n")"},
              {R"(R'a\d')", R"("a\d")"},
              {R"('')", R"("")"},
              {R"("// no comment")", R"("// no comment")"}});
  expect_load_errors({R"("a)", R"('a")", R"("\q")", R"("\x4")", R"("\u12")", R"("\ud800")",
                      R"("\U00110000")", R"("\400")", "\"a\nb\"", R"("""a")"});
}

TEST(CelSemantics, IntegerArithmetic) {
  expect_all({{"1 + 2 * 3", "7"},
              {"(1 + 2) * 3", "9"},
              {"10 - 3 - 2", "5"},
              {"7 / 2", "3"},
              {"-7 / 2", "-3"},
              {"7 % 3", "1"},
              {"-7 % 3", "-1"},
              {"7 % -3", "1"},
              {"2u + 3u", "5u"},
              {"7u % 4u", "3u"},
              {"--1", "1"},
              {"-(2)", "-2"},
              {"- 2 + 3", "1"},
              {"12 / 2 * 3", "18"},
              {"9223372036854775806 + 1", "9223372036854775807"},
              {"-9223372036854775807 - 1", "-9223372036854775808"}});
  expect_failures({"9223372036854775807 + 1", "-9223372036854775808 - 1", "9223372036854775807 * 2",
                   "-9223372036854775808 / -1", "-(-9223372036854775808)", "1 / 0", "1 % 0",
                   "1u / 0u", "1u % 0u", "1u - 2u", "18446744073709551615u + 1u",
                   "18446744073709551615u * 2u"});
}

TEST(CelSemantics, FloatingArithmeticNeverFails) {
  expect_all({{"1.5 + 1.0", "2.5d"},
              {"1.0 / 4.0", "0.25d"},
              {"-1.5 * 2.0", "-3d"},
              {"1.0 / 0.0 > 1e308", "true"},
              {"-1.0 / 0.0 < -1e308", "true"},
              {"0.0 / 0.0 == 0.0 / 0.0", "false"},
              {"0.0 / 0.0 != 0.0 / 0.0", "true"},
              {"0.0 / 0.0 < 1.0", "false"},
              {"0.0 / 0.0 >= 1.0", "false"},
              {"0.0 == -0.0", "true"}});
}

TEST(CelSemantics, ArithmeticDoesNotMixTypes) {
  expect_load_errors({"1 + 1u", "1 + 1.0", "1u * 1.0", R"("a" + 1)", R"("a" - "b")", "true + true",
                      "-1u + 1", "-true", R"(-"a")", "1.5 % 1.0", "[1] - [1]", "null + null",
                      "[1] + 1"});
}

TEST(CelSemantics, NumbersCompareByWhatTheyAre) {
  expect_all({{"1 == 1u", "true"},
              {"1 == 1.0", "true"},
              {"1u == 1.0", "true"},
              {"1 == 1.5", "false"},
              {"-1 == 18446744073709551615u", "false"},
              {"-1 < 1u", "true"},
              {"1u > -1", "true"},
              {"18446744073709551615u > 9223372036854775807", "true"},
              {"9223372036854775807 < 1e19", "true"},
              {"18446744073709551615u < 1e20", "true"},
              {"-9223372036854775808 > -1e19", "true"},
              {"2 > 1.5", "true"},
              {"1 <= 1u", "true"},
              {"1 >= 1.0", "true"},
              {"1 != 2u", "true"}});
}

TEST(CelSemantics, OrderOfOtherTypes) {
  expect_all({{R"("a" < "b")", "true"},
              {R"("ab" < "abc")", "true"},
              {R"("Z" < "a")", "true"},
              {R"("z" < "é")", "true"},
              {R"("" < "a")", "true"},
              {"false < true", "true"},
              {"true <= true", "true"},
              {"null == null", "true"},
              {"[1, 2] == [1u, 2.0]", "true"},
              {"[1, 2] == [2, 1]", "false"},
              {"[1] != [1, 2]", "true"},
              {"1 < 2 == true", "true"}});
  expect_load_errors({R"("a" == 1)", R"("a" < 1)", "true == 1", "[1] < [2]", "null < null",
                      R"(["a"] == "a")", R"(1 in "1")", R"(severity == 1)"});
}

TEST(CelSemantics, LogicAbsorbsErrors) {
  expect_all({{"true && false", "false"},
              {"false || true", "true"},
              {"true || tags.none == 'x'", "true"},
              {"tags.none == 'x' || true", "true"},
              {"false && tags.none == 'x'", "false"},
              {"tags.none == 'x' && false", "false"},
              {"tags.none == 'x' || false", "error"},
              {"false || tags.none == 'x'", "error"},
              {"tags.none == 'x' && true", "error"},
              {"true && tags.none == 'x'", "error"},
              {"!(tags.none == 'x')", "error"},
              {"tags.none == 'x' || tags.none == 'y' || true", "true"},
              {"vars.ifIndex && false", "false"},
              {"vars.ifIndex || false", "error"},
              {"vars.ifIndex && true", "error"},
              {"!vars.ifIndex", "error"},
              {"!true || true", "true"},
              {"!!true", "true"},
              {"true || false && false", "true"}});
  expect_load_errors({"1 && true", "true || 'a'", "!1", "true & false", "true | false",
                      "true and false", "true or false", "not true"});
}

TEST(CelSemantics, TheChoiceEvaluatesOneBranch) {
  expect_all({{"true ? 1 : 2", "1"},
              {"false ? 1 : true ? 2 : 3", "2"},
              {"true ? 1 : vars.none", "1"},
              {"false ? vars.none : 2", "2"},
              {"tags.none == 'x' ? 1 : 2", "error"},
              {"vars.ifIndex ? 1 : 2", "error"},
              {"1 < 2 ? 'a' : 'b'", R"("a")"},
              {"(true ? false : true) || true", "true"}});
  expect_load_errors({"1 ? 2 : 3", "true ? 1", "true ? : 1"});
}

TEST(CelSemantics, Membership) {
  expect_all({{"1 in [1, 2]", "true"},
              {"3 in [1, 2]", "false"},
              {"1u in [1, 2]", "true"},
              {"1 in []", "false"},
              {"'a' in ['b', 'a']", "true"},
              {"severity in ['critical', 'major']", "true"},
              {"'A' in ['a']", "false"},
              {"!('x' in flags)", "true"}});
}

TEST(CelSemantics, IndexOfLists) {
  expect_all({{"[5, 6][1]", "6"},
              {"['a', 'b'][0]", R"("a")"},
              {"size([1, 2, 3])", "3"},
              {"size([])", "0"},

              {"[1] + [2, 3] == [1, 2, 3]", "true"}});
  expect_failures({"[1][1]", "[1][-1]", "[][0]"});
  expect_load_errors({"[1]['a']", "1[0]"});
}

TEST(CelSemantics, FunctionsOfStrings) {
  expect_all({{"'abc'.startsWith('ab')", "true"},
              {"'abc'.startsWith('')", "true"},
              {"'abc'.startsWith('abcd')", "false"},
              {"'abc'.endsWith('bc')", "true"},
              {"'abc'.endsWith('ab')", "false"},
              {"'abc'.contains('b')", "true"},
              {"'abc'.contains('')", "true"},
              {"''.contains('a')", "false"},
              {"'ab' + 'cd'", R"("abcd")"},
              {"size('')", "0"},
              {"size('aé€😀')", "4"},
              {"'Gi0/7'.matches('[0-9]/')", "true"},
              {"'Gi0/7'.matches('^0')", "false"},
              {"'abc'.matches('^abc$')", "true"},
              {"'ABC'.matches('(?i)b')", "true"},
              {"'é'.matches('^.$')", "true"},
              {"'a'.matches('')", "true"}});
  expect_load_errors({"'a'.startsWith()", "'a'.startsWith(1)", "'a'.startsWith('a', 'b')",
                      "'a'.nothing()", "nothing(1)", "1.contains('a')", "size()", "size(1)",
                      "'a'.matches('(')", R"('a'.matches('(a)\\1'))"});
}

TEST(CelSemantics, Conversions) {
  expect_all({{"int('42')", "42"},
              {"int('-42')", "-42"},
              {"int(3u)", "3"},
              {"int(3.99)", "3"},
              {"int(-3.99)", "-3"},
              {"uint('7')", "7u"},
              {"uint(7)", "7u"},
              {"uint(3.9)", "3u"},
              {"double(1)", "1d"},
              {"double('1.5')", "1.5d"},
              {"string(1)", R"("1")"},
              {"string(-1)", R"("-1")"},
              {"string(1u)", R"("1")"},
              {"string(1.5)", R"("1.5")"},
              {"string(true)", R"("true")"},
              {"string('a')", R"("a")"},
              {"int(int('5')) + 1", "6"},
              {"string(18446744073709551615u)", R"("18446744073709551615")"}});
  expect_failures({"int('')", "int('a')", "int(' 1')", "int('1 ')", "int('1.5')",
                   "int('9223372036854775808')", "int(18446744073709551615u)", "int(1e19)",
                   "int(-1e19)", "int(0.0 / 0.0)", "uint(-1)", "uint('-1')", "uint(-1.0)",
                   "uint(2e19)", "double('a')", "double('')"});
  expect_load_errors(
      {"int(true)", "int()", "int(1, 2)", "double(true)", "string([1])", "int(null)"});
}

TEST(CelSemantics, FieldsOfTheEvent) {
  expect_all({{"trap.oid", R"("1.3.6.1.6.3.1.1.5.3")"},
              {"trap.name", R"("IF-MIB::linkDown")"},
              {"trap.module", R"("IF-MIB")"},
              {"trap.label", R"("linkDown")"},
              {"agent.ip", R"("10.1.2.3")"},
              {"agent.via", R"("peer")"},
              {"peer.ip", R"("10.1.2.4")"},
              {"peer.port", "34567"},
              {"version", R"("v2c")"},
              {"pdu", R"("trap")"},
              {"security.name", R"("core")"},
              {"security.level", R"("noAuthNoPriv")"},
              {"listener", R"("0.0.0.0:162")"},
              {"uptime", "4711"},
              {"size(flags)", "0"},
              {"severity", R"("major")"},
              {"state", R"("event")"},
              {"key", R"("10.1.2.3/1.3.6.1.6.3.1.1.5.3")"},
              {"summary", R"("IF-MIB::linkDown from 10.1.2.3")"},
              {"tags.team", R"("noc")"},
              {"tags['team'] == 'noc'", "true"},
              {"time", R"("2026-01-01T00:00:00.000000Z")"},
              {"time.startsWith('2026-01-01T00')", "true"}});
  expect_load_errors({"nothing", "trap.nothing", "agent.nothing", "trap", "agent", "severity.x",
                      "security.x == 'a'", "peer", "trap.oid.x", "varbinds[0].nothing",
                      "agent.ip == 1", "severity = 'major'", "tags.", "trap['oid"});
}

TEST(CelSemantics, VariablesByName) {
  expect_all({{"vars.ifIndex == 7", "true"},
              {"vars.ifIndex == 7u", "true"},
              {"vars.ifIndex == 7.0", "true"},
              {"vars.ifIndex == '7'", "false"},
              {"vars.ifIndex + 1", "8"},
              {"vars.ifIndex > 6 && vars.ifIndex < 8", "true"},
              {"vars['ifIndex'] == 7", "true"},
              {"vars.ifDescr", R"("Gi0/7")"},
              {"vars.ifDescr.startsWith('Gi')", "true"},
              {"size(vars.ifDescr)", "5"},
              {"vars.ifDescr + 1", "error"},
              {"vars.ifDescr < 1", "error"},
              {"vars.ifDescr == 1", "false"},
              {"vars.ifDescr != 1", "true"},
              {"vars.ifIndex.startsWith('7')", "error"},
              {"vars.none", "error"},
              {"vars.none == 1", "error"},
              {"vars['hyphen-ated'] == 1", "error"},
              {"has(vars.ifIndex)", "true"},
              {"has(vars.none)", "false"},
              {"has(tags.team) && !has(tags.none)", "true"},
              {"!has(vars.none) || vars.none == 1", "true"},
              {"has(trap.oid)", "true"}});
  expect_load_errors({"has(1)", "has()", "has(vars.a, vars.b)"});
}

TEST(CelSemantics, AnEnumeratedValueEqualsItsNumberAndItsLabel) {
  expect_all({{"vars.ifAdminStatus", "up(1)"},
              {"vars.ifAdminStatus == 'up'", "true"},
              {"'up' == vars.ifAdminStatus", "true"},
              {"vars.ifAdminStatus == 'UP'", "false"},
              {"vars.ifAdminStatus != 'down'", "true"},
              {"vars.ifAdminStatus == 1", "true"},
              {"vars.ifAdminStatus == 1u", "true"},
              {"vars.ifAdminStatus == 1.0", "true"},
              {"vars.ifAdminStatus == 2", "false"},
              {"vars.ifAdminStatus in ['down', 'up']", "true"},
              {"vars.ifAdminStatus in [2, 1]", "true"},
              {"vars.ifAdminStatus in ['down']", "false"},
              {"vars.ifAdminStatus < vars.ifOperStatus", "true"},
              {"vars.ifAdminStatus == vars.ifOperStatus", "false"},
              {"string(vars.ifAdminStatus)", R"("up")"},
              {"int(vars.ifAdminStatus)", "1"},
              {"vars.ifAdminStatus + 1", "2"}});
}

TEST(CelSemantics, VariableBindingsByPosition) {
  expect_all({{"size(varbinds)", "9"},
              {"varbinds[0].oid", R"("1.3.6.1.2.1.2.2.1.1.7")"},
              {"varbinds[0].name", R"("ifIndex.7")"},
              {"varbinds[0].index", R"("7")"},
              {"varbinds[0].type", R"("Integer32")"},
              {"varbinds[0].value", "7"},
              {"varbinds[1].text", "\"up(1)\""},
              {"varbinds[4].value", "18446744073709551615u"},
              {"varbinds[4].value > 9223372036854775807", "true"},
              {"varbinds[5].value == '1.3.6.1.4.1.9.5'", "true"},
              {"oid('1.3.6.1.4.1.9').covers(varbinds[5].value)", "true"},
              {"varbinds[6].value == '10.0.0.1'", "true"},
              {"cidr('10.0.0.0/24').contains(varbinds[6].value)", "true"},
              {"varbinds[7].value", R"("0102")"},
              {"varbinds[8].value", "-5"},
              {"varbinds[9].value", "error"},
              {"varbinds[-1].value", "error"},
              {"varbinds[vars.ifIndex - 7].value", "7"}});
  expect_load_errors({"varbinds['a'].value", "varbinds.value", "varbinds[0]"});
}

TEST(CelSemantics, AddressesAndOids) {
  expect_all({{"cidr('10.0.0.0/8').contains(agent.ip)", "true"},
              {"cidr('192.0.2.0/24').contains(agent.ip)", "false"},
              {"cidr('::/0').contains(agent.ip) || true", "true"},
              {"cidr('10.1.2.3').contains('10.1.2.3')", "true"},
              {"cidr('10.0.0.0/8').contains(vars.ifDescr)", "error"},
              {"agent.ip == '10.1.2.3'", "true"},
              {"agent.ip.startsWith('10.')", "true"},
              {"size(agent.ip)", "8"},
              {"agent.ip + '/x'", R"("10.1.2.3/x")"},
              {"agent.ip in ['10.1.2.3']", "true"},
              {"oid('1.3.6.1.6.3.1.1.5').covers(trap.oid)", "true"},
              {"oid('1.3.6.1.6.3.1.1.5.3').covers(trap.oid)", "true"},
              {"oid('1.3.6.1.6.3.1.1.5.30').covers(trap.oid)", "false"},
              {"oid('IF-MIB::linkDown') == trap.oid", "true"},
              {"trap.oid == '1.3.6.1.6.3.1.1.5.3'", "true"},
              {"trap.oid != '1.3.6.1.6.3.1.1.5.4'", "true"},
              {"trap.oid.startsWith('1.3.6')", "true"}});
  expect_load_errors({"cidr('10.0.0.0/33').contains(agent.ip)",
                      "cidr('10.0.0.1/8').contains(agent.ip)", "cidr('x').contains(agent.ip)",
                      "cidr(1).contains(agent.ip)", "oid('NO-MIB::nothing').covers(trap.oid)",
                      "oid('1.3.x') == trap.oid", "cidr('10.0.0.0/8').covers(agent.ip)",
                      "cidr('10.0.0.0/8')", "lookup('none', agent.ip).city"});
}

TEST(CelSemantics, WhatIsNoExpression) {
  expect_load_errors({"1 +",      "+ 1",       "(1",          "1)", "[1",       "1 2",
                      "a b",      "1 == == 1", "vars.",       ".",  "?",        "vars[",
                      "vars['a'", "1 ? 2",     "'a' 'b'",     "{}", "{'a': 1}", "$x",
                      "a := 1",   "`a`",       "x.map(y, y)", "if", "true;",    "\xff",
                      "1 <> 2",   "1 === 1",   "vars.'a'"});
}

TEST(CelSemantics, NestingAndSizeAreBounded) {
  LinkDown event;
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "1" + std::string(depth, ')');
  };
  EXPECT_EQ(event.value_of(nested(kMaxExpressionDepth / 2)), "1");
  for (const char* open : {"(", "[", "!", "-", "vars[", "size(", "true?1:", "has(", "1+("}) {
    std::string deep;
    while (deep.size() + 8 < kMaxExpressionBytes) deep += open;
    EXPECT_EQ(event.value_of(deep), "load error") << open;
    EXPECT_EQ(event.value_of(deep + "1"), "load error") << open;
  }
  std::string wide = "1";
  while (wide.size() + 2 < kMaxExpressionBytes) wide += "+1";
  EXPECT_EQ(event.value_of(wide), "load error");
  EXPECT_EQ(event.value_of(std::string(kMaxExpressionBytes + 1, ' ')), "load error");
}

}  // namespace
}  // namespace trapline::rules
