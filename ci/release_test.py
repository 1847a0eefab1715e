#!/usr/bin/env python3
"""Tests that ci/release finds versions that differ, a changelog without a date, and a workflow that
calls commands that do not exist."""
import importlib.machinery
import importlib.util
import pathlib
import unittest

LOADER = importlib.machinery.SourceFileLoader("release", str(pathlib.Path(__file__).parent / "release"))
MODULE = importlib.util.module_from_spec(importlib.util.spec_from_loader("release", LOADER))
LOADER.exec_module(MODULE)


class Release(unittest.TestCase):
    def in_the_changelog(self, heading):
        return list(MODULE.is_in_the_changelog("1.2.3", f"# Changelog\n\n{heading}\n\n- x\n\n## [1.2.2] - 2020-01-01\n\n- y\n"))

    def test_the_changelog_begins_with_a_dated_section_of_the_version(self):
        self.assertEqual(self.in_the_changelog("## [1.2.3] - 2020-02-03"), [])
        self.assertEqual(self.in_the_changelog("## [1.2.3] - unreleased"), ["CHANGELOG.md: 1.2.3 has no date (unreleased)"])
        self.assertEqual(self.in_the_changelog("## [1.2.4] - 2020-02-03"), ["CHANGELOG.md: its first section is not of 1.2.3"])
        self.assertEqual(self.in_the_changelog("## [1.2.3] - 9999-02-03"), ["CHANGELOG.md: 1.2.3 is dated in the future"])

    def test_the_notes_are_the_newest_section(self):
        self.assertEqual(MODULE.sections("## [1.2.3] - 2020-02-03\n\n- x\n\n## [1.2.2] - 2020-01-01\n\n- y\n")[0][2], "- x")

    def test_packages_and_port_have_the_version_of_the_project(self):
        self.assertEqual(list(MODULE.is_known_to_the_packages(MODULE.version())), [])
        found = "\n".join(MODULE.is_known_to_the_packages("98.76.5"))
        self.assertIn("ci/try_packages: does not name libdjcache98.76", found)
        self.assertIn("vcpkg.json: its version is", found)

    def test_a_workflow_calls_what_is_there(self):
        self.assertEqual(list(MODULE.are_commands("- run: ci/run test\n- run: ci/release --tag x\n", "w")), [])
        self.assertEqual(list(MODULE.are_commands("- run: ci/run tests\n- run: ci/gone\n", "w")),
                         ["w: there is no ci/run tests", "w: there is no ci/gone"])

    def test_the_workflow_of_this_checkout_does(self):
        self.assertEqual(list(MODULE.workflows_are_true()), [])


if __name__ == "__main__":
    unittest.main()
