"""Tests of the coroutines: futures completed by the engine, many event loops, cancellation, and
Django's ticket #35651."""

import asyncio
import contextvars
import gc
import os
import threading

import fixture
from django.core.cache import cache as default_cache
from django.core.cache import caches
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.test import AsyncRequestFactory
from fixture import MEMORY, REDIS, CacheTest, cache_of, server

from djcache.django import AsyncRedisCache, adisconnect, disconnect


class Coroutines(CacheTest):
    def run_in_both(self, work):
        for backend in (REDIS, MEMORY):
            with self.subTest(backend):
                cache = cache_of(backend)
                cache.clear()
                asyncio.run(work(cache))

    def test_every_verb(self):
        async def work(cache):
            self.assertIsNone(await cache.aget("k"))
            self.assertTrue(await cache.aadd("k", 1))
            self.assertEqual((await cache.aincr("k", 5), await cache.adecr("k")), (6, 5))
            self.assertTrue(await cache.ahas_key("k"))
            self.assertTrue(await cache.atouch("k", 100))
            self.assertEqual(await cache.aincr_version("k"), 2)
            self.assertEqual(await cache.adecr_version("k", version=2), 1)
            with self.assertRaises(ValueError):
                await cache.aincr("absent")
            await cache.aset("o", {"a": [1]})
            self.assertEqual(await cache.aget_many(["k", "o", "x"]), {"k": 5, "o": {"a": [1]}})
            self.assertEqual(await cache.aset_many({"x": 1, "y": 2}), [])
            await cache.adelete_many(["x"])
            self.assertTrue(await cache.adelete("y"))
            self.assertEqual(await cache.aget_or_set("made", lambda: 3), 3)
            await cache.aclear()
            self.assertEqual(await cache.aget_many(["k", "o"]), {})
            await cache.aclose()

        self.run_in_both(work)

    def test_no_other_thread_of_python_is_used(self):
        async def work(cache):
            await asyncio.gather(*(cache.aset(str(i), i) for i in range(100)))
            self.assertEqual(threading.active_count(), 1)

        self.run_in_both(work)

    def test_one_producer_for_all_tasks(self):
        async def work(cache):
            ran = []

            async def produce():
                ran.append(1)
                await asyncio.sleep(0)
                return "made"

            made = await asyncio.gather(*(cache.aget_or_set("k", produce) for _ in range(50)))
            self.assertEqual((set(made), ran), ({"made"}, [1]))

            async def fail():
                raise KeyError("mine")

            with self.assertRaises(KeyError):
                await cache.aget_or_set("other", fail)

        self.run_in_both(work)

    def test_many_answers_are_one_wake_up(self):
        async def work(cache):
            loop, inbox = cache._handle.inbox()
            batches = []
            loop.remove_reader(inbox.fileno())
            loop.add_reader(inbox.fileno(), lambda: batches.append(inbox.empty()))
            await asyncio.gather(*(cache.aget(str(i)) for i in range(1000)))
            self.assertEqual(sum(batches), 1000)
            self.assertLess(len(batches), 100)

        asyncio.run(work(cache_of()))

    def test_a_cancelled_task_gives_up_and_the_connection_is_in_step(self):
        async def work(cache):
            await cache.aset("k", "v")
            server.stop()
            try:
                tasks = [asyncio.ensure_future(cache.aget(f"k{i}")) for i in range(20)]
                await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
                self.assertTrue(all(isinstance(each, asyncio.CancelledError) for each in ended))
            finally:
                server.cont()
            self.assertEqual(await cache.aget("k"), "v")
            self.assertEqual(cache._handle.store.pools()[0]["connects"], connects)

        cache = cache_of()
        cache.get("k")
        connects = cache._handle.store.pools()[0]["connects"]
        asyncio.run(work(cache))

    def test_event_loops_come_and_go_and_leave_nothing(self):
        cache = cache_of()

        async def work():
            await asyncio.gather(*(cache.aset(str(i), i) for i in range(10)))

        asyncio.run(work())
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(100):
            asyncio.run(work())
        gc.collect()
        self.assertLess(len(os.listdir("/proc/self/fd")), before + 10)
        self.assertEqual(fixture.clients(), 1)

    def test_a_loop_that_ends_amid_operations_leaves_nothing_behind(self):
        cache = cache_of()

        async def work():
            for i in range(50):
                asyncio.ensure_future(cache.aget(str(i)))
            await asyncio.sleep(0)

        for _ in range(20):
            asyncio.run(work())
        self.assertIsNone(cache.get("k"))

    def test_loops_in_many_threads_share_one_connection(self):
        cache = cache_of()
        wrong = []

        async def work(n):
            for i in range(50):
                await cache.aset(f"{n}:{i}", i)
                if await cache.aget(f"{n}:{i}") != i:
                    wrong.append((n, i))

        threads = [threading.Thread(target=lambda n=n: asyncio.run(work(n))) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(fixture.clients(), 1)

    def test_the_raw_client_of_asyncio_closes_as_it_says(self):
        async def work():
            cache = AsyncRedisCache(server.url(), {})
            client = cache._cache.get_client(write=True)
            self.assertEqual(await client.set("k", "v"), True)
            async with client.pipeline() as pipe:
                self.assertEqual(await pipe.get("k").incr("n").execute(), [b"v", 1])
            await client.aclose()
            self.assertEqual(fixture.clients(), 1)
            await client.aclose(close_connection_pool=True)
            fixture.servers.Server.wait_until(lambda: fixture.clients() == 0)
            self.assertEqual(await cache.aget("absent", 4), 4)
            self.assertEqual((await adisconnect())["connections"], 1)

        asyncio.run(work())


# Ticket #35651 of Django: each thread and each context had its own pool, which was never closed.
class Ticket35651(CacheTest):
    REQUESTS = 80

    def test_threads_that_end(self):
        for i in range(self.REQUESTS):
            thread = threading.Thread(target=lambda: default_cache.set("k", i))
            thread.start()
            thread.join()
        self.assertEqual(fixture.clients(), 1)

    def test_contexts(self):
        for i in range(self.REQUESTS):
            contextvars.Context().run(default_cache.set, "k", i)
        self.assertEqual(fixture.clients(), 1)

    def test_event_loops(self):
        for i in range(self.REQUESTS):
            asyncio.run(default_cache.aset("k", i))
        self.assertEqual(fixture.clients(), 1)

    def test_asgi_requests_at_once(self):
        async def view(request):
            await caches["default"].aget_or_set("k", 1)
            return HttpResponse(str(await caches["default"].aincr("visits")))

        class Handler(ASGIHandler):
            def resolve_request(self, request):
                request.resolver_match = type("Match", (), {"url_name": None})()
                return view, (), {}

        async def work():
            await default_cache.aset("visits", 0)
            handler = Handler()
            factory = AsyncRequestFactory()
            scopes = [factory.get("/") for _ in range(self.REQUESTS)]
            answers = await asyncio.gather(*(handler.get_response_async(scope) for scope in scopes))
            self.assertEqual(sorted(int(a.content) for a in answers), list(range(1, self.REQUESTS + 1)))
            self.assertEqual(fixture.clients(), 1)

        asyncio.run(work())
        self.assertEqual(disconnect()["connections"], 1)
