"""Finds the mutants of a C++ file and writes all of them into it. One is selected at run time.

Handles the code of this project, as formatted by clang-format, not C++ in general: ci/mutate drops
mutants that do not compile. Mutants are insertions that do not move lines, so that the compiler's
errors have the line numbers of the original.
"""

import collections
import re

SPACE = "::djcache::mutant::"
MUTATED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "^=", "|=", "&=", "<<=", ">>="}
OPEN = {"(": ")", "[": "]", "{": "}"}
# Not mutated: declarations that compute nothing, and code that is evaluated or removed at compile
# time.
SKIPPED_STATEMENTS = {"using", "typedef", "static_assert", "static", "constexpr", "friend", "break", "goto", "assert"}
UNEVALUATED = {"sizeof", "decltype", "alignof", "noexcept", "assert", "DJCACHE_PLANTED"}

TOKEN = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<directive>^[ ]*\#(?:\\\n|[^\n])*)
  | (?P<string>R"\((?:.*?)\)"|"(?:\\.|[^"\\])*")
  | (?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\])+')
  | (?P<number>\.?\d(?:[\w.]|'(?=\w))*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark><=>|<<=|>>=|\.\.\.|::|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%^|&]=|.)
""", re.X | re.S | re.M)

Token = collections.namedtuple("Token", "kind text start end")
# `edits`: (start, end, before, after, skipped): texts to insert before and after a part of the
# file, whose first `skipped` characters are left out. `plain` (see add()): (start, end, text): the
# change that the mutant makes in effect.
Mutant = collections.namedtuple("Mutant", "number file line function start end edits before after")


def tokens_of(text):
    found = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind not in ("comment", "directive") and not match[0].isspace():
            found.append(Token(kind, match[0], match.start(), match.end()))
    return found


class Finder:
    """Walks through one file. `mutants` are in the order of their starts, outer ones before those
    that they enclose."""

    def __init__(self, file, text, first_number):
        self.file, self.text = file, text
        self.number = first_number
        self.tokens = tokens_of(text)
        self.match = {}
        self.mutants = []
        self.class_ = ""
        self.function = ""
        self.returns = ""  # of the function: "bool", "void", "" for other types, "?" in a lambda
        pending = []
        for index, token in enumerate(self.tokens):
            if token.kind == "mark" and token.text in OPEN:
                pending.append(index)
            elif token.kind == "mark" and token.text in OPEN.values():
                self.match[pending.pop()] = index
        self.scope(0, len(self.tokens))

    # --- helpers

    def word(self, index):
        return self.tokens[index].text if index < len(self.tokens) else ""

    def source(self, first, last):
        """The text of the tokens [first, last)."""
        return self.text[self.tokens[first].start:self.tokens[last - 1].end]

    def spaced(self, index):
        token = self.tokens[index]
        return self.text[token.start - 1].isspace() and self.text[token.end].isspace()

    def tops(self, first, last):
        """The top-level tokens of [first, last): of brackets, only the opening one."""
        index = first
        while index < last:
            yield index
            index = self.match.get(index, index) + 1

    def add(self, first, last, edits, plain):
        """Adds a mutant of the tokens [first, last). `@` in an edit stands for its number."""
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        number = self.number
        self.number += 1
        edits = [(a, b, before.replace("@", str(number)), after.replace("@", str(number)), skipped)
                 for a, b, before, after, skipped in edits]
        from_line = self.text.rfind("\n", 0, min([start, *(a for a, *_ in plain)])) + 1
        to_line = self.text.find("\n", max([end, *(b for _, b, _ in plain)]))
        to_line = len(self.text) if to_line < 0 else to_line
        mutated = self.text[from_line:to_line]
        for a, b, new in sorted(plain, reverse=True):
            mutated = mutated[:a - from_line] + new + mutated[b - from_line:]
        flat = [" ".join(re.sub(r"\s*//[^\n]*", "", part).split()) for part in (self.text[from_line:to_line], mutated)]
        self.mutants.append(Mutant(number, self.file, self.text.count("\n", 0, start) + 1, self.function, start, end,
                                   edits, *flat))

    def wrap(self, first, last, before, after, plain):
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        self.add(first, last, [(start, end, before, after, 0)], [(start, end, plain)])

    # --- namespaces and classes

    def scope(self, index, last):
        start = index  # of the declaration
        parameters = None  # its first bracket
        while index < last:
            text = self.word(index)
            if text == "{":
                end = self.match[index]
                words = [self.word(i) for i in range(start, index)]
                if parameters is not None:
                    if self.word(index - 1) not in {")", "const", "noexcept", "override", "final"} and ":" in words \
                            and self.tokens[index - 1].kind == "word":
                        index = end + 1  # a member that is initialised in braces
                        continue
                    if not {"constexpr", "consteval"} & set(words):
                        self.function_body(start, parameters, index)
                elif {"namespace", "class", "struct", "union"} & set(words) and "enum" not in words:
                    self.named_scope(words, index + 1, end)
                index = end
                start, parameters = index + 1, None
            elif text == "(" and self.word(index - 1) == "operator":
                index = self.match[index]
            elif text == "(":
                parameters = index if parameters is None else parameters
                index = self.match[index]
            elif text == "[":
                index = self.match[index]
            elif text == ";" or (text == ":" and self.word(index - 1) in ("public", "protected", "private")):
                start, parameters = index + 1, None
            index += 1

    def named_scope(self, words, index, end):
        kinds = [i for i, word in enumerate(words) if word in ("class", "struct", "union")]
        outer = self.class_
        if kinds:
            self.class_ += words[kinds[-1] + 1] + "::"
        self.scope(index, end)
        self.class_ = outer

    def function_body(self, start, parameters, brace):
        name = parameters
        if self.word(name - 1) == ")":
            name -= 3  # operator()
        while name > start and (self.word(name - 1) in ("::", "~") or self.tokens[name - 1].kind == "word"
                                and (name == parameters or self.word(name) in ("::", "~"))):
            name -= 1
        self.function = self.class_ + "".join(self.word(i) for i in range(name, parameters))
        self.returns = self.word(name - 1) if self.word(name - 1) in ("bool", "void") else ""
        index = self.match[parameters] + 1
        initialisers = False
        while index < brace:  # of a constructor
            initialisers = initialisers or self.word(index) == ":"
            if index in self.match:
                if initialisers:
                    self.expression(index + 1, self.match[index])
                index = self.match[index]
            index += 1
        self.block(brace)

    # --- statements; each method returns the index after the statement

    def block(self, brace):
        index = brace + 1
        while index < self.match[brace]:
            index = self.statement(index)
        return self.match[brace] + 1

    def semicolon(self, index):
        return next(i for i in self.tops(index, len(self.tokens)) if self.word(i) == ";")

    def statement(self, index):
        text = self.word(index)
        if text == "{":
            return self.block(index)
        if text == ";":
            return index + 1
        if text == "[" and self.word(index + 1) == "[":
            return self.statement(self.match[index] + 1)
        if text in ("if", "while", "switch", "for", "catch"):
            return getattr(self, text + "_statement", self.head_statement)(index)
        if text in ("else", "do", "try"):
            return self.statement(index + 1)
        if text in ("case", "default"):
            return next(i for i in self.tops(index, len(self.tokens)) if self.word(i) == ":") + 1
        if text in ("struct", "class", "union", "enum"):
            return self.local_class(index)
        end = self.semicolon(index)
        if text in SKIPPED_STATEMENTS:
            pass
        elif text == "return":
            self.return_statement(index, end)
        else:
            if text == "continue" or self.is_expression(index, end):
                self.wrap(index, end + 1, f"{{ if (!{SPACE}on(@)) ", " }", ";")
            self.expression(index, end)
        return end + 1

    def head_statement(self, index):
        end = self.match[index + 1]
        self.expression(index + 2, end)
        return self.statement(end + 1)

    def if_statement(self, index):
        head = index + 2 if self.word(index + 1) == "constexpr" else index + 1
        end = self.match[head]
        if self.word(head + 1) == "DJCACHE_PLANTED":  # not part of the library
            return self.over_statement(end + 1)
        if head == index + 1:
            parts = [i for i in self.tops(head + 1, end) if self.word(i) == ";"]
            if parts:
                self.expression(head + 1, parts[0])
            self.condition(parts[0] + 1 if parts else head + 1, end)
        index = self.statement(end + 1)
        return self.statement(index + 1) if self.word(index) == "else" else index

    def over_statement(self, index):
        return self.match[index] + 1 if self.word(index) == "{" else self.semicolon(index) + 1

    def while_statement(self, index):
        end = self.match[index + 1]
        self.condition(index + 2, end)
        return self.statement(end + 1)

    def for_statement(self, index):
        end = self.match[index + 1]
        parts = [i for i in self.tops(index + 2, end) if self.word(i) == ";"]
        if len(parts) == 2:
            self.expression(index + 2, parts[0])
            self.condition(parts[0] + 1, parts[1])
        return self.statement(end + 1)

    def local_class(self, index):
        end = self.semicolon(index)
        brace = next((i for i in self.tops(index, end) if self.word(i) == "{"), None)
        if brace is not None:
            function, returns = self.function, self.returns
            self.scope(index, end)
            self.function, self.returns = function, returns
        return end + 1

    def return_statement(self, index, end):
        words = {self.word(i) for i in self.tops(index + 1, end) if self.tokens[i].kind == "mark"}
        if end == index + 1:
            return
        if end == index + 2 and self.word(index + 1) in ("true", "false"):
            other = "false" if self.word(index + 1) == "true" else "true"
            self.wrap(index + 1, end, f"{SPACE}flip(@, ", ")", other)
        elif "?" not in words and (self.returns == "bool" or {"&&", "||"} & words or self.word(index + 1) == "!"):
            self.condition(index + 1, end)
        else:
            void = self.returns == "void" or self.returns == "?" and self.word(index - 1) != "{"
            if void and self.word(end - 1) == ")" and not set(MUTATED) & words:
                self.wrap(index, end + 1, f"{{ if ({SPACE}on(@)) return; ", " }", "return;")
            self.expression(index + 1, end)

    def is_expression(self, index, end):
        """Whether a statement is not a declaration but a call, an assignment or an increment."""
        if [self.word(i) for i in range(index, index + 3)] == ["(", "void", ")"]:
            return True
        if self.word(index) in ("++", "--"):
            return True
        index += self.word(index) == "*"
        while index < end and self.tokens[index].kind == "word":
            index += 1
            if self.word(index) == "<" and not self.spaced(index):
                depth = 0
                while index < end:
                    depth += {"<": 1, ">": -1, ">>": -2}.get(self.word(index), 0)
                    index += 1
                    if depth == 0:
                        break
            text = self.word(index)
            if text in (".", "->", "(", "[", "++", "--") or text in ASSIGNMENTS:
                return True
            if text != "::":
                return False
            index += 1
        return False

    # --- expressions

    def condition(self, first, last):
        """Negates a condition, unless it is a comparison whose == or != is exchanged anyway."""
        words = [self.word(i) for i in self.tops(first, last)]
        if "DJCACHE_PLANTED" in words or last - first == 1 and words[0] in ("true", "false"):
            return
        if "=" in words:  # a declaration
            return self.expression(first, last)
        if {"&&", "||", "?"} & set(words) or not {"==", "!="} & set(words):
            self.wrap(first, last, f"{SPACE}flip(@, ", ")", self.negated(first, last))
        self.expression(first, last)

    def negated(self, first, last):
        source = self.source(first, last)
        plain = all(self.tokens[i].kind == "word" or self.word(i) in (".", "->", "::", "(", "[")
                    for i in self.tops(first + (self.word(first) == "!"), last))
        return f"!({source})" if not plain else source[1:] if source[0] == "!" else "!" + source

    def expression(self, first, last):
        if first >= last:
            return
        tops = [i for i in self.tops(first, last) if self.tokens[i].kind == "mark"]
        for marks, handle in (({",", ";"}, self.list_), (ASSIGNMENTS, self.assignment), ({"?"}, self.choice),
                              ({"||"}, self.disjunction), ({"&&"}, self.conjunction)):
            found = [i for i in tops if self.word(i) in marks and (self.word(i) not in ("||", "&&") or self.spaced(i))]
            if found:
                return handle(first, last, found)
        self.operands(first, last)

    def list_(self, first, last, commas):
        for a, b in zip([first] + [c + 1 for c in commas], commas + [last]):
            self.expression(a, b)

    def assignment(self, first, last, found):
        self.expression(first, found[0])
        self.expression(found[0] + 1, last)

    def choice(self, first, last, found):
        depth = 0
        for index in self.tops(found[0], last):
            depth += {"?": 1, ":": -1}.get(self.word(index), 0)
            if depth == 0:
                self.condition(first, found[0])
                self.expression(found[0] + 1, index)
                return self.expression(index + 1, last)
        return None

    def disjunction(self, first, last, found):
        self.parts(first, last, found, f"(!{SPACE}on(@) && (")

    def conjunction(self, first, last, found):
        self.parts(first, last, found, f"({SPACE}on(@) || (")

    def parts(self, first, last, found, before):
        """Leaves out one operand of several."""
        for a, b in zip([first] + [c + 1 for c in found], found + [last]):
            start, end = self.tokens[a].start, self.tokens[b - 1].end
            gap = (start, self.tokens[b + 1].start) if b < last else (self.tokens[a - 1].start, end)
            self.add(a, b, [(start, end, before, "))", 0)], [(*gap, "")])
            self.expression(a, b)

    def operands(self, first, last):
        index = first
        while index < last:
            token, text = self.tokens[index], self.word(index)
            if text == "[" and self.is_lambda(index, first):
                index = self.lambda_(index, last)
                continue
            if index in self.match:
                if self.word(index - 1) not in UNEVALUATED:
                    self.expression(index + 1, self.match[index])
                index = self.match[index]
            elif text in MUTATED and self.spaced(index):
                self.add(index, index + 1, [(token.end, token.end, "", f" {SPACE}Relation{{@}} {text}", 0)],
                         [(token.start, token.end, MUTATED[text])])
            elif text in ("+", "-") and self.word(index + 1) == "1" and self.spaced(index):
                one = self.tokens[index + 1]
                self.add(index, index + 2, [(one.start, one.end, f"{SPACE}one(@, ", ")", 0)],
                         [(one.start, one.end, "0")])
            elif text in ("++", "--") and self.tokens[index + 1].kind == "word":
                self.step(index, last)
            index += 1

    def step(self, index, last):
        end = index + 2
        while end < last and self.word(end) in (".", "->", "::", "[", "("):
            end = self.match[end] + 1 if end in self.match else end + 2
        start, stop = self.tokens[index].start, self.tokens[end - 1].end
        name, other = ("up", "--") if self.word(index) == "++" else ("down", "++")
        self.add(index, end, [(start, stop, f"{SPACE}{name}(@, ", ")", 2)], [(start, start + 2, other)])

    def is_lambda(self, index, first):
        before = self.tokens[index - 1]
        return index == first or not (before.kind == "word" and before.text != "return" or before.text in (")", "]"))

    def lambda_(self, index, last):
        brace = next((i for i in self.tops(index, last) if self.word(i) == "{"), None)
        if brace is None:
            return self.match[index] + 1
        returns, self.returns = self.returns, "?"
        self.block(brace)
        self.returns = returns
        return self.match[brace] + 1


def mutants_of(file, text, first_number=1):
    return Finder(file, text, first_number).mutants


def instrument(text, mutants, header="mutant.h"):
    """The text with these mutants in it, and a function that maps a place in it to `text`."""
    before = collections.defaultdict(list)
    after = collections.defaultdict(list)
    left_out = set()
    for mutant in mutants:
        for start, end, prefix, suffix, skipped in mutant.edits:
            if prefix:
                before[start].append((-end, mutant.number, prefix))
            if suffix:
                after[end].append((-start, -mutant.number, suffix))
            left_out.update(range(start, start + skipped))
    pieces = []
    lines = [[]]  # for each line and character of the result, its place in `text`
    for place in range(len(text) + 1):
        inserted = "".join(s for *_, s in sorted(after[place])) + "".join(p for *_, p in sorted(before[place]))
        kept = text[place:place + 1] if place not in left_out else ""
        pieces += [inserted, kept]
        lines[-1] += [place] * len(inserted + kept)
        if kept == "\n":
            lines.append([])

    def origin(line, column):
        if line > len(lines) or not lines[line - 1]:
            return None
        return lines[line - 1][min(column, len(lines[line - 1])) - 1]

    return f'#include "{header}"\n#line 1\n' + "".join(pieces), origin
