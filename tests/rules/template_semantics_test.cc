// What templates mean, case by case. Knows nothing of how they are rendered.

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "protocol/decode.h"
#include "rules/template.h"
#include "tests/support/wire.h"

namespace trapline::rules {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

// A v2c linkDown of interface 7 from 10.1.2.3, with tags that hold awkward text.
class LinkDown {
 public:
  LinkDown()
      : datagram_(v2c_trap({varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)),
                            varbind("1.3.6.1.2.1.2.2.1.7.7", integer(1)),
                            varbind("1.3.6.1.2.1.2.2.1.2.7", octet_string("Gi0/7"))})) {
    const auto decoded =
        protocol::decode(datagram_, protocol::kDefaultMaxVarbinds, decode_scratch_);
    EXPECT_TRUE(decoded);
    if (decoded) message_ = decoded->message;
    message_.peer = *base::Endpoint::parse("10.1.2.3:34567");
    message_.agent = message_.peer.ip;
    draft_.set_tag("team", "noc");
    draft_.set_tag("odd", "a\"b\\c\n<&> /?é");
    draft_.set_tag("empty", "");
    std::string text = "x";
    for (int i = 0; i < 20'000; ++i) text += "é";
    draft_.set_tag("long", text);
  }

  // The text, or "load error"; `rendering` keeps what else there was to say.
  [[nodiscard]] std::string text_of(std::string_view text);
  Rendering rendering;

 private:
  const Octets datagram_;
  protocol::DecodeScratch decode_scratch_;
  protocol::TrapMessage message_;
  Draft draft_;
  Tables tables_;
  EvaluationScratch scratch_;
};

std::string LinkDown::text_of(std::string_view text) {
  const auto& mibs = protocol::mib::MibIndex::built_in();
  const SourceText source{std::string(text), {0, 1, 1}, 0};
  SpecProblems problems;
  const auto compiled = Template::compile(source, {mibs, tables_}, problems);
  EXPECT_NE(compiled.has_value(), !problems.empty());
  if (!compiled) return "load error";
  scratch_.begin_event();
  const Subject subject{message_, draft_, mibs, {1'767'225'600'000'000'000}};
  std::string out = "before:";
  rendering = compiled->render(subject, scratch_, out);
  EXPECT_TRUE(out.starts_with("before:"));
  return out.substr(std::string_view("before:").size());
}

struct Case {
  std::string_view source;
  std::string_view text;
};

void expect_all(const std::vector<Case>& cases) {
  LinkDown event;
  for (const Case& one : cases) {
    EXPECT_EQ(event.text_of(one.source), one.text) << one.source;
    EXPECT_FALSE(event.rendering.failed) << one.source;
  }
}

TEST(TemplateSemantics, TextAndValues) {
  expect_all({{"", ""},
              {"plain", "plain"},
              {"a { b } c }} d", "a { b } c }} d"},
              {"{{ agent.ip }}/if/{{ vars.ifIndex }}", "10.1.2.3/if/7"},
              {"{{agent.ip}}", "10.1.2.3"},
              {"{{ vars.ifAdminStatus }}", "up"},
              {"{{ 1 + 1 }}", "2"},
              {"{{ 'a|b' }}", "a|b"},
              {"{{ '}}' }}", "}}"},
              {"{{ \"{{\" }}", "{{"},
              {"{{ true || false }}", "true"},
              {"{{ 1 < 2 ? 'yes' : 'no' }}", "yes"},
              {"{{ uptime }}", "4711"},
              {"é{{ vars.ifDescr }}é", "éGi0/7é"},
              {"{{ 1\n + 1 }}", "2"}});
}

TEST(TemplateSemantics, WhatIsMissingIsEmptyAndCounted) {
  LinkDown event;
  EXPECT_EQ(event.text_of("[{{ tags.none }}|{{ vars.none }}|{{ tags.team }}]"), "[||noc]");
  EXPECT_EQ(event.rendering.missing, 2U);
  EXPECT_FALSE(event.rendering.failed);
  EXPECT_EQ(event.text_of("{{ tags.none | upper }}"), "");
  EXPECT_EQ(event.rendering.missing, 1U);
  EXPECT_EQ(event.text_of("{{ tags.empty }}"), "");
  EXPECT_EQ(event.rendering.missing, 0U);
}

TEST(TemplateSemantics, DefaultCatchesAbsenceAndNothingElse) {
  LinkDown event;
  EXPECT_EQ(event.text_of("{{ tags.none | default('x') }}"), "x");
  EXPECT_EQ(event.rendering.missing, 0U);
  EXPECT_EQ(event.text_of("{{ tags.none | default(agent.ip) }}"), "10.1.2.3");
  EXPECT_EQ(event.text_of("{{ tags.none | default('a)b') | upper }}"), "A)B");
  EXPECT_EQ(event.text_of("{{ tags.none | upper | default('x') }}"), "x");
  EXPECT_EQ(event.text_of("{{ tags.team | default('x') }}"), "noc");
  EXPECT_EQ(event.text_of("{{ tags.none | default(tags.no) | default('y') }}"), "y");
  EXPECT_EQ(event.text_of("{{ tags.none | default(tags.no) }}"), "");
  EXPECT_EQ(event.rendering.missing, 1U);
}

TEST(TemplateSemantics, RealErrorsAreTold) {
  LinkDown event;
  EXPECT_EQ(event.text_of("<{{ int(vars.ifDescr) }}>"), "<>");
  EXPECT_TRUE(event.rendering.failed);
  EXPECT_FALSE(event.rendering.why.empty());
  EXPECT_EQ(event.rendering.missing, 0U);
  EXPECT_EQ(event.text_of("<{{ vars.ifIndex / (vars.ifIndex - 7) }}>"), "<>");
  EXPECT_TRUE(event.rendering.failed);
}

TEST(TemplateSemantics, Filters) {
  expect_all({{"{{ tags.team | upper }}", "NOC"},
              {"{{ 'ABC' | lower }}", "abc"},
              {"{{ tags.team | upper | lower }}", "noc"},
              {"{{ 'abcdef' | truncate(3) | upper }}", "ABC"},
              {"{{ 'abc' | truncate(3) }}", "abc"},
              {"{{ 'a<b>&c' | slack }}", "a&lt;b&gt;&amp;c"},
              {"{{ 'a b/ü?&=%~-_.' | url }}", "a%20b%2F%C3%BC%3F%26%3D%25~-_."},
              {"{{ time | date('%Y-%m-%d %H:%M:%S') }}", "2026-01-01 00:00:00"},
              {"{{ time | date('%d.%m.%y %j %%') }}", "01.01.26 001 %"}});
}

TEST(TemplateSemantics, WhatIsNoTemplate) {
  LinkDown event;
  for (const std::string_view source : {"{{",
                                        "{{ }}",
                                        "{{ agent.ip",
                                        "{{ agent.ip }",
                                        "{{ 'a }}",
                                        "{{ agent.ip | }}",
                                        "{{ agent.ip | nothing }}",
                                        "{{ agent.ip | upper(1) }}",
                                        "{{ agent.ip | truncate }}",
                                        "{{ agent.ip | truncate('a') }}",
                                        "{{ agent.ip | truncate(-1) }}",
                                        "{{ agent.ip | default }}",
                                        "{{ agent.ip | default() }}",
                                        "{{ agent.ip | default(nothing) }}",
                                        "{{ | upper }}",
                                        "{{ time | date }}",
                                        "{{ time | date(1) }}",
                                        "{{ time | date('%Q') }}",
                                        "{{ nothing }}",
                                        "{{ trap }}",
                                        "{{ agent.ip | upper lower }}",
                                        "{{ agent.ip } }"}) {
    EXPECT_EQ(event.text_of(source), "load error") << source;
  }
  EXPECT_EQ(event.text_of(std::string(kMaxTemplateBytes + 1, 'a')), "load error");
  EXPECT_EQ(event.text_of(std::string(kMaxTemplateBytes, 'a')).size(), kMaxTemplateBytes);
}

TEST(TemplateSemantics, AProblemStandsWhereItIsWritten) {
  const Tables tables;
  const auto& mibs = protocol::mib::MibIndex::built_in();
  struct Wrong {
    std::string_view text;
    std::uint32_t line;
    std::uint32_t column;
  };
  for (const Wrong& wrong : {Wrong{"é {{ nothing }}", 3, 15}, Wrong{"a\n{{ agent.ipp }}", 4, 8},
                             Wrong{"{{ agent.ip }} {{ 1 + 'a' }}", 3, 30}}) {
    const SourceText source{std::string(wrong.text), {1, 3, 10}, 4};
    SpecProblems problems;
    EXPECT_FALSE(Template::compile(source, {mibs, tables}, problems)) << wrong.text;
    ASSERT_EQ(problems.size(), 1U) << wrong.text;
    EXPECT_EQ(problems[0].place.file, 1U);
    EXPECT_EQ(problems[0].place.line, wrong.line) << wrong.text;
    // The operator or an operand: any of them leads the reader there.
    EXPECT_GE(problems[0].place.column, wrong.column - 2) << wrong.text;
    EXPECT_LE(problems[0].place.column, wrong.column + 8) << wrong.text;
  }
}

TEST(TemplateSemantics, TheTextIsCutBetweenCharacters) {
  LinkDown event;
  const std::string text = event.text_of("{{ tags.long }}{{ tags.long }}");
  EXPECT_LE(text.size(), kMaxProducedBytes);
  EXPECT_GE(text.size(), kMaxProducedBytes - 1);
  EXPECT_TRUE(base::is_utf8(text));
  EXPECT_TRUE(event.rendering.failed);
  EXPECT_EQ(event.text_of("{{ tags.long + tags.long }}"), "");
  EXPECT_TRUE(event.rendering.failed);
}

}  // namespace
}  // namespace trapline::rules
