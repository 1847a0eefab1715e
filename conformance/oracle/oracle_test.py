#!/usr/bin/env python3
"""Tests of the oracle itself: files that it must reject, cases that must pass, cases that must fail.

Run with Debian's own /usr/bin/python3, after ci/setup --oracle. Starts redis-servers of its own.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ORACLE = pathlib.Path(__file__).parent
ALL = {"redis": True, "memory": True, "dummy": "stores nothing"}
REDIS = {"redis": True, "memory": "has no server", "dummy": "has no server"}
SET = {"call": "set", "args": ["k", 1], "returns": None}


def group(steps, backends=None, **case):
    return {"format": 1, "group": "probe", "description": "Made by a test.", "source": "djcache: a test", "labels": ["core"],
            "backends": backends or ALL, "cases": [{"id": "probe.one", "claim": "A claim", "steps": steps, **case}]}


class OracleTest(unittest.TestCase):
    def run_oracle(self, data, *arguments):
        """(exit code, output, results)."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "probe.json"
            file.write_text(data if isinstance(data, str) else json.dumps(data))
            out = pathlib.Path(folder) / "out.json"
            run = subprocess.run([sys.executable, "-B", str(ORACLE), "--json", str(out), *arguments, str(file)],
                                 capture_output=True, text=True, timeout=60, check=False)
            results = json.loads(out.read_text())["results"] if out.exists() else []
            return run.returncode, run.stdout + run.stderr, results

    def assert_rejected(self, data, why):
        code, out, results = self.run_oracle(data)
        self.assertNotEqual(code, 0, out)
        self.assertIn(why, out)
        self.assertEqual(results, [])

    def assert_fails(self, data, why):
        code, out, results = self.run_oracle(data)
        self.assertEqual(code, 1, out)
        self.assertIn(why, out)
        self.assertIn("failed", {result["status"] for result in results})

    def assert_passes(self, data):
        code, out, results = self.run_oracle(data)
        self.assertEqual(code, 0, out)
        self.assertIn("passed", {result["status"] for result in results})
        return results


class Rejected(OracleTest):
    def change(self, **fields):
        return {**group([SET]), **fields}

    def test_a_newer_format(self):
        self.assert_rejected(self.change(format=2), "format")

    def test_an_unknown_field(self):
        self.assert_rejected(self.change(colour="red"), "colour")

    def test_an_unknown_operation(self):
        self.assert_rejected(group([{"call": "fetch", "args": ["k"]}]), "fetch")

    def test_an_unknown_step(self):
        self.assert_rejected(group([{"dance": 1}]), "dance")

    def test_an_unknown_tag(self):
        self.assert_rejected(group([{"call": "get", "args": ["k"], "returns": {"$complex": "1j"}}]), "complex")

    def test_an_unknown_need(self):
        self.assert_rejected(group([SET], needs=["luck"]), "luck")

    def test_a_need_that_nothing_uses(self):
        self.assert_rejected(group([SET], needs=["server:2"]), "server:2")

    def test_a_placeholder_without_its_need(self):
        self.assert_rejected(group([SET], caches={"default": {"LOCATION": "{replica:1}"}}), "replica:1")

    def test_a_repeated_key(self):
        self.assert_rejected('{"format": 1, "format": 1}', "twice")

    def test_a_group_that_is_not_the_files_name(self):
        self.assert_rejected(self.change(group="other"), "other")

    def test_a_loop_step_in_a_shared_case(self):
        self.assert_rejected(group([{"loop": {"handles": 0}}], backends=REDIS), "djcache's only")

    def test_a_server_command_in_a_case_for_memory(self):
        self.assert_rejected(group([{"raw": ["PING"]}]), "memory")

    def test_waiting_without_the_label(self):
        self.assert_rejected(group([{"wait": {"ms": 5}}]), "slow")

    def test_a_call_that_is_never_awaited(self):
        self.assert_rejected(group([{"call": "get", "args": ["k"], "start": "a"}]), "never awaited")

    def test_an_error_without_djangos_name_for_it(self):
        self.assert_rejected(group([{"call": "incr", "args": ["k"], "raises": {"errc": "key_not_found"}}]), "exception")


class Replayed(OracleTest):
    def test_a_right_case_passes_everywhere(self):
        results = self.assert_passes(group([SET, {"call": "get", "args": ["k"], "returns": 1},
                                            {"server": {"key": ":1:k", "pttl": {"min": 290000, "max": 300000}}}]))
        self.assertEqual({r["backend"] for r in results if r["status"] == "passed"}, {"redis", "memory"})
        state = next(r["state"] for r in results if r["backend"] == "redis")
        self.assertEqual([(e["key"], e["raw_hex"]) for e in state], [(":1:k", "31")])

    def test_a_wrong_result_fails(self):
        self.assert_fails(group([SET, {"call": "get", "args": ["k"], "returns": 2}]), "returned 1")

    def test_true_is_not_one(self):
        self.assert_fails(group([SET, {"call": "get", "args": ["k"], "returns": True}]), "returned 1")

    def test_a_miss_is_not_none(self):
        self.assert_fails(group([{"call": "get", "args": ["k"], "returns": None}]), "a miss")

    def test_an_unexpected_error_fails(self):
        self.assert_fails(group([{"call": "incr", "args": ["k"]}]), "ValueError")

    def test_an_error_of_another_class_fails(self):
        self.assert_fails(group([{"call": "incr", "args": ["k"], "raises": {"errc": "key_not_found", "django": "KeyError"}}]),
                          "ValueError")

    def test_a_warning_that_nobody_wanted_fails(self):
        self.assert_fails(group([{"call": "get", "args": ["a b"]}]), "warned")

    def test_a_warning_that_does_not_come_fails(self):
        self.assert_fails(group([{"call": "get", "args": ["ab"], "warns": [{"bad_characters": ":1:ab"}]}]), "warned")

    def test_a_wrong_pttl_fails(self):
        self.assert_fails(group([SET, {"server": {"key": ":1:k", "pttl": "none"}}]), "PTTL")

    def test_wrong_bytes_fail(self):
        self.assert_fails(group([SET, {"server": {"key": ":1:k", "raw": {"text": "2"}}}]), "holds 31")

    def test_a_divergence_must_be_seen(self):
        step = {"call": "incr", "args": ["k"], "raises": {"errc": "key_not_found", "django": "ValueError"},
                "django": {"raises": "ValueError"}}
        data = group([step], divergence={"django": "the same", "why": "none"})
        self.assert_fails(data, "a divergence is claimed")
        wrong = copy.deepcopy(data)
        wrong["cases"][0]["steps"][0]["django"] = {"returns": 1}
        self.assert_fails(wrong, "the case says that Django gives")

    def test_what_django_cannot_replay_is_counted(self):
        code, out, results = self.run_oracle(group([{"loop": {"handles": 0}}], backends=REDIS, django="Django has no loop"))
        self.assertEqual(code, 0, out)
        self.assertEqual({result["status"] for result in results}, {"not shared"})
        self.assertIn("Django has no loop", out)


if __name__ == "__main__":
    unittest.main()
