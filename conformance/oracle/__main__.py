#!/usr/bin/env python3
"""The oracle: replays the conformance cases against real Django. conformance/oracle/README.md says how and why.

Exits with 0 if every shared case is what Django does, 1 if not, 2 if it could not begin.
"""
import argparse
import concurrent.futures
import pathlib
import re
import shutil
import sys
import time

sys.dont_write_bytecode = True
sys.setrecursionlimit(20000)

try:
    import django
    import jsonschema  # noqa: F401  (case_file needs it)
    import msgpack  # noqa: F401  (the documented serializer needs it)
    import redis
    from django.conf import settings
except ImportError as error:
    sys.exit(f"oracle: {error}: run ci/setup --oracle")

settings.configure(USE_TZ=True)

import async_differences
import case_file
import reports
import serializers
import wire
from django_caches import BACKENDS, Caches
from replay import Mismatch, Replay
from servers import Server, ServerSet
from values import FormatError

FLAVOURS = ("sync", "async")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="oracle", description="Replays conformance cases against real Django.")
    parser.add_argument("files", nargs="*", help="case files or folders (default: fixtures/cases)")
    parser.add_argument("--filter", default="", help="regular expression that a case's id must contain")
    parser.add_argument("--label", action="append", default=[], help="only cases with this label; may be repeated")
    parser.add_argument("--no-slow", action="store_true", help="leave out the cases that wait for real time")
    parser.add_argument("--backend", action="append", choices=sorted(BACKENDS), help="default: all")
    parser.add_argument("--flavour", action="append", choices=FLAVOURS, help="default: both")
    parser.add_argument("--serializer", action="append", choices=serializers.NAMES, help="default: all")
    parser.add_argument("--jobs", type=int, default=6, help="processes, which mostly wait (default: 6)")
    parser.add_argument("--update-async", action="store_true", help="write async_differences.json anew from this run")
    parser.add_argument("--redis-server", default="redis-server", help="the program to start (default: redis-server)")
    parser.add_argument("--json", type=pathlib.Path, help="write the results and what was left on the servers")
    parser.add_argument("--junit", type=pathlib.Path, help="write a JUnit report")
    return parser.parse_args()


def configurations(case, options):
    """(backend, flavour, serializer) of each replay of a case; serializers matter only to redis."""
    for backend in options.backend or BACKENDS:
        for flavour in options.flavour or FLAVOURS:
            for serializer in case.serializers if backend == "redis" else [""]:
                if not serializer or not options.serializer or serializer in options.serializer:
                    yield backend, flavour, serializer


def not_replayed(case, backend, flavour, serializer, server_version):
    """(status, reason) when this configuration does not replay the case, or None."""
    if case.skip:
        return "skipped", case.skip
    if case.django is not True:
        return "not shared", case.django
    if case.peer:
        return "not shared", "Django cannot speak to the scripted peer of djcache"
    if "django_redis" in case.labels and (backend, flavour) != ("redis", "sync"):
        return "not shared", "django-redis has sync caches on redis alone"
    if case.backends[backend] is not True:
        return "not shared", f"not for {backend}: {case.backends[backend]}"
    if serializer and serializer not in serializers.CLASSES:
        return "not shared", f"the oracle has no serializer {serializer}"
    for need in case.needs:
        match = re.fullmatch(r"server(>=|<)([\d.]+)", need)
        if match and (numbers(server_version) >= numbers(match[2])) != (match[1] == ">="):
            return "skipped", f"needs {need}, and this one is {server_version}"
    return None


def numbers(version):
    return [int(part) for part in version.split(".")]


class Oracle:
    """Replays cases, with one server shared by those that do nothing to it."""

    def __init__(self, program):
        self.program = program
        self.shared = Server(program)
        self.version = self.shared.version()

    def replay(self, case, backend, flavour, serializer):
        """The result of one case in one configuration, in the shape of the runner's --json."""
        result = {"id": case.id, "backend": backend, "flavour": flavour, "serializer": serializer,
                  "server": f"redis {self.version}" if backend == "redis" else "", "status": "passed", "reason": "",
                  "diverges": bool(case.divergence), "composed": "", "seconds": 0.0, "unseen_server_steps": 0, "state": []}
        excuse = not_replayed(case, backend, flavour, serializer, self.version)
        if excuse:
            result["status"], result["reason"] = excuse
            return result
        begin = time.monotonic()
        try:
            self.run(case, result)
        except Mismatch as error:
            result["status"], result["reason"] = "failed", str(error)
        except (FormatError, wire.ErrorReply, OSError, RuntimeError) as error:
            result["status"], result["reason"] = "failed", f"{type(error).__name__}: {error}"
        result["seconds"] = round(time.monotonic() - begin, 4)
        return result

    def run(self, case, result):
        servers = ServerSet(self.program, self.shared, case.servers, case.needs)
        caches = replay = None
        try:
            caches = Caches(case, result["backend"], result["serializer"], servers)
            replay = Replay(case, caches, servers, result["backend"], result["flavour"], result["serializer"])
            replay.run()
            if result["backend"] == "redis":
                result["state"] = servers.state()
        finally:
            if replay:
                result["unseen_server_steps"] = replay.unseen_server_steps
                result["composed"] = replay.composed
            if caches:
                caches.close()
            servers.close()

    def close(self):
        self.shared.close()


def replay_share(program, share):
    """Replays one process' share: [(place, case, configuration)] -> [(place, result)]."""
    oracle = Oracle(program)
    try:
        return oracle.version, [(place, oracle.replay(case, *configuration)) for place, case, configuration in share]
    finally:
        oracle.close()


def replay_all(work, options):
    """All results in the order of the work, and the server's version. Each process has its own servers."""
    program = shutil.which(options.redis_server)
    if not program:
        sys.exit(f"oracle: {options.redis_server} is not there: run ci/setup --oracle")
    numbered = [(place, *item) for place, item in enumerate(work)]
    shares = [numbered[first::options.jobs] for first in range(min(options.jobs, len(numbered)))]
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        answers = list(pool.map(replay_share, [program] * len(shares), shares))
    results = [result for _, share in answers for result in share]
    return answers[0][0] if answers else "", [result for _, result in sorted(results, key=lambda pair: pair[0])]


def chosen(cases, options):
    for case in cases:
        if options.filter and not re.search(options.filter, case.id):
            continue
        if set(options.label) - set(case.labels) or (options.no_slow and "slow" in case.labels):
            continue
        yield case


def main():
    options = parse_arguments()
    try:
        cases, problems = case_file.load_all(case_file.find_files(options.files))
    except FormatError as error:
        sys.exit(f"oracle: {error}")
    work = [(case, configuration) for case in chosen(cases, options) for configuration in configurations(case, options)]
    if not work:
        sys.exit("oracle: no case was chosen\n" + "\n".join(problems))
    version, results = replay_all(work, options)
    everything = len({case.id for case, _ in work}) == len(cases) and not options.files and not problems
    if options.update_async:
        async_differences.write(results)
    problems += async_differences.weigh(results, everything)
    print(f"django {django.__version__}, redis-py {redis.__version__}, redis-server {version}")
    reports.print_table(results, problems, sys.stdout)
    if options.json:
        reports.write_json(options.json, results)
    if options.junit:
        reports.write_junit(options.junit, results, problems)
    return conclude(results, problems)


def conclude(results, problems):
    counts = reports.count(results)
    shared = len({result["id"] for result in results if result["status"] == "passed"})
    print(f"{shared} shared cases: {counts['passed']} replays passed, {counts['failed']} failed, "
          f"{counts['not shared']} not shared, {counts['skipped']} skipped; {len(problems)} problems with files")
    return 1 if counts["failed"] or problems else 0


if __name__ == "__main__":
    sys.exit(main())
