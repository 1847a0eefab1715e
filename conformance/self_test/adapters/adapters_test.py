#!/usr/bin/env python3
"""Tests that a misbehaving adapter fails its case with a reason, but never the whole run.

Usage: adapters_test.py PROGRAM PLAIN_HIREDIS
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, PLAIN_HIREDIS = sys.argv.pop(1), sys.argv.pop(1)
ADAPTER = pathlib.Path(__file__).parent / "misbehaving.py"
EXAMPLES = pathlib.Path(__file__).parents[2] / "adapters"
CASES = {"format": 1, "group": "probe", "description": "Made by a test.", "source": "djcache: a test", "labels": ["core"],
         "backends": {"redis": True, "memory": True, "dummy": "stores nothing"},
         "cases": [{"id": f"probe.{name}", "claim": "set gives None", "steps": [{"call": "set", "args": ["k", 1], "returns": None}]}
                   for name in ("one", "two")]}


class Misbehaving(unittest.TestCase):
    def run_with(self, how, limit=60):
        """Runs two cases; returns (exit code, output)."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "probe.json"
            file.write_text(json.dumps(CASES))
            run = subprocess.run([PROGRAM, str(file), "--adapter", f"{sys.executable} -B {ADAPTER} {how}", "--adapter-limit", str(limit),
                                  "--backend", "memory", "-j", "1"], capture_output=True, text=True, timeout=120, check=False)
            return run.returncode, run.stdout + run.stderr

    def assert_both_fail(self, how, why, limit=60):
        code, out = self.run_with(how, limit)
        self.assertEqual(code, 1, out)
        self.assertIn("0 passed, 2 failed, 0 skipped", out)
        self.assertIn(why, out)

    def test_one_that_behaves_passes(self):
        code, out = self.run_with("behaves")
        self.assertEqual(code, 0, out)
        self.assertIn("2 passed, 0 failed, 0 skipped", out)

    def test_one_that_hangs(self):
        self.assert_both_fail("hangs", "it did not answer within 1 s", limit=1)

    def test_half_a_line(self):
        self.assert_both_fail("half_line", "but began a line", limit=1)

    def test_one_that_is_killed(self):
        self.assert_both_fail("dies", "it died of Killed")

    def test_one_that_exits_in_the_middle_of_a_line(self):
        self.assert_both_fail("exits", "it ended with exit code 3 in the middle of a line")

    def test_what_it_said_last_is_shown(self):
        self.assert_both_fail("exits", "out of luck")

    def test_nonsense(self):
        self.assert_both_fail("nonsense", "it answered with nonsense")

    def test_no_object(self):
        self.assert_both_fail("no_object", "it answered with no object")

    def test_an_unknown_field(self):
        self.assert_both_fail("unknown_field", "colour")

    def test_an_unknown_tag(self):
        self.assert_both_fail("unknown_tag", "$complex")

    def test_two_lines(self):
        self.assert_both_fail("two_lines", "it answered with more than one line")

    def test_a_flood(self):
        self.assert_both_fail("floods", "it answered with more than one line")

    def test_a_huge_line(self):
        self.assert_both_fail("huge_line", "its line has more than 64 MiB")

    def test_what_it_does_not_support_is_skipped_with_its_word(self):
        code, out = self.run_with("unsupported")
        self.assertEqual(code, 0, out)
        self.assertIn("0 passed, 0 failed, 2 skipped", out)
        self.assertIn("probe does not support luck", out)

    def test_another_version_ends_the_run_before_it_begins(self):
        code, out = self.run_with("version")
        self.assertEqual(code, 2, out)
        self.assertIn("it speaks version 2 of the protocol", out)


def node_redis():
    """The command of the adapter in JavaScript, "" if node or its package is missing."""
    command = "NODE_PATH=/usr/share/nodejs node"
    there = subprocess.run(["sh", "-c", f"{command} -e 'require(\"redis\")'"], capture_output=True, check=False).returncode == 0
    return f"{command} '{EXAMPLES / 'node_redis.js'}'" if there else ""


class Examples(unittest.TestCase):
    """The examples keep the protocol, pass some cases, and show what their client gets wrong."""

    def judge(self, adapter, *options):
        run = subprocess.run([PROGRAM, "--server", "redis", "--adapter", adapter, *options], capture_output=True, text=True,
                             timeout=250, check=False)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertNotIn("an answer of PROTOCOL.md", run.stdout)
        self.assertNotIn("teardown", run.stdout)
        self.assertRegex(run.stdout.splitlines()[-1], r"^[1-9]\d* passed, [1-9]\d* failed, ")
        return run.stdout

    @unittest.skipUnless(PLAIN_HIREDIS, "not built")
    def test_five_verbs_in_cpp(self):
        out = self.judge(PLAIN_HIREDIS, "--group", "basic", "--group", "incr", "--group", "values")
        self.assertIn("plain-hiredis does not support the call add", out)

    @unittest.skipUnless(node_redis(), "node-redis is not installed")
    def test_node_redis(self):
        self.judge(node_redis(), "--group", "json")


if __name__ == "__main__":
    unittest.main()
