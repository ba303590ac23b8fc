// The only file that sees yaml-cpp. Version 0.7 accepts duplicate keys, resolves `yes` and `010` in
// its own way, ends at a 0x04 octet and takes an unclosed quote as closed: only its events are used
// here, and what they cannot tell is read from the text itself.
#include "gateway/config/yaml_parse.h"

#include <algorithm>
#include <istream>
#include <streambuf>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "gateway/config/text_places.h"

namespace trapline::gateway {
namespace {

// Reading from memory that is ours, without a copy.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's interface; never written to
    setg(begin, begin, begin + text.size());
  }
};

// Length of the UTF-8 sequence at the start of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = octet(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xc0U) != 0x80U) return 0;
  }
  const bool overlong = (first == 0xe0 && octet(1) < 0xa0) || (first == 0xf0 && octet(1) < 0x90);
  const bool beyond = (first == 0xed && octet(1) > 0x9f) || (first == 0xf4 && octet(1) > 0x8f);
  return overlong || beyond ? 0 : length;
}

// True when the quoted text that begins at `at` ends within `text`.
bool quote_is_closed(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != '\'') return true;
      ++i;
    }
  }
  return false;
}

// Thrown by the builder to end the parse; what is wrong has been noted.
struct GiveUp {};

// Builds the tree from the parser's events. A path of open containers instead of recursion.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, std::uint32_t file, ConfigProblems& problems)
      : text_(text), file_(file), problems_(problems) {}

  [[nodiscard]] ConfigNode& root() { return root_; }

  // yaml-cpp counts octets from 0; people count characters from 1.
  [[nodiscard]] ConfigPlace place(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_, 0, 0};
    const auto end = std::min(static_cast<std::size_t>(mark.pos), text_.size());
    const auto begin = end - std::min(end, static_cast<std::size_t>(mark.column));
    std::uint32_t column = 1;
    for (const char c : text_.substr(begin, end - begin)) {
      if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) ++column;
    }
    return {file_, static_cast<std::uint32_t>(mark.line) + 1, column};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) give_up(mark, "a second document", "one document per file: remove `---`");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_decoration(mark, {}, anchor);
    add(mark, ConfigNode::Kind::empty);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    give_up(mark, "aliases are not supported",
            "write the value out, or put the text in single quotes");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_decoration(mark, tag, anchor);
    const std::size_t at = static_cast<std::size_t>(mark.pos);
    const bool quoted = at < text_.size() && (text_[at] == '"' || text_[at] == '\'');
    if (quoted && !quote_is_closed(text_, at)) {
      give_up(mark, "a text in quotes that never ends", "add the closing quote");
    }
    if (expects_key()) return add_key(mark, value);
    ConfigNode& node = add(mark, ConfigNode::Kind::text);
    node.quoted = tag == "!";
    node.text = value;
    place_text(text_, at, node);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    refuse_decoration(mark, tag, anchor);
    open(mark, ConfigNode::Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    refuse_decoration(mark, tag, anchor);
    open(mark, ConfigNode::Kind::map);
  }
  void OnSequenceEnd() override { path_.pop_back(); }
  void OnMapEnd() override { path_.pop_back(); }

 private:
  [[noreturn]] void give_up(const YAML::Mark& mark, std::string_view message,
                            std::string_view hint) {
    problems_.add(place(mark), message, hint);
    throw GiveUp{};
  }

  void refuse_decoration(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
    const auto at = static_cast<std::size_t>(mark.pos);
    const bool bare_tag = tag == "!" && at < text_.size() && text_[at] == '!';
    if (bare_tag || (!tag.empty() && tag != "?" && tag != "!")) {
      give_up(mark, "tags are not supported",
              "remove the tag; what begins with ! stands in single quotes: '!has(x)'");
    }
    if (anchor != 0)
      give_up(mark, "anchors are not supported",
              "remove the anchor, or put the expression in single quotes");
  }

  [[nodiscard]] bool expects_key() const {
    return !path_.empty() && path_.back()->kind == ConfigNode::Kind::map &&
           path_.back()->keys.size() == path_.back()->items.size();
  }

  void add_key(const YAML::Mark& mark, const std::string& name) {
    ConfigNode& map = *path_.back();
    const std::size_t first = map.index_of(name);
    if (first < map.keys.size()) {
      problems_.add(place(mark), "duplicate key `" + name + "`",
                    "first at line " + std::to_string(map.keys[first].place.line) + ", column " +
                        std::to_string(map.keys[first].place.column));
    }
    map.keys.push_back({name, place(mark)});
  }

  ConfigNode& add(const YAML::Mark& mark, ConfigNode::Kind kind) {
    ConfigNode* node = &root_;
    if (!path_.empty()) {
      if (expects_key())
        give_up(mark, "a key must be a plain text",
                "quote it, indent it less, or quote the text with {{ }}");
      node = &path_.back()->items.emplace_back();
    }
    node->kind = kind;
    node->place = place(mark);
    return *node;
  }

  void open(const YAML::Mark& mark, ConfigNode::Kind kind) {
    if (path_.size() == kMaxConfigDepth) {
      give_up(mark, "nested too deeply",
              "at most " + std::to_string(kMaxConfigDepth) + " levels are read");
    }
    path_.push_back(&add(mark, kind));
  }

  const std::string_view text_;
  const std::uint32_t file_;
  ConfigProblems& problems_;
  ConfigNode root_;
  std::vector<ConfigNode*> path_;  // open containers; a parent does not grow while a child is open
  int documents_ = 0;
};

// Notes the first octet that no configuration needs; such octets would confuse the parser.
bool check_characters(std::string_view text, std::uint32_t file, ConfigProblems& problems) {
  ConfigPlace place{file, 1, 1};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    const auto c = static_cast<unsigned char>(text[at]);
    if (length == 0) {
      problems.add(place, "not valid UTF-8", "save the file as UTF-8");
      return false;
    }
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      problems.add(place, "a control character", "remove it");
      return false;
    }
    at += length;
    place = c == '\n' ? ConfigPlace{file, place.line + 1, 1}
                      : ConfigPlace{file, place.line, place.column + 1};
  }
  return true;
}

bool run_parser(std::string_view text, TreeBuilder& builder, ConfigProblems& problems) {
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {}
    return true;
  } catch (const GiveUp&) {
    return false;
  } catch (const YAML::Exception& error) {
    const auto at = static_cast<std::size_t>(std::max(error.mark.pos, 0));
    const bool reference = at > 0 && text.substr(at - 1).starts_with("${");
    const bool alias = error.msg.find("anchor") != std::string::npos;
    problems.add(builder.place(error.mark), "not valid YAML: " + error.msg,
                 alias       ? "what begins with * is an alias: put the text in single quotes"
                 : reference ? "inside [...] and {...} a ${...} reference must stand in quotes"
                             : "check indentation, quotes and brackets here and on the line above");
    return false;
  }
}

}  // namespace

bool parse_yaml(base::Bytes text, std::uint32_t file, ConfigProblems& problems, ConfigNode& root) {
  std::string_view view = base::as_text(text);
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (view.starts_with(kByteOrderMark)) view.remove_prefix(kByteOrderMark.size());
  if (!check_characters(view, file, problems)) return false;
  TreeBuilder builder(view, file, problems);
  if (!run_parser(view, builder, problems)) return false;
  root = std::move(builder.root());
  if (root.kind == ConfigNode::Kind::empty) root.kind = ConfigNode::Kind::map;
  if (root.kind == ConfigNode::Kind::map) return true;
  problems.add(root.place, "the top level must be a map of keys", "write `key: value` lines");
  return false;
}

}  // namespace trapline::gateway
