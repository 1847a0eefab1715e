#!/usr/bin/env python3
"""Tests that ci/coverage_goals requires most lines of all files, every branch of some, and no stale
exceptions."""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import pathlib
import tempfile
import unittest

LOADER = importlib.machinery.SourceFileLoader("coverage_goals", str(pathlib.Path(__file__).parent / "coverage_goals"))
MODULE = importlib.util.module_from_spec(importlib.util.spec_from_loader("coverage_goals", LOADER))
LOADER.exec_module(MODULE)

PARSER, POOL, CODEC, OTHER = ("engine/src/resp/parser.cc", "engine/src/link/pool.cc", "engine/src/codec/codec.cc",
                              "engine/src/net/socket.cc")


def line(number, count=1, branches=()):
    return {"line_number": number, "count": count, "branches": [{"count": taken} for taken in branches]}


class CoverageGoals(unittest.TestCase):
    def judged(self, files, exceptions=""):
        """(exit status, output) for {file: [(text, line)]}; other required files are covered."""
        whole = {name: [("call();", line(1, 1, [1, 1]))] for name in (PARSER, POOL, CODEC, OTHER)}
        whole.update(files)
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, lines in whole.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("\n".join(text for text, _ in lines))
            (root / "ci").mkdir()
            (root / "ci/coverage_exceptions.txt").write_text(exceptions)
            report = root / "coverage.json"
            report.write_text(json.dumps({"files": [{"file": name, "lines": [each for _, each in lines if each]}
                                                    for name, lines in whole.items()]}))
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                return MODULE.main([str(report), folder]), said.getvalue()

    def test_all_is_enough(self):
        status, said = self.judged({})
        self.assertEqual(status, 0)
        self.assertIn("[ FIGURE   ] R21: lines of the engine 100.0% (4 of 4)", said)

    def test_a_branch_that_is_demanded_is_missed(self):
        status, said = self.judged({POOL: [("if (a) b();", line(1, 1, [1, 0]))]})
        self.assertEqual(status, 1)
        self.assertIn(f"{POOL}:1: 1 of 2 branches not taken", said)

    def test_a_line_that_is_demanded_is_missed(self):
        self.assertEqual(self.judged({CODEC: [("a();", line(1)), ("b();", line(2, 0))]})[0], 1)

    def test_elsewhere_branches_are_not_demanded_and_most_lines_are(self):
        most = [("a();", line(number + 1, 0 if number < 5 else 1, [0])) for number in range(200)]
        self.assertEqual(self.judged({OTHER: most})[0], 0)
        fewer = [("a();", line(number + 1, 0 if number < 20 else 1)) for number in range(200)]
        self.assertEqual(self.judged({OTHER: fewer})[0], 1)

    def test_tests_do_not_count(self):
        missed = [("a();", line(1, 0, [0]))]
        self.assertEqual(self.judged({"engine/src/link/pool_test.cc": missed, "engine/src/link/test_lane.h": missed,
                                      "engine/src/simulation/world.cc": missed})[0], 0)

    def test_a_switch_over_every_case_needs_no_other(self):
        whole = [("switch (a) {", line(1, 1, [1, 0])), ("  case 1:", line(2)), ("}", None)]
        self.assertEqual(self.judged({POOL: whole})[0], 0)
        default = [("switch (a) {", line(1, 1, [1, 0])), ("  default:", None), ("}", None)]
        self.assertEqual(self.judged({POOL: default})[0], 1)

    def test_an_operand_that_is_always_the_same_has_one_outcome(self):
        self.assertEqual(self.judged({CODEC: [("return a || fail(b);", line(1, 1, [1, 1, 0]))]})[0], 0)
        self.assertEqual(self.judged({CODEC: [("return a || fail(b);", line(1, 1, [1, 0, 0]))]})[0], 1)

    def test_exceptions_are_made_for_the_line_that_is_named(self):
        missed = [("  if (a) b();", line(1, 1, [1, 0])), ("c();", line(2, 1, [1, 1]))]
        self.assertEqual(self.judged({POOL: missed}, f"# why\n{POOL}: if (a) b();\n")[0], 0)
        self.assertEqual(self.judged({POOL: missed}, f"{POOL}: if (b) b();\n")[0], 1)

    def test_an_exception_for_a_line_that_is_no_more_is_an_error(self):
        status, said = self.judged({}, f"{POOL}: gone();\n")
        self.assertEqual(status, 1)
        self.assertIn(f"a line that {POOL} does not have: gone();", said)

    def test_an_exception_that_a_run_did_without_is_told(self):
        status, said = self.judged({}, f"{POOL}: call();\n")
        self.assertEqual(status, 0)
        self.assertIn(f"did without the exception for {POOL}: call();", said)

    def test_a_report_of_nothing_is_not_enough(self):
        self.assertEqual(self.judged({PARSER: []})[0], 1)


if __name__ == "__main__":
    unittest.main()
