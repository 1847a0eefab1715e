"""Tests of threads, fork, signals and the end of the interpreter."""

import os
import signal
import threading
import unittest

import fixture
from fixture import CacheTest, cache_of, in_a_process, server

from djcache.django import disconnect
from djcache.django.testing import CacheTestCase


class Threads(CacheTest):
    def test_sixteen_share_one_connection_and_each_has_its_own_answers(self):
        cache, wrong = cache_of(), []

        def work(n):
            for i in range(200):
                cache.set(f"k{n}", [n, i])
                if cache.get(f"k{n}") != [n, i]:
                    wrong.append((n, i))
                cache.incr("sum")

        cache.set("sum", 0)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((wrong, cache.get("sum")), ([], 3200))
        self.assertEqual(fixture.clients(), 1)

    def test_one_producer_for_all_threads(self):
        cache, ran, made = cache_of(), [], []
        begun, go_on = threading.Event(), threading.Event()

        def produce():
            ran.append(1)
            begun.set()
            go_on.wait(fixture.SECONDS)
            return "made"

        threads = [threading.Thread(target=lambda: made.append(cache.get_or_set("k", produce))) for _ in range(8)]
        threads[0].start()
        begun.wait(fixture.SECONDS)
        for thread in threads[1:]:
            thread.start()
        go_on.set()
        for thread in threads:
            thread.join()
        self.assertEqual((made, ran), (["made"] * 8, [1]))

    def test_other_threads_run_while_one_waits(self):
        cache = cache_of()
        cache.get("k")
        server.stop()
        try:
            waits = threading.Thread(target=lambda: cache.get("k"))
            waits.start()
            self.assertEqual(sum(range(1000)), 499500)  # not reached if a waiting call held the GIL
        finally:
            server.cont()
        waits.join()


class Processes(CacheTest):
    def test_a_child_has_an_engine_of_its_own_and_the_parent_keeps_its_connection(self):
        out = in_a_process(
            """
cache.set("k", 1)
for i in range(3):
    pid = os.fork()
    if pid == 0:
        cache.incr("k")
        os._exit(0 if cache.get("k") == i + 2 else 1)
    assert os.waitpid(pid, 0)[1] == 0
assert cache.get("k") == 4
print(cache._handle.store.pools()[0]["connects"])
"""
        )
        self.assertEqual(out.strip(), "1")

    @unittest.skipIf("asan" in os.environ.get("LD_PRELOAD", ""), "a sanitizer's locks do not survive such a fork")
    def test_fork_among_busy_threads(self):
        in_a_process(
            """
import threading
from django.core.cache import caches
cache = caches["default"]  # asgiref's Local, behind the proxy, has a lock that a child may find taken
stop = threading.Event()
def work():
    while not stop.is_set():
        cache.set("k", 1); cache.get("k")
threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
for t in threads: t.start()
for i in range(10):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if cache.get("absent", 5) == 5 else 1)
    assert os.waitpid(pid, 0)[1] == 0
stop.set()
for t in threads: t.join()
"""
        )

    def test_multiprocessing(self):
        in_a_process(
            """
import multiprocessing
cache.set("n", 0)
def incr(key): return cache.incr(key)
with multiprocessing.get_context("fork").Pool(4) as pool:
    assert sorted(pool.map(incr, ["n"] * 40)) == list(range(1, 41))
"""
        )

    def test_a_signal_interrupts_a_call_that_waits(self):
        server.stop()
        try:
            out = in_a_process(
                """
import signal, threading, time
cache._handle  # made
signal.alarm(1)
def heard(*_): raise InterruptedError("heard")
signal.signal(signal.SIGALRM, heard)
try:
    while True: 
        try: cache.get("k")
        except cache_errors: pass
except InterruptedError as error:
    print(error)
""".replace("cache_errors", "__import__('redis').exceptions.TimeoutError")
            )
        finally:
            server.cont()
        self.assertEqual(out.strip(), "heard")

    def test_the_interpreter_ends_amid_calls(self):
        server.stop()
        try:
            in_a_process(
                """
import threading, asyncio
for _ in range(4): threading.Thread(target=lambda: cache.get("k"), daemon=True).start()
async def work(): asyncio.ensure_future(cache.aget("k")); await asyncio.sleep(0)
asyncio.run(work())
"""
            )
        finally:
            server.cont()

    @unittest.skipIf("asan" in os.environ.get("LD_PRELOAD", ""), "a sanitizer keeps what was freed")
    def test_memory_is_flat(self):
        grown = in_a_process(
            """
import asyncio, gc
def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4
def work(n):
    for i in range(n):
        cache.set("k", [i]); cache.get("k"); cache.get_many(["k", "x"])
        try: cache.incr("absent")
        except ValueError: pass
async def awork(n):
    for i in range(n): await cache.aset("k", [i]); await cache.aget("k")
work(2000); asyncio.run(awork(2000))
before = resident()
work(int(sys.argv[1])); asyncio.run(awork(int(sys.argv[1])))
print(resident() - before)
""",
            os.environ.get("DJCACHE_PYTHON_CALLS", "3000"),
        )
        self.assertLess(int(grown), 4096)


class Disconnecting(CacheTest):
    def test_the_report_counts_and_the_cache_goes_on(self):
        cache = cache_of()
        cache.set("k", 1)
        self.assertEqual(disconnect(), {"connections": 1, "completed": 0, "aborted": 0, "limit_reached": False})
        fixture.servers.Server.wait_until(lambda: fixture.clients() == 0)
        self.assertEqual(cache.get("k"), 1)

    def test_a_test_case_asserts_that_nothing_is_left(self):
        class Case(CacheTestCase):
            def test(self):
                cache_of().set("k", 1)

        case = Case("test")
        result = case.run()
        self.assertTrue(result.wasSuccessful(), result.failures + result.errors)
        self.assertEqual(case.cache_report["connections"], 1)
        self.assertEqual(fixture.clients(), 0)
