// What it costs to evaluate an expression over a linkDown with four varbinds.

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "protocol/mib/mib_index.h"
#include "rules/expression.h"
#include "rules/template.h"

namespace {

using namespace trapline;

protocol::Value integer_of(std::uint64_t number) {
  protocol::Value value;
  value.type = protocol::ValueType::integer32;
  value.number = number;
  return value;
}

protocol::Value text_of(std::string_view text) {
  protocol::Value value;
  value.type = protocol::ValueType::octet_string;
  value.content = base::as_bytes(text);
  return value;
}

// The event, and what expressions are compiled with.
class World {
 public:
  World() {
    draft_.set_tag("team", "noc");
    varbinds_ = {{oids_[0], integer_of(7)},
                 {oids_[1], integer_of(1)},
                 {oids_[2], integer_of(2)},
                 {oids_[3], text_of("GigabitEthernet0/7")}};
    message_.trap_oid = trap_;
    message_.varbinds = varbinds_;
    message_.agent = *base::IpAddress::parse("10.1.2.3");
  }

  [[nodiscard]] rules::Expression compile(const std::string& text) {
    rules::SpecProblems problems;
    return *rules::Expression::compile({text, {}}, rules::Expression::Wanted::any, vocabulary_,
                                       problems);
  }
  [[nodiscard]] rules::Template compile_template(const std::string& text) {
    rules::SpecProblems problems;
    return *rules::Template::compile({text, {}}, vocabulary_, problems);
  }
  [[nodiscard]] rules::Subject subject() const {
    return {message_, draft_, vocabulary_.mibs, {1'767'225'600'000'000'000}};
  }

  rules::RegexSets sets;
  rules::EvaluationScratch scratch;

 private:
  rules::Tables tables_;
  rules::Vocabulary vocabulary_{protocol::mib::MibIndex::built_in(), tables_, {}, &sets};
  rules::Draft draft_;
  const std::vector<protocol::Oid> oids_ = {*protocol::Oid::parse("1.3.6.1.2.1.2.2.1.1.7"),
                                            *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.7.7"),
                                            *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.8.7"),
                                            *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.2.7")};
  std::vector<protocol::VarBind> varbinds_;
  const protocol::Oid trap_ = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
  protocol::TrapMessage message_;
};

void evaluate(benchmark::State& state, const char* text) {
  World world;
  const rules::Expression expression = world.compile(text);
  const rules::Subject subject = world.subject();
  for (auto _ : state) {
    benchmark::DoNotOptimize(expression.evaluate(subject, world.scratch));
  }
}

BENCHMARK_CAPTURE(evaluate, when,
                  "vars.ifAdminStatus == \"up\" && cidr(\"10.0.0.0/8\").contains(agent.ip)");
BENCHMARK_CAPTURE(evaluate, route, "state != \"event\" && severity in [\"critical\", \"major\"]");
BENCHMARK_CAPTURE(evaluate, tag, "tags.team == \"noc\"");
BENCHMARK_CAPTURE(evaluate, absent_tag, "tags.none == \"noc\"");
BENCHMARK_CAPTURE(evaluate, trap_oid, "trap.oid == \"1.3.6.1.6.3.1.1.5.3\"");
BENCHMARK_CAPTURE(evaluate, trap_name, "trap.name == \"IF-MIB::linkDown\"");
BENCHMARK_CAPTURE(evaluate, one_regex, "vars.ifDescr.matches(r\"^Gigabit\\w+\\d+/\\d+$\")");

// So many conditions over one field, for one event.
void regexes(benchmark::State& state, bool as_set) {
  World world;
  std::vector<rules::Expression> expressions;
  for (int i = 0; i < state.range(0); ++i) {
    expressions.push_back(
        world.compile("vars.ifDescr.matches(r\"port-" + std::to_string(i) + "[a-f]\\d*\")"));
  }
  if (as_set) world.sets.freeze();
  const rules::Subject subject = world.subject();
  for (auto _ : state) {
    world.scratch.begin_event();
    for (const rules::Expression& expression : expressions) {
      benchmark::DoNotOptimize(expression.evaluate(subject, world.scratch));
    }
  }
}

BENCHMARK_CAPTURE(regexes, singly, false)->Arg(1)->Arg(1'000);
BENCHMARK_CAPTURE(regexes, as_a_set, true)->Arg(1'000);

void render(benchmark::State& state) {
  World world;
  const rules::Template compiled =
      world.compile_template("{{ tags.site | default(agent.ip) }}: {{ vars.ifDescr }} is down");
  const rules::Subject subject = world.subject();
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(compiled.render(subject, world.scratch, out));
  }
}

BENCHMARK(render)->Name("template");

}  // namespace

BENCHMARK_MAIN();
