#!/usr/bin/env python3
"""Tests that ci/times prints the seconds of each part, and the longest steps of this run only."""
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

TIMES = pathlib.Path(__file__).parent / "times"


class Times(unittest.TestCase):
    def said(self, log, tests):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, ".ninja_log").write_text("# ninja log v5\n" + log)
            report = pathlib.Path(folder, "report")
            report.write_text("<testsuite>" + "".join(f'<testcase name="{n}" time="{s}"/>' for n, s in tests) + "</testsuite>")
            command = [sys.executable, "-B", TIMES, folder, report, "2", "30", "40"]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    def test_the_longest_of_this_run_come_first(self):
        now = time.time_ns()
        log = f"0\t1500\t{now}\tdir/quick.cc.o\tabc\n0\t9500\t{now}\tdir/slow.cc.o\tabc\n0\t99000\t{now - 10**12}\tdir/old.cc.o\tabc\n"
        self.assertEqual(self.said(log, [("short", 1), ("long", 12.4)]), [
            "set-up 2 s, build 30 s, tests 40 s (13 s one after the other)",
            "longest steps of the build: slow.cc 10 s, quick.cc 2 s",
            "slowest tests: long 12 s, short 1 s",
        ])

    def test_ten_tests_are_named_and_a_build_that_was_there_is_said(self):
        lines = self.said("", [(f"t{i}", i) for i in range(12)])
        self.assertEqual(lines[1], "longest steps of the build: none, it was built already")
        self.assertEqual(lines[2].count(" s"), 10)
        self.assertNotIn("t1 ", lines[2])


if __name__ == "__main__":
    unittest.main()
