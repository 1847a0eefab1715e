#!/usr/bin/env python3
"""Tests which mutants ci/mutants.py plants, and that the selected one takes effect."""
import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import mutants as making  # noqa: E402
from mutant_header import HEADER  # noqa: E402

LOADER = importlib.machinery.SourceFileLoader("mutate", str(HERE / "mutate"))
MUTATE = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", LOADER))
LOADER.exec_module(MUTATE)


def mutated(body, head="void f()"):
    """The body of a function, as changed by each of its mutants."""
    before = f"{head} {{\n{body}\n}}\n"
    return [m.after for m in making.mutants_of("a.cc", before)]


class Finding(unittest.TestCase):
    def test_a_condition_is_negated(self):
        self.assertEqual(mutated("if (ready()) return;"), ["if (!ready()) return;"])
        self.assertEqual(mutated("while (!it->done()) return;"), ["while (it->done()) return;"])
        self.assertEqual(mutated("x(ready ? 1 : 2);")[1:], ["x(!ready ? 1 : 2);"])
        self.assertEqual(mutated("return ready();", "bool f()"), ["return !ready();"])

    def test_an_operand_is_left_out(self):
        self.assertEqual(mutated("if (a && b) return;")[1:], ["if (b) return;", "if (a ) return;"])
        self.assertEqual(mutated("const bool c = a || b;"), ["const bool c = b;", "const bool c = a ;"])

    def test_a_boundary_moves(self):
        self.assertEqual(mutated("if (a < b) return;")[1:], ["if (a <= b) return;"])
        self.assertEqual(mutated("if (a == b) return;"), ["if (a != b) return;"])
        self.assertEqual(mutated("const int c = a + 1;"), ["const int c = a + 0;"])

    def test_a_statement_goes(self):
        self.assertEqual(mutated("g(1);"), [";"])
        self.assertEqual(mutated("if (a == b) c = d;")[1:], ["if (a == b) ;"])
        self.assertEqual(mutated("return g(1);"), ["return;"])
        self.assertEqual(mutated("++c;"), [";", "--c;"])

    def test_a_result_is_turned_round(self):
        self.assertEqual(mutated("return true;", "bool f()"), ["return false;"])

    def test_lambdas_are_looked_into(self):
        self.assertIn("each([&](int i) { return i != 1; });", mutated("each([&](int i) { return i == 1; });"))

    def test_what_computes_nothing_when_it_runs_is_left_alone(self):
        for body in ("const std::vector<int> a;", "static_assert(a < b);", "assert(a < b);", "// if (a) b();",
                     "constexpr int a = b + 1;", "if constexpr (a < b) return;", "if (DJCACHE_PLANTED(x)) g();",
                     "Callback<T>&& done;", "[[maybe_unused]] int a;", 'auto a = "x < y && z";'):
            self.assertEqual(mutated(body), [], body)
        self.assertEqual(mutated("return a < b;", "constexpr bool f()"), [])

    def test_a_mutant_knows_its_place(self):
        text = "namespace n {\nstruct A {\n  void f() {\n    g();\n  }\n};\nvoid B::operator()() const { h(); }\n}\n"
        found = [(m.line, m.function) for m in making.mutants_of("a.cc", text)]
        self.assertEqual(found, [(4, "A::f"), (7, "B::operator()")])


class Planting(unittest.TestCase):
    def test_every_line_stays_where_it_is(self):
        text = "void f() {\n  if (a &&\n      b) {\n    g();\n  }\n}\n"
        planted, origin = making.instrument(text, making.mutants_of("a.cc", text))
        self.assertEqual(len(planted.splitlines()), len(text.splitlines()) + 2)
        column = planted.splitlines()[5].index("g();") + 1
        self.assertEqual(text[origin(4, column):][:4], "g();")

    def test_the_chosen_one_is_at_work_and_no_other(self):
        text = """#include <cstdio>
struct Count {
  int n = 3;
  bool has(const int* p, int least) { return p != nullptr && *p >= least; }
  void down() { --n; }
};
int main() {
  Count count;
  count.down();
  std::printf("%d%d%d\\n", count.has(&count.n, 2), count.has(&count.n, 3), count.n + 1);
}
"""
        found = making.mutants_of("a.cc", text)
        expected = {"": "103", "return !(p != nullptr && *p >= least);": "013", "return *p >= least;": "103",
                    "return p == nullptr && *p >= least;": "003", "return p != nullptr ;": "113",
                    "return p != nullptr && *p > least;": "003", "void down() { ; }": "114",
                    "void down() { ++n; }": "115", "count.down();": "114", "count.n + 0": "102"}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "mutant.h").write_text(HEADER.replace("@COUNT@", str(len(found) + 1)), encoding="utf-8")
            (path / "a.cc").write_text(making.instrument(text, found)[0], encoding="utf-8")
            subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", path / "a.cc", "-o", path / "a"], check=True)
            said = set()
            for mutant in [None, *found]:
                environment = {**os.environ, "DJCACHE_MUTANT": str(mutant.number if mutant else 0)}
                output = subprocess.run([path / "a"], env=environment, capture_output=True, text=True, check=True).stdout
                for part, number in expected.items():
                    if mutant and part and part in mutant.after or not mutant and not part:
                        self.assertEqual(output.strip(), number, part)
                        said.add(part)
            self.assertEqual(said | {"count.down();"}, set(expected))


class Judging(unittest.TestCase):
    def test_what_changes_nothing_does_not_count(self):
        found = making.mutants_of("a.cc", "void f() {\n  g();\n  h();\n}\n")
        listed = MUTATE.read_equivalents("# why\n\na.cc f\n- g();\n+ ;\ng is empty\n\na.cc f\n- k();\n+ ;\ngone\n")
        counting, equivalent, stale = MUTATE.split_equivalents(found, listed)
        self.assertEqual([m.before for m in counting], ["h();"])
        self.assertEqual((equivalent, [e.line for e in stale]), (1, [8]))

    def test_no_reason_is_an_error(self):
        with self.assertRaises(ValueError):
            MUTATE.read_equivalents("a.cc f\n- g();\n+ ;\n")

    def test_a_sample_is_the_same_for_a_seed(self):
        class Options:
            only, all, sample, seed = None, False, 3, 7
        found = making.mutants_of("a.cc", "void f() {\n" + "  g();\n" * 9 + "}\n")
        self.assertEqual(MUTATE.choose(Options, found), MUTATE.choose(Options, found))
        self.assertEqual(len(MUTATE.choose(Options, found)), 3)


if __name__ == "__main__":
    unittest.main()
