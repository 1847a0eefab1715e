#!/usr/bin/python3
"""Compares the cost of a call with stock Django, django-redis and redis-py's asyncio client on one
redis-server: microseconds of CPU per call, and calls per second.

Usage: django_bench.py <redis-server>
Takes the best of three rounds. The clients are measured one after the other, each in a process of
its own.
"""

import asyncio
import contextlib
import json
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))

import servers

BACKENDS = {
    "djcache": "djcache.django.RedisCache",
    "stock": "django.core.cache.backends.redis.RedisCache",
    "django-redis": "django_redis.cache.RedisCache",
}
VALUES = {"32 B": "x" * 32, "a dict": {f"field{i}": i for i in range(20)}, "64 KiB": "x" * 65536}
CALLS, ROUNDS = 3000, 3


def best(work, calls):
    """Returns (microseconds of CPU per call, calls per second)."""
    rounds = []
    for _ in range(ROUNDS):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        rounds.append(((time.process_time() - cpu) / calls * 1e6, calls / (time.perf_counter() - wall)))
    return min(each[0] for each in rounds), max(each[1] for each in rounds)


def on_threads(cache, threads):
    def get():
        for _ in range(CALLS // threads):
            cache.get("32_B")

    def work():
        crew = [threading.Thread(target=get) for _ in range(threads)]
        for each in crew:
            each.start()
        for each in crew:
            each.join()

    return work


def in_tasks(aget, tasks):
    async def get():
        for _ in range(CALLS // tasks):
            await aget()

    async def all_of_them():
        await asyncio.gather(*(get() for _ in range(tasks)))

    return lambda: asyncio.run(all_of_them())


def measure(name, url):
    from django.core.cache import CacheHandler

    if name == "redis-py asyncio":
        import redis.asyncio

        def tasks_of(tasks):
            async def work():
                client = redis.asyncio.Redis.from_url(url)
                await asyncio.gather(*(repeat(client.get, ":1:32_B", CALLS // tasks) for _ in range(tasks)))
                await client.close(True)

            return lambda: asyncio.run(work())

        async def repeat(get, key, times):
            for _ in range(times):
                await get(key)

        return {f"aget, {tasks} tasks": best(tasks_of(tasks), CALLS) for tasks in (1, 100)}

    cache = CacheHandler({"default": {"BACKEND": BACKENDS[name], "LOCATION": url}})["default"]
    figures = {}
    for kind, value in VALUES.items():
        key = kind.replace(" ", "_")
        calls = CALLS if len(str(value)) < 10_000 else CALLS // 10
        figures[f"set {kind}"] = best(lambda: [cache.set(key, value) for _ in range(calls)], calls)
        figures[f"get {kind}"] = best(lambda: [cache.get(key) for _ in range(calls)], calls)
    cache.set_many({f"k{i}": i for i in range(100)})
    keys = [f"k{i}" for i in range(100)]
    figures["get_many of 100"] = best(lambda: [cache.get_many(keys) for _ in range(CALLS // 10)], CALLS // 10)
    figures["get 32 B, 16 threads"] = best(on_threads(cache, 16), CALLS)
    if name == "djcache":
        for tasks in (1, 100, 1000):
            figures[f"aget, {tasks} tasks"] = best(in_tasks(lambda: cache.aget("32_B"), tasks), CALLS)
    return figures


def main():
    if len(sys.argv) == 4:
        from django.conf import settings

        settings.configure()
        return print(json.dumps(measure(sys.argv[2], sys.argv[3])))
    with contextlib.closing(servers.Server(sys.argv[1])) as server:
        for name in (*BACKENDS, "redis-py asyncio"):
            done = subprocess.run(
                [sys.executable, "-B", __file__, sys.argv[1], name, server.url()], stdout=subprocess.PIPE, check=True
            )
            for what, (cpu, rate) in json.loads(done.stdout).items():
                print(f"{name:17} {what:22} {cpu:8.1f} us of CPU {rate:10.0f} a second", flush=True)


if __name__ == "__main__":
    main()
