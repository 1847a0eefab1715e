#!/usr/bin/env python3
"""Runs ci/tidy on small trees, a sound one and broken ones, and checks its findings."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TIDY = Path(__file__).parent / "tidy"

# Printed if the required version of clang-format is not installed.
NOT_FORMATTED = "formatting is not checked"

SOUND = {
    ".clang-format": "BasedOnStyle: Google\nColumnLimit: 100\n",
    "README.md": "[the key](engine/src/cache/key.h#top), [a site](https://example.org/a)\n",
    "engine/include/djcache/cache.h": "#pragma once\n\n#include <memory>\n",
    "engine/src/backend.h": "#pragma once\n\n#include <djcache/cache.h>\n",
    "engine/src/cache/files.cmake": "djcache_room(cache SOURCES key.cc)\n",
    "engine/src/cache/key.h": "#pragma once\n\n#include <string>\n",
    "engine/src/cache/key.cc": '#include "cache/key.h"\n',
    "engine/src/net/stream.h": "#pragma once\n\n#include <uv.h>\n",
    "engine/src/net/files.cmake": "djcache_room(net SOURCES stream.cc)\n",
    "engine/src/net/stream.cc": '#include "net/stream.h"\n\n#include "backend.h"\n',
    "harness/files.cmake": "set(DJCACHE_HARNESS_SOURCES src/loop.cc)\n",
    "harness/src/loop.cc": "#include <djcache/cache.h>\n#include <uv.h>\n",
    "run.sh": "echo hello\n",
}


def without_notes(output):
    return [line for line in output.splitlines() if NOT_FORMATTED not in line]


def tidy(changes):
    """Runs ci/tidy on the sound tree with some files changed. Returns (exit code, lines)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**SOUND, **changes}.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        result = subprocess.run([sys.executable, str(TIDY), folder], capture_output=True, text=True, check=False)
    if result.stderr:
        raise AssertionError(result.stderr)
    return result.returncode, without_notes(result.stdout)


class TidyTest(unittest.TestCase):
    def expect_finding(self, start, changes):
        """Expects one finding, which begins with `start` and has the three parts of a finding."""
        code, lines = tidy(changes)
        self.assertEqual(code, 1, lines)
        self.assertEqual(len(lines), 2, lines)
        self.assertTrue(lines[0].startswith(start), lines[0])
        self.assertRegex(lines[0], r"^[^:]+:\d+: .+: .+$")

    def test_a_sound_tree_has_no_findings(self):
        self.assertEqual(tidy({}), (0, ["tidy: nothing found"]))

    def test_a_public_header_must_not_include_uv(self):
        text = "#pragma once\n\n#include <uv.h>\n"
        self.expect_finding("engine/include/djcache/cache.h:3: a public header includes libuv",
                            {"engine/include/djcache/cache.h": text})

    def test_a_public_header_must_not_include_an_internal_one(self):
        text = '#pragma once\n\n#include "cache/key.h"\n'
        self.expect_finding("engine/include/djcache/cache.h:3: a public header includes cache/key.h",
                            {"engine/include/djcache/cache.h": text})

    def test_the_cache_must_not_see_net(self):
        text = '#include "cache/key.h"\n\n#include "net/stream.h"\n'
        self.expect_finding("engine/src/cache/key.cc:3: cache includes net/stream.h", {"engine/src/cache/key.cc": text})

    def test_a_pure_room_must_not_see_uv(self):
        text = "#pragma once\n\n#include <uv.h>\n"
        self.expect_finding("engine/src/cache/key.h:3: cache includes libuv", {"engine/src/cache/key.h": text})

    def test_net_must_not_see_hiredis(self):
        text = "#pragma once\n\n#include <hiredis/read.h>\n"
        self.expect_finding("engine/src/net/stream.h:3: net includes hiredis", {"engine/src/net/stream.h": text})

    def test_what_every_room_sees_must_not_see_the_cache(self):
        text = '#pragma once\n\n#include "cache/key.h"\n'
        self.expect_finding("engine/src/backend.h:3: engine/src includes cache/key.h", {"engine/src/backend.h": text})

    def test_the_engine_must_not_include_the_harness(self):
        self.expect_finding("engine/src/cache/key.cc:3: the engine includes the harness", {
            "engine/src/cache/key.cc": '#include "cache/key.h"\n\n#include <djcache/harness/loop.h>\n',
        })

    def test_a_fixture_may_include_the_harness(self):
        self.assertEqual(tidy({
            "engine/src/net/files.cmake": "djcache_room(net SOURCES stream.cc TESTS stream_test.cc)\n",
            "engine/src/net/stream_fixture.h": "#pragma once\n\n#include <djcache/harness/loop.h>\n",
            "engine/src/net/stream_test.cc": '#include "net/stream_fixture.h"\n',
        })[0], 0)

    def test_the_harness_must_not_reach_into_the_engine(self):
        self.expect_finding("harness/src/loop.cc:1: harness includes net/stream.h",
                            {"harness/src/loop.cc": '#include "net/stream.h"\n'})

    def test_a_room_needs_a_rule(self):
        self.expect_finding("engine/src/attic:1: a room without a rule", {
            "engine/src/attic/files.cmake": "add_library(attic box.cc)\n",
            "engine/src/attic/box.cc": "#include <string>\n",
        })

    def test_a_room_includes_the_rooms_it_stands_on(self):
        text = '#include "net/stream.h"\n\n#include "backend.h"\n#include "cache/key.h"\n'
        room = "djcache_room(\n  net HARNESS\n  %s\n  SOURCES\n  stream.cc)\n"
        for on, code in (("ON cache", 0), ("ON text cache", 0), ("ON text", 1), ("", 1)):
            changes = {"engine/src/net/stream.cc": text, "engine/src/net/files.cmake": room % on}
            self.assertEqual(tidy(changes)[0], code, on)

    def test_the_picture_of_rooms_must_show_each(self):
        page = "| `cache/` |\n| `net/` |\n"
        self.assertEqual(tidy({"engine/docs/design.md": page, "engine/docs/layers.svg": "<t>cache/</t><t>net/</t>"})[0], 0)
        self.expect_finding("engine/docs/layers.svg:1: the picture and the folders differ in net/",
                            {"engine/docs/design.md": page, "engine/docs/layers.svg": "<t>cache/</t>"})

    def test_a_file_of_450_lines_is_accepted_and_a_longer_one_is_found(self):
        line = "extern int key;\n"
        head = '#include "cache/key.h"\n\n'
        self.assertEqual(tidy({"engine/src/cache/key.cc": head + 448 * line})[0], 0)
        self.expect_finding("engine/src/cache/key.cc:1: a file of 451 lines",
                            {"engine/src/cache/key.cc": head + 449 * line})

    def test_a_function_of_80_lines_is_accepted_and_a_longer_one_is_found(self):
        def text(lines):
            body = (lines - 3) * "  ++key;\n"
            return ('#include "cache/key.h"\n\nnamespace {\nstruct Key {\n  int key;\n};\n\n'
                    f"int counted(int key,\n            int {'m' * 80}) {{\n{body}}}\n\n}}  // namespace\n")
        self.assertEqual(tidy({"engine/src/cache/key.cc": text(80)})[0], 0)
        self.expect_finding("engine/src/cache/key.cc:8: a function of 81 lines", {"engine/src/cache/key.cc": text(81)})

    def test_a_source_that_no_list_names_is_found(self):
        self.expect_finding("engine/src/cache/ttl.cc:1: nobody builds it", {
            "engine/src/cache/ttl.cc": "#include <string>\n",
            "engine/src/cache/files.cmake": "djcache_room(cache SOURCES key.cc my_ttl.cc)  # not ttl.cc\n",
        })

    def test_a_header_that_nobody_includes_is_found(self):
        self.expect_finding("engine/src/cache/ttl.h:1: nobody includes it",
                            {"engine/src/cache/ttl.h": "#pragma once\n"})

    @unittest.skipIf(NOT_FORMATTED in subprocess.run([sys.executable, str(TIDY)], capture_output=True, text=True, check=False).stdout,
                     NOT_FORMATTED)
    def test_unformatted_code_is_found(self):
        self.expect_finding("engine/src/cache/key.cc:2: not formatted",
                            {"engine/src/cache/key.cc": '#include "cache/key.h"\nint   f( );\n'})

    def test_a_public_header_with_a_long_comment_is_found(self):
        text = "#pragma once\n\n#include <memory>\n\n/// " + "x" * 97 + "\n// https://example.org/" + "y" * 97 + "\n"
        self.expect_finding("engine/include/djcache/cache.h:5: a line of 101 columns",
                            {"engine/include/djcache/cache.h": text})

    def test_a_long_comment_of_a_source_is_found(self):
        text = '#include "cache/key.h"\n\n// ' + "x" * 98 + "\n"
        self.expect_finding("engine/src/cache/key.cc:3: a line of 101 columns", {"engine/src/cache/key.cc": text})

    def test_rooms_and_the_table_of_the_design_must_agree(self):
        table = "| folder of `engine/src` | what it does |\n|---|---|\n| `cache/` | keys, in `net/` too |\n"
        self.expect_finding("engine/docs/design.md:1: the table of rooms lacks net/", {"engine/docs/design.md": table})
        table += "| `net/`, `link/` | sockets |\n"
        self.expect_finding("engine/docs/design.md:1: the table of rooms has link/", {"engine/docs/design.md": table})

    def test_rooms_that_include_each_other_are_found(self):
        code, lines = tidy({"engine/src/cache/key.cc": '#include "cache/key.h"\n\n#include "net/stream.h"\n',
                            "engine/src/net/stream.cc": '#include "net/stream.h"\n\n#include "cache/key.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("engine/src:1: rooms that include each other: cache net: let arrows run down only", lines)

    def test_a_path_of_one_machine_is_found(self):
        self.expect_finding("run.sh:1: an absolute path of one machine", {"run.sh": "ls /" + "home/somebody\n"})

    def test_a_registry_is_found(self):
        self.expect_finding("run.sh:1: the name of a package registry", {"run.sh": "curl py" + "pi.org\n"})

    def test_a_test_of_djangos_without_cases_is_found(self):
        checker = (TIDY.parent.parent / "conformance/check_traceability.py").read_text(encoding="utf-8").partition("\n")[2]
        self.expect_finding("conformance/traceability.json:1: T.test_add is missing", {
            "conformance/check_traceability.py": checker,
            "conformance/oracle/django_tests.json": '{"T": ["test_add"]}\n',
            "conformance/traceability.json": '{"format": 1, "django": "4.2", "tests": {}}\n',
        })

    def test_a_broken_link_is_found(self):
        self.expect_finding("README.md:2: the link to engine/none.md leads nowhere",
                            {"README.md": "See\n[that](engine/none.md).\n"})

    def test_a_link_in_a_code_block_is_text(self):
        self.assertEqual(tidy({"README.md": "```\n[that](engine/none.md)\n```\n"})[0], 0)

    def test_a_script_that_does_not_parse_is_found(self):
        self.expect_finding("run.sh:3: not a valid shell script", {"run.sh": "if true; then\n  echo yes\n"})

    def test_a_script_that_cannot_be_run_is_found(self):
        self.expect_finding("run.sh:1: a script that cannot be run", {"run.sh": "#!/bin/sh\necho hello\n"})


def git(folder, *arguments):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


class SubjectTest(unittest.TestCase):
    """Runs ci/tidy in a repository whose first commit is the last one that is not checked."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.holder = Path(holder.name)
        self.folder = self.holder / "repository"
        for name, text in SOUND.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git(self.folder, "init", "-q")
        git(self.folder, "add", "-A")
        self.after = self.commit("What was committed before may be called anything")

    def commit(self, subject):
        git(self.folder, "commit", "-q", "--allow-empty", "-m", subject)
        return git(self.folder, "rev-parse", "HEAD")

    def findings(self, folder=None):
        environment = {**os.environ, "DJCACHE_SUBJECTS_AFTER": self.after}
        result = subprocess.run([sys.executable, str(TIDY), str(folder or self.folder)], capture_output=True, text=True,
                                check=False, env=environment)
        self.assertEqual(result.stderr, "")
        return without_notes(result.stdout)[:-1]

    def test_a_room_and_a_colon_are_fine(self):
        self.commit("link: a lease is given back once")
        self.commit("fuzz, cache: lines as the formatter has them")
        self.commit("reliability.md: what is promised when memory runs out")
        self.commit("cache: " + "x" * 65)
        self.assertEqual(self.findings(), [])

    def test_a_subject_that_is_too_long_is_found(self):
        commit = self.commit("cache: " + "x" * 66)
        (finding,) = self.findings()
        self.assertRegex(finding, r"^commit [0-9a-f]+:1: a subject of 73 characters: ")
        self.assertTrue(commit.startswith(finding.split()[1].split(":")[0]))

    def test_a_subject_without_a_room_is_found(self):
        self.commit("Small things")
        self.assertIn("does not begin with a room", "".join(self.findings()))

    def test_a_merge_may_be_called_as_git_calls_it(self):
        git(self.folder, "checkout", "-q", "-b", "aside")
        self.commit("link: a change beside")
        git(self.folder, "checkout", "-q", "-")
        self.commit("cache: a change")
        git(self.folder, "merge", "-q", "--no-edit", "aside")
        self.assertEqual(self.findings(), [])

    def test_a_shallow_clone_is_passed_over(self):
        self.commit("Small things")
        clone = self.holder / "clone"
        git(self.holder, "clone", "-q", "--depth", "1", self.folder.as_uri(), str(clone))
        self.assertEqual(self.findings(clone), [])

    def test_an_archive_is_passed_over(self):
        self.commit("Small things")
        exported = self.holder / "exported"
        exported.mkdir()
        git(self.folder, "archive", "-o", str(self.holder / "all.tar"), "HEAD")
        subprocess.run(["tar", "-xf", str(self.holder / "all.tar"), "-C", str(exported)], check=True)
        self.assertEqual(self.findings(exported), [])


if __name__ == "__main__":
    unittest.main()
