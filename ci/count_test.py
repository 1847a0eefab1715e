#!/usr/bin/env python3
"""Tests that ci/count counts each case once, and the failure of a program itself."""
import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

LOADER = importlib.machinery.SourceFileLoader("count", str(pathlib.Path(__file__).parent / "count"))
MODULE = importlib.util.module_from_spec(importlib.util.spec_from_loader("count", LOADER))
LOADER.exec_module(MODULE)

PASSED = '<testcase name="one"/>'
FAILED = '<testcase name="one"><failure/></testcase>'
SKIPPED = '<testcase name="one"><skipped/></testcase>'


class Count(unittest.TestCase):
    def counted(self, tests, programs=None):
        with tempfile.TemporaryDirectory() as folder:
            for name, cases in (programs or {}).items():
                pathlib.Path(folder, name + ".xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
            report = pathlib.Path(folder, "ctest")
            report.write_text(f"<testsuite>{tests}</testsuite>")
            return tuple(MODULE.count(report, folder).values())

    def test_a_test_without_cases_counts_once(self):
        self.assertEqual(self.counted(PASSED + FAILED + SKIPPED), (1, 1, 1))
        self.assertEqual(self.counted('<testcase name="a" status="fail"/><testcase name="b" status="notrun"/>'), (0, 1, 1))

    def test_the_cases_of_a_program_stand_for_it(self):
        self.assertEqual(self.counted('<testcase name="p"/>', {"p": PASSED + PASSED + SKIPPED}), (2, 0, 1))
        self.assertEqual(self.counted('<testcase name="p" status="fail"/>', {"p": PASSED + FAILED}), (1, 1, 0))

    def test_a_program_that_fails_though_its_cases_passed_is_a_failure(self):
        self.assertEqual(self.counted('<testcase name="p" status="fail"/>', {"p": PASSED}), (1, 1, 0))

    def test_a_program_that_left_no_report_is_a_failure(self):
        self.assertEqual(self.counted('<testcase name="p" status="fail"/>'), (0, 1, 0))


if __name__ == "__main__":
    unittest.main()
