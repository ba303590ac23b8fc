"""Reads C++ far enough to judge it: what is comment, where functions end, what classes show."""

import re
from dataclasses import dataclass, field

# What may hide a brace. Numbers are matched so that the ' of 1'000 does not open a character.
_OPAQUE = re.compile(
    r"""(?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)
      | (?P<raw>(?<!\w)(?:u8|[uUL])?R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)")
      | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<number>\b\d[\w'.]*)""",
    re.S | re.X,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M | re.S)
_PUNCTUATION = re.compile(r"[{}();]|\b(?:public|private|protected)\s*:(?!:)")
_NOT_NEWLINE = re.compile(r"[^\n]")

GROUP = "\x01"  # stands for (...) in a head
BRACES = "\x02"  # stands for {...}


@dataclass
class Item:
    """One declaration or definition at namespace or class scope."""

    kind: str  # namespace, class, enum, function or other; a declared function is a function
    head: str  # without bodies, comments, template heads and bracketed text
    first_line: int
    last_line: int
    public: bool
    owner: str  # the class it stands in, or nothing
    text: str  # as written, comments and strings blanked


@dataclass
class Source:
    """One C++ file."""

    path: str
    lines: list
    masked: str = ""
    items: list = field(default_factory=list)
    comment_lines: set = field(default_factory=set)
    trailing_comment_lines: set = field(default_factory=set)
    trouble: str = ""  # why the structure could not be read, or nothing


@dataclass
class _Scope:
    kind: str
    name: str
    shown: bool  # reachable for those who include the file
    access: bool
    item: Item = None


def _blank(text):
    return _NOT_NEWLINE.sub(" ", text)


def _mask(source, text):
    """Blanks comments, strings and directives; offsets and line numbers stay."""
    out, last, line = [], 0, 1
    for match in _OPAQUE.finditer(text):
        if match.lastgroup == "number":
            continue
        out.append(text[last : match.start()])
        line += text.count("\n", last, match.start())
        opaque = match.group()
        last = match.end()
        if match.group("comment"):
            begin = text.rfind("\n", 0, match.start()) + 1
            alone = not text[begin : match.start()].strip()
            lines = range(line, line + opaque.count("\n") + 1)
            (source.comment_lines if alone else source.trailing_comment_lines).update(lines)
            out.append(_blank(opaque))
        else:
            out.append('"' + _blank(opaque[1:-1]) + '"')
        line += opaque.count("\n")
    out.append(text[last:])
    source.masked = _DIRECTIVE.sub(lambda match: _blank(match.group()), "".join(out))


def _reduce(head):
    """A head without template heads, attributes and the inside of brackets."""
    head = re.sub(r"operator\s*(?:\(\s*\)|\[\s*\]|[-+*/%^&|~!=<>]+|\"\")", "operator@", head)
    head = head.replace("->", " ")
    for _ in range(64):  # brackets nest; nothing sane nests deeper
        shorter = re.sub(r"\[\[.*?\]\]|<[^<>(){}]*>", " ", head, flags=re.S)
        shorter = re.sub(r"\([^(){}]*\)", GROUP, shorter)
        shorter = re.sub(r"\{[^{}]*\}", BRACES, shorter)
        if shorter == head:
            break
        head = shorter
    head = re.sub(r"\b(?:alignas|decltype|explicit|noexcept|requires)\s*\x01", " ", head)
    head = re.sub(r"\btemplate\s", " ", head)
    return " ".join(head.split())


def _classify(head):
    """What a `{` behind this head opens."""
    if re.match(r"(?:inline )?namespace\b|extern \"[^\"]*\"$", head):
        return "namespace"
    if re.match(r"(?:typedef )?(?:class|struct|union)\b", head) and GROUP not in head:
        return "class"
    if re.match(r"(?:typedef )?enum\b", head):
        return "enum"
    if GROUP not in head or re.search(r"(?<![=!<>@])=(?!=)", head):
        return "initialiser"
    if re.search(r"\x01[^:]*(?<!:):(?!:)", head) and re.search(r"\w$", head):
        return "initialiser"  # of a member, in a constructor's list
    return "function"


def _pairs(masked):
    """Opening offset to closing offset; None when brackets do not match."""
    pairs, stack = {}, []
    for match in re.finditer(r"[(){}]", masked):
        if match.group() in "({":
            stack.append(match.start())
            continue
        if not stack or masked[stack[-1]] + match.group() not in ("()", "{}"):
            return None
        pairs[stack.pop()] = match.start()
    return None if stack else pairs


def function_name(head):
    """The name a head declares as a function, or nothing."""
    if re.match(r"(?:using|typedef|static_assert|friend|enum|concept)\b", head):
        return ""
    match = re.search(r"(~?[\w:]+@?|operator[\w: ]+) ?\x01", head)
    if not match or "=" in head[: match.start()].replace("operator@", ""):
        return ""
    name = match.group(1)
    variable = re.match(r"(?:.*::)?k[A-Z]", name) or re.fullmatch(r"[A-Z][A-Z0-9_]+", name)
    pointer = name in ("void", "bool", "int", "auto", "decltype") or re.search(r"\x01 ?\x01", head)
    return "" if variable or (pointer and "operator" not in name) else name


class _Scanner:
    """Walks the masked text from bracket to bracket, at namespace and class scope only."""

    def __init__(self, source, pairs):
        self._source, self._pairs = source, pairs
        self._scopes = [_Scope("namespace", "", True, True)]
        self._head = 0
        self._line_starts = [0] + [m.end() for m in re.finditer("\n", source.masked)]

    def run(self):
        masked, at = self._source.masked, 0
        while True:
            match = _PUNCTUATION.search(masked, at)
            if not match:
                return
            at = self._step(match)

    def _step(self, match):
        token, at = match.group(), match.start()
        if token == "(":
            return self._pairs[at] + 1
        if token == "{":
            return self._open(at)
        if token == ";":
            self._declare("other", at)
        elif token == "}":
            scope = self._scopes.pop()
            scope.item.last_line = self._line(at)
        elif self._scopes[-1].kind == "class" and token != ")":
            self._scopes[-1].access = token.startswith("public")
        self._head = match.end()
        return match.end()

    def _open(self, at):
        head = _reduce(self._source.masked[self._head : at])
        kind = _classify(head)
        if kind in ("initialiser", "enum"):
            return self._pairs[at] + 1  # the head goes on behind it
        end = at if kind in ("namespace", "class") else self._pairs[at]
        item = self._declare(kind, end, head)
        if kind in ("namespace", "class"):
            self._push(kind, head, item)
        self._head = end + 1
        return end + 1

    def _push(self, kind, head, item):
        name = re.search(r"(?:namespace|class|struct|union) ?([\w:]*)", head)
        name = name.group(1) if name else ""
        shown = item.public
        if kind == "namespace":
            last = name.rsplit("::", 1)[-1]
            shown = shown and bool(name or head.startswith("extern")) and last != "detail"
        self._scopes.append(_Scope(kind, name, shown, not head.startswith("class"), item))

    def _declare(self, kind, end, head=None):
        text = self._source.masked[self._head : end]
        head = _reduce(text) if head is None else head
        if not head and kind == "other":
            return None
        scope = self._scopes[-1]
        if kind == "other" and function_name(head):
            kind = "function"
        item = Item(
            kind, head, self._line(self._head + len(text) - len(text.lstrip())), self._line(end),
            scope.shown and scope.access, scope.name if scope.kind == "class" else "",
            self._source.masked[self._head : end + 1].strip(),
        )
        self._source.items.append(item)
        return item

    def _line(self, offset):
        low, high = 0, len(self._line_starts)
        while high - low > 1:
            middle = (low + high) // 2
            if self._line_starts[middle] <= offset:
                low = middle
            else:
                high = middle
        return low + 1


def read(path, text):
    """The structure of a C++ file given as text."""
    source = Source(path, text.splitlines())
    _mask(source, text)
    pairs = _pairs(source.masked)
    if pairs is None:
        source.trouble = "brackets do not match, so functions and classes cannot be told apart"
        return source
    _Scanner(source, pairs).run()
    return source
