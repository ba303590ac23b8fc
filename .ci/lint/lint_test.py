"""Breaks every rule on purpose, each in a tree of its own, and expects to be told."""

import os
import tempfile
import unittest

import commits
import sizes
import source
import tree

PREFIX = "// A thing.\n#pragma once\n\nnamespace trapline::base {\n\n"
SUFFIX = "\n}  // namespace trapline::base\n"


def header(body):
    """A header that keeps every rule around `body`."""
    return PREFIX + body + SUFFIX


def findings(path, text):
    """What the rules say about a tree that holds one file."""
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)
        return tree.check_tree(root)


class Case(unittest.TestCase):
    """Says what a broken or sound file looks like."""

    def broken(self, path, text, *expected):
        """The one finding must name the file and hold every word expected."""
        found = findings(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(path + ":"), found)
        for word in expected:
            self.assertIn(word, found[0])

    def sound(self, path, text):
        """There must be nothing to say."""
        self.assertEqual(findings(path, text), [])


class Includes(Case):
    """The order of the folders and the confinement of libraries."""

    def test_against_the_data_flow(self):
        for folder, other in (
            ("base", "protocol"), ("protocol", "rules"), ("rules", "sinks"), ("sinks", "gateway"),
        ):
            text = f'#include "{other}/thing.h"\n'
            self.broken(f"{folder}/thing.cc", text, f"{folder}/ must not include {other}/")

    def test_with_the_data_flow(self):
        text = '#include "base/bytes.h"\n#include "sinks/sink.h"\n#include "generated/version.h"\n'
        self.sound("gateway/thing.cc", text)

    def test_sinks_see_only_the_routed_trap_of_rules(self):
        self.broken("sinks/thing.cc", '#include "rules/rule.h"\n', "rules/routed_trap.h")
        self.sound("sinks/thing.cc", '#include "rules/routed_trap.h"\n')

    def test_tests_are_not_included_and_include_freely(self):
        self.broken("base/thing.cc", '#include "tests/support/clock.h"\n', "tests/")
        self.sound("tests/base/thing_test.cc", '#include "gateway/gateway.h"\n')

    def test_includes_name_the_path_from_the_root(self):
        self.broken("base/thing.cc", '#include "thing.h"\n', "path from the root")

    def test_every_confined_library(self):
        for included in (
            "openssl/evp.h", "re2/re2.h", "librdkafka/rdkafka.h", "httplib.h",
            "nlohmann/json.hpp", "boost/asio/io_context.hpp", "boost/beast/http.hpp",
            "yaml-cpp/yaml.h", "isa-l.h", "isa-l/crc.h", "xxhash.h", "zstd.h", "CLI/CLI.hpp",
            "net-snmp/net-snmp-config.h",
        ):
            self.broken("sinks/event_json.cc", f"#include <{included}>\n", "confined")

    def test_confined_libraries_at_home(self):
        for path, included in (
            ("gateway/config/config_loader.cc", "yaml-cpp/yaml.h"),
            ("gateway/journal/frame.cc", "isa-l/crc.h"),
            ("gateway/commands/run.cc", "CLI/CLI.hpp"),
            ("gateway/admin/status_page.cc", "nlohmann/json.hpp"),
            ("gateway/signals.cc", "boost/asio/signal_set.hpp"),
            ("sinks/file_sink_rotation.cc", "zstd.h"),
            ("tests/sinks/event_json_test.cc", "nlohmann/json.hpp"),
        ):
            self.sound(path, f"#include <{included}>\n")

    def test_pure_folders_do_no_input_or_output(self):
        for included in ("sys/socket.h", "thread", "fstream", "random", "unistd.h"):
            self.broken("protocol/thing.cc", f"#include <{included}>\n", "pure")

    def test_a_commented_include_is_none(self):
        self.sound("base/thing.cc", '/*\n#include "gateway/gateway.h"\n*/\n')


class Sizes(Case):
    """Columns, lines of a function, lines of a file."""

    @staticmethod
    def function(lines, head="void f() {"):
        """A function of that many lines."""
        return head + "\n" + "  g();\n" * (lines - 2) + "}\n"

    def test_long_line(self):
        self.broken("base/thing.cc", "// " + "x" * 98 + "\n", ":1:", "101 columns")
        self.sound("base/thing.cc", "// " + "§" * 97 + "\n")

    def test_long_function(self):
        limit = sizes.FUNCTION_LINES
        self.sound("base/thing.cc", self.function(limit))
        self.broken("base/thing.cc", self.function(limit + 1), ":1:", f"{limit + 1} lines")

    def test_long_functions_of_every_kind(self):
        for head in (
            "TEST(Thing, DoesIt) {",
            "template <class T>\nauto f(T t) -> std::vector<T> {",
            "Thing::Thing(int a, std::span<int> b) noexcept : a_{a}, b_(b), c_{{1, 2}} {",
            "bool operator<(const Thing& a, const Thing& b) {",
            "constexpr int Thing::operator()(int x) const {",
            "Thing::operator bool() const {",
            'extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {',
            "[[nodiscard]] static std::function<void(int)> make(int x = f({1, 2})) {",
        ):
            for before in ("", "namespace a::b {\nextern \"C\" {\n", "struct Outer : Base<1> {\n"):
                text = before + self.function(80, head) + "}\n" * before.count("{")
                self.broken("tests/base/thing_test.cc", text, "function of 8")

    def test_braces_that_are_none(self):
        tricks = (
            'const char* a = "{{{";', "char b = '{';", "// {", "/* { */", 'auto c = R"x({)" {)x";',
            "int d = 1'000'000; char e = '\\'';", "#define OPEN {", 'auto f = u8"\\"{";',
        )
        text = "".join(self.function(60, "void f() {\n  " + trick) for trick in tricks)
        self.sound("base/thing.cc", text)

    def test_data_and_classes_are_no_functions(self):
        table = "constexpr int kTable[] = {\n" + "    1,\n" * 90 + "};\n"
        members = "class Thing {\n" + "  int a_{1};\n" * 90 + "};\n"
        names = "enum class Kind : int {\n" + "  a,\n" * 90 + "};\n"
        self.sound("base/thing.cc", table + members + names)

    def test_brackets_that_do_not_match(self):
        self.broken("base/thing.cc", "void f() {\n", "do not match")

    def test_long_file(self):
        self.broken("base/thing.cc", "int a;\n" * (sizes.FILE_LINES + 1), "file of 501 lines")
        self.sound("tests/base/thing_test.cc", "int a;\n" * sizes.TEST_FILE_LINES)
        self.broken("tests/base/a_test.cc", "int a;\n" * (sizes.TEST_FILE_LINES + 1), "801 lines")

    def test_trailing_blanks(self):
        self.broken("base/thing.cc", "int a; \n", "blanks")


class Contracts(Case):
    """Headers say what they are and what may be expected of them."""

    def test_first_line_and_guard(self):
        self.broken("base/thing.h", "#pragma once\n", "starts with a comment")
        self.broken("base/thing.h", "// A thing.\n", "#pragma once")

    def test_undocumented_class(self):
        self.broken("base/thing.h", header("class Thing {};\n"), "`class Thing`")
        self.broken("base/thing.h", header("template <class T>\nstruct Thing {};\n"), "Thing")
        self.sound("base/thing.h", header("// Is one.\nclass Thing {};\n"))
        self.sound("base/thing.h", header("class Thing;\n\nenum class Kind { a };\n"))

    def test_undocumented_functions(self):
        for function in (
            "void f();", "inline int f(int x) { return x; }", "[[nodiscard]] std::size_t f(int x);",
            "template <class T>\nvoid f(std::span<T> values);", "auto f() -> std::pair<int, int>;",
            "constexpr std::string_view name_of(int kind) {\n  return \"\";\n}",
        ):
            self.broken("base/thing.h", header(function + "\n"), "no contract comment")
            self.sound("base/thing.h", header("// Does it.\n" + function + "\n"))

    def test_undocumented_members(self):
        for member in (
            "void f();", "virtual void f() = 0;", "static int f(int x);", "int f() noexcept;",
            "template <class Use>\n  decltype(auto) f(Use&& use) const {\n    return use(1);\n  }",
        ):
            body = "// Is one.\nclass Thing {\n public:\n  %s\n};\n"
            self.broken("base/thing.h", header(body % member), "no contract comment")
            self.sound("base/thing.h", header(body % ("// Does it.\n  " + member)))

    def test_a_run_of_declarations_shares_a_comment(self):
        body = "// Is one.\nclass Thing {\n public:\n  // Both.\n  void f();\n  void g();\n%s};\n"
        self.sound("base/thing.h", header(body % ""))
        self.broken("base/thing.h", header(body % "\n  void h();\n"), "`void h`")

    def test_headers_of_one_test_need_none(self):
        self.sound("tests/fuzz/thing.h", header("void f();\n"))
        self.broken("tests/support/thing.h", header("void f();\n"), "`void f`")

    def test_a_comment_behind_counts(self):
        self.sound("base/thing.h", header("int f();  // what it gives\n"))

    def test_what_speaks_for_itself(self):
        body = (
            "// Is one.\nclass Thing final : public Base {\n public:\n  Thing();\n"
            "  explicit Thing(int x) : x_{x} {}\n\n  ~Thing() override;\n\n"
            "  Thing& operator=(Thing&&) = default;\n\n  Thing(const Thing&) = delete;\n\n"
            "  void run() override;\n\n  [[nodiscard]] int x() const { return x_; }\n\n"
            "  friend bool operator==(const Thing&, const Thing&) = default;\n\n"
            "  static constexpr int kMost = 3;\n\n  using Step = std::function<void(int)>;\n\n"
            "  std::function<void(int)> step;\n\n  int (*raw)(int) = nullptr;\n\n"
            " private:\n  void hidden();\n\n  struct Inner {};\n\n  int x_{0};\n};\n"
        )
        self.sound("base/thing.h", header(body))

    def test_what_is_not_reachable(self):
        self.sound("base/thing.h", header("namespace detail {\nvoid f();\n}\n"))
        self.sound("base/thing.h", header("inline void Thing::f() { g(); }\n"))


class Words(Case):
    """Names and words."""

    def test_vague_type_names(self):
        for name in ("SinkManager", "TrapHandler", "JsonUtil", "FooImpl", "PathHelper"):
            self.broken("base/thing.cc", f"class {name} {{}};\n", name)
        self.sound("base/thing.cc", "class Implementer {};\nusing Handled = int;\n")

    def test_vague_file_names(self):
        self.broken("base/string_utils.cc", "int a;\n", "utils")

    def test_paths_of_one_machine(self):
        for path in ("wor" + "k/x", "hom" + "e/me", "roo" + "t/.cache"):
            self.broken("docs/thing.md", f"see /{path}\n", "one machine")
        self.sound("docs/thing.md", "build/root/a and https://example.net/home-page\n")

    def test_registry_hosts(self):
        for host in ("deb.debian" + ".org", "pypi" + ".org", "crates" + ".io"):
            self.broken("docs/thing.md", f"from https://{host}/x\n", "registry")

    def test_unfinished_work(self):
        self.broken("base/thing.cc", "// TO" + "DO: later\n", "unfinished")


class Commits(unittest.TestCase):
    """Subjects."""

    def test_subjects(self):
        self.assertEqual(commits.judge("gateway: answer informs after the commit"), "")
        self.assertEqual(commits.judge("gateway/journal: pad frames"), "")
        self.assertIn("columns", commits.judge("gateway: " + "x" * 60))
        self.assertIn("folder", commits.judge("Fix things"))
        self.assertIn("stop", commits.judge("gateway: fix things."))


class Reading(unittest.TestCase):
    """The reader behind the rules."""

    def test_functions_and_their_lines(self):
        text = "int a;\n\nnamespace n {\nvoid f(\n    int x) {\n  if (x) { g(); }\n}\n}\n"
        functions = [item for item in source.read("a.cc", text).items if item.kind == "function"]
        self.assertEqual([(item.first_line, item.last_line) for item in functions], [(4, 7)])


if __name__ == "__main__":
    unittest.main()
