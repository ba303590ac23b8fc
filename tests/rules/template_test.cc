// What templates write, and what is refused.

#include "rules/template.h"

#include <gtest/gtest.h>

#include "tests/rules/expression_subject.h"

namespace trapline::rules {
namespace {

struct Case {
  std::string_view text;
  std::string_view written;
};

std::string problem(std::string_view text) {
  ExpressionSubject subject;
  SpecProblems problems;
  const auto compiled = Template::compile(written(text), subject.vocabulary, problems);
  if (compiled.has_value() != problems.empty()) return "both or neither";
  return text_of(problems);
}

void check(std::initializer_list<Case> cases) {
  ExpressionSubject subject;
  for (const auto& [text, expected] : cases) {
    SpecProblems problems;
    const auto compiled = Template::compile(written(text), subject.vocabulary, problems);
    ASSERT_TRUE(compiled) << text << ": " << text_of(problems);
    std::string out = ">";
    const Rendering rendering = compiled->render(subject.subject(), subject.scratch, out);
    EXPECT_EQ(out, ">" + std::string(expected)) << text;
    EXPECT_FALSE(rendering.failed) << text << ": " << rendering.why;
  }
}

TEST(Template, TextAndValues) {
  check({{"", ""},
         {"plain }} text", "plain }} text"},
         {"{{ agent.ip }}/if/{{ vars.ifIndex }}", "10.1.2.3/if/7"},
         {"{{vars.ifAdminStatus}}", "up"},
         {"{{ \"{{\" }}", "{{"},
         {"{{ '}}' }}", "}}"},
         {"{{ r'\\' }}x", "\\x"},
         {"{{ true || false }}", "true"},
         {"{{ uptime / 100 }} s", "47 s"},
         {"{{ ['a', 'b'] }}", "a,b"},
         {"{{ trap.oid }}", "1.3.6.1.6.3.1.1.5.3"},
         {"{{ vars[\"1.3.6.1.4.1.9.2\"] }}", "18446744073709551615"},
         {"{{ severity == 'info' ? 'calm' : 'not' }}", "calm"}});
}

TEST(Template, Filters) {
  check({{"{{ tags.none | default(agent.ip) }}", "10.1.2.3"},
         {"{{ tags.none | default(device.sysName) | default('-') }}", "-"},
         {"{{ vars[\"1.3.6.1.4.1.9.6\"] | default('null') }}", "null"},
         {"{{ tags.team | default('x') | upper }}", "NOC"},
         {"{{ 'ABC\u00c9' | lower }}", "abc\u00c9"},
         {"{{ 'a\"b\\n' | json }}", "a\\\"b\\u000a"},
         {"{{ '<a & b>' | slack }}", "&lt;a &amp; b&gt;"},
         {"{{ 'a b/\u00e9~' | url }}", "a%20b%2F%C3%A9~"},
         {"{{ 'h\u00e9llo' | truncate(2) }}", "h\u00e9"},
         {"{{ 'abc' | truncate( 5 ) }}", "abc"},
         {"{{ 255 | hex }}", "ff"},
         {"{{ 'AB' | hex }}", "4142"},
         {"{{ time | date('%Y-%m-%d %H:%M:%S') }}", "2026-01-01 00:00:00"},
         {"{{ 1767225600 | date(\"%a %e %b %y %j %F %T %z %s %%\") }}",
          "Thu  1 Jan 26 001 2026-01-01 00:00:00 +0000 1767225600 %"},
         {"{{ -1 | date('%F %T') }}", "1969-12-31 23:59:59"},
         {"{{ 'a' + ')' | upper | lower | hex }}", "6129"},
         {"{{ tags.none | default('a)|b') }}", "a)|b"}});
}

TEST(Template, MissingValuesAreCountedAndFailuresSaid) {
  ExpressionSubject subject;
  SpecProblems problems;
  std::string out;
  auto compiled = Template::compile(written("[{{ tags.none }}{{ vars.ifAlias | upper }}]"),
                                    subject.vocabulary, problems);
  Rendering rendering = compiled->render(subject.subject(), subject.scratch, out);
  EXPECT_EQ(out, "[]");
  EXPECT_EQ(rendering.missing, 2U);
  EXPECT_FALSE(rendering.failed);

  compiled = Template::compile(written("[{{ 1 / 0 | default(2) }}{{ 'x' | date('%F') }}]"),
                               subject.vocabulary, problems);
  out.clear();
  rendering = compiled->render(subject.subject(), subject.scratch, out);
  EXPECT_EQ(out, "[]");
  EXPECT_EQ(rendering.missing, 0U);
  EXPECT_TRUE(rendering.failed);
  EXPECT_EQ(rendering.why, "division by zero");
}

TEST(Template, TextEndsAtItsLimitBetweenCharacters) {
  ExpressionSubject subject;
  std::string listener;
  for (int i = 0; i < 20'000; ++i) listener += "\u00e9";
  subject.message.listener = listener;
  SpecProblems problems;
  const auto compiled =
      Template::compile(written("x{{ listener }}{{ listener }}"), subject.vocabulary, problems);
  std::string out;
  const Rendering rendering = compiled->render(subject.subject(), subject.scratch, out);
  EXPECT_TRUE(rendering.failed);
  EXPECT_EQ(out.size(), kMaxProducedBytes - 1);
  EXPECT_TRUE(out.ends_with("\u00e9"));
}

TEST(Template, Problems) {
  const std::vector<Case> cases = {
      {"a {{ agent.ip",
       "1:3 `{{` is not followed by `}}` (to write the characters themselves: "
       "{{ \"{{\" }})"},
      {"a {{ 'x }}", "1:6 this string does not end"},
      {"{{ }}", "1:3 this expression is empty"},
      {"ab {{ nothing }}", "1:7 no field `nothing`"},
      {"{{ agent.ip | uper }}", "1:15 no filter `uper` (did you mean `upper`?)"},
      {"{{ agent.ip | }}", "1:15 a filter is expected here"},
      {"{{ agent.ip | upper(1) }}", "1:15 this filter takes no argument"},
      {"{{ agent.ip | default }}",
       "1:15 this filter takes an argument (e.g. default(\"-\"), truncate(80), date(\"%F %T\"))"},
      {"{{ agent.ip | default(nothing) }}", "1:23 no field `nothing`"},
      {"{{ agent.ip | truncate(0) }}",
       "1:24 truncate() takes a number of characters (e.g. truncate(80))"},
      {"{{ agent.ip | truncate(-1) }}",
       "1:24 truncate() takes a number of characters (e.g. truncate(80))"},
      {"{{ time | date(%F) }}", "1:16 date() takes a format in quotes (e.g. date(\"%F %T\"))"},
      {"{{ time | date('%Q') }}",
       "1:16 date() does not know `%Q` (it knows %Y %m %d %H %M %S %y %j %e %a %A %b %B %F %T %z "
       "%Z %s %%)"},
      {"{{ agent.ip | upper upper }}", "1:21 behind a filter stands `|` or `}}`"},
      {"{{ agent.ip | default('a' }}", "1:22 this parenthesis is not closed"},
      {"{{ trap }}", "1:4 `trap` alone is no value (it has: oid, name, module, label)"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(problem(text), expected) << text;
  EXPECT_EQ(problem(std::string(kMaxTemplateBytes + 1, 'x')),
            "1:1 this template is longer than 16384 octets");
}

}  // namespace
}  // namespace trapline::rules
