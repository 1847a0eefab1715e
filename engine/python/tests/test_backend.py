"""Tests of the blocking methods of RedisCache and MemoryCache: Django's semantics, django-redis'
options and methods."""

import warnings
from datetime import datetime, timedelta, timezone

import fixture
import redis.exceptions
from django.core.cache.backends.base import CacheKeyWarning
from django.core.exceptions import ImproperlyConfigured
from fixture import MEMORY, REDIS, STOCK, CacheTest, cache_of, server

import djcache
from djcache.django import disconnect

VALUES = [0, 1, -1, 2**63 - 1, -(2**63), 2**80, True, None, 1.5, "é", "", b"\x00", [1, {"a": (2,)}], {"k": {3}},
          datetime(2024, 1, 2, tzinfo=timezone.utc), "12", b"12", "x" * 100_000]


def shouting(key, prefix, version):
    return f"{prefix}!{version}!{key.upper()}"


class Django(CacheTest):
    def each(self):
        for backend in (REDIS, MEMORY):
            cache = cache_of(backend)
            cache.clear()
            with self.subTest(backend):
                yield cache

    def test_every_kind_of_object_comes_back(self):
        for cache in self.each():
            for value in VALUES:
                cache.set("k", value)
                found = cache.get("k")
                self.assertEqual((found, type(found)), (value, type(value)))
            cache.set_many({str(i): value for i, value in enumerate(VALUES)})
            self.assertEqual(cache.get_many([str(i) for i in range(99)]), {str(i): v for i, v in enumerate(VALUES)})

    def test_stock_django_reads_what_this_writes_and_the_other_way_round(self):
        ours, stock = cache_of(), cache_of(STOCK)
        for value in VALUES:
            ours.set("ours", value)
            stock.set("stock", value)
            self.assertEqual(stock.get("ours"), value)
            self.assertEqual(ours.get("stock"), value)
            self.assertEqual(server.run("GET", ":1:ours"), server.run("GET", ":1:stock"))
        stock._cache.get_client().connection_pool.disconnect()
        stock._cache._pools[0].disconnect()

    def test_every_verb(self):
        for cache in self.each():
            self.assertIsNone(cache.get("k"))
            self.assertEqual(cache.get("k", 7), 7)
            self.assertTrue(cache.add("k", 1))
            self.assertFalse(cache.add("k", 2))
            self.assertEqual((cache.incr("k"), cache.incr("k", 5), cache.decr("k", 2)), (2, 7, 5))
            self.assertTrue(cache.has_key("k") and "k" in cache)
            self.assertTrue(cache.touch("k", 100))
            self.assertFalse(cache.touch("absent"))
            self.assertEqual((cache.incr_version("k"), cache.get("k"), cache.get("k", version=2)), (2, None, 5))
            self.assertEqual((cache.decr_version("k", version=2), cache.get("k")), (1, 5))
            for missing in (cache.incr, cache.decr, cache.incr_version):
                with self.assertRaises(ValueError):
                    missing("absent")
            self.assertEqual(cache.get_or_set("made", lambda: "m"), "m")
            self.assertEqual(cache.get_or_set("made", "n"), "m")
            self.assertTrue(cache.delete("k"))
            self.assertFalse(cache.delete("k"))
            self.assertEqual(cache.set_many({"a": 1, "b": [2]}), [])
            self.assertEqual(cache.get_many(["a", "b", "c"]), {"a": 1, "b": [2]})
            cache.delete_many(["a"])
            self.assertEqual(cache.get_many(["a", "b"]), {"b": [2]})
            cache.set("gone", 1, timeout=0)
            self.assertFalse("gone" in cache)
            cache.clear()
            self.assertEqual(cache.get_many(["b", "made"]), {})
            cache.close()

    def test_incr_version_is_one_round_trip_and_gives_the_life_of_the_alias(self):
        for timeout in (300, None):
            cache = cache_of(TIMEOUT=timeout)
            cache.set("k", "v", timeout=10)
            operations = sum(pool["operations"] for pool in cache._handle.store.pools())
            cache.incr_version("k")
            self.assertEqual(sum(pool["operations"] for pool in cache._handle.store.pools()) - operations, 1)
            self.assertEqual(cache.ttl("k", version=2), timeout)

    def test_warnings_are_djangos(self):
        for cache in self.each():
            for key in ("with a space", "x" * 300, "\x7f"):
                with warnings.catch_warnings(record=True) as seen:
                    warnings.simplefilter("always")
                    cache.set(key, 1)
                self.assertEqual([warning.category for warning in seen], [CacheKeyWarning])

    def test_key_function_prefix_and_version(self):
        cache = cache_of(KEY_FUNCTION=shouting, KEY_PREFIX="p", VERSION=3)
        cache.set("k", 1)
        self.assertEqual(server.run("KEYS", "*"), [b"p!3!K"])

    def test_a_producer_runs_once_and_its_exception_passes(self):
        for cache in self.each():
            ran = []
            with self.assertRaisesRegex(KeyError, "mine"):
                cache.get_or_set("k", lambda: {}["mine"])
            self.assertEqual(cache.get_or_set("k", lambda: ran.append(1) or cache.get_or_set("k", 4)), 4)
            self.assertEqual(ran, [1])

    def test_memory_counts_what_python_adds(self):
        cache = cache_of(MEMORY)
        for value, delta, sum in ((1.5, 1, 2.5), (2**63 - 1, 1, 2**63), (True, 1, 2)):
            cache.set("n", value)
            self.assertEqual(cache.incr("n", delta), sum)


class Errors(CacheTest):
    def test_they_are_those_of_redis_py_and_no_others(self):
        gone = cache_of(location="redis://127.0.0.1:1/0")
        with self.assertRaises(redis.exceptions.ConnectionError) as caught:
            gone.get("k")
        self.assertIsInstance(caught.exception, djcache.ConnectionError)
        cache = cache_of()
        cache.set("text", "no number")
        with self.assertRaises(redis.exceptions.ResponseError):
            cache.incr("text")
        server.run("CONFIG", "SET", "requirepass", "s3cret")
        try:
            with self.assertRaises(redis.exceptions.AuthenticationError) as caught:
                cache_of(OPTIONS={"password": "wrong one"}).get("k")
            self.assertNotIn("wrong one", str(caught.exception))
            cache_of(OPTIONS={"PASSWORD": "s3cret"}).set("k", 1)
        finally:
            disconnect()
            server.run("CONFIG", "SET", "requirepass", "")

    def test_bad_settings_name_the_place_when_the_cache_is_made(self):
        for more in ({"OPTIONS": {"db": "many"}}, {"location": "http://nowhere"}):
            with self.assertRaises(ImproperlyConfigured):
                cache_of(**more)

    def test_ignored_exceptions_are_misses(self):
        gone = cache_of(location="redis://127.0.0.1:1/0", OPTIONS={"IGNORE_EXCEPTIONS": True})
        self.assertEqual((gone.get("k", 4), gone.get_many(["k"]), gone.set("k", 1)), (4, {}, None))


class DjangoRedis(CacheTest):
    def test_options_mean_the_same(self):
        theirs = "django_redis.cache.RedisCache"
        for options in (
            {"SERIALIZER": "django_redis.serializers.json.JSONSerializer"},
            {"COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"},
            {"COMPRESSOR": "django_redis.compressors.lz4.Lz4Compressor", "PICKLE_VERSION": 2},
            {"CLIENT_CLASS": "django_redis.client.DefaultClient", "SOCKET_TIMEOUT": 5, "SOCKET_CONNECT_TIMEOUT": 5},
            {"CONNECTION_POOL_KWARGS": {"max_connections": 3}},
        ):
            with self.subTest(options):
                ours, other = cache_of(OPTIONS=options), cache_of(theirs, OPTIONS=options)
                for value in (7, "text", ["x" * 1000, 1], {"k": "v" * 50}):
                    ours.set("ours", value)
                    other.set("theirs", value)
                    self.assertEqual(other.get("ours"), value)
                    self.assertEqual(ours.get("theirs"), value)
                other.client.get_client().connection_pool.disconnect()

    def test_its_methods(self):
        cache = cache_of()
        cache.set("k", 1, timeout=None)
        self.assertEqual((cache.ttl("k"), cache.ttl("absent"), cache.pttl("absent")), (None, 0, 0))
        self.assertTrue(cache.expire("k", timedelta(seconds=50)))
        self.assertEqual(cache.ttl("k"), 50)
        self.assertTrue(cache.pexpire("k", 20_000) and cache.ttl("k") == 20)
        self.assertTrue(cache.persist("k") and cache.ttl("k") is None)
        self.assertTrue(cache.expire_at("k", datetime.now() + timedelta(hours=1)))
        self.assertTrue(3590 <= cache.ttl("k") <= 3600)
        self.assertTrue(cache.set("new", 1, nx=True) and not cache.set("new", 2, nx=True))
        self.assertFalse(cache.set("absent", 1, xx=True))
        cache.set_many({f"p:{i}": i for i in range(1200)})
        self.assertEqual(sorted(cache.keys("p:1?")), sorted(f"p:1{i}" for i in range(10)))
        self.assertEqual(len(set(cache.iter_keys("p:*", itersize=100))), 1200)
        self.assertEqual(cache.delete_pattern("p:*"), 1200)
        self.assertEqual(sorted(cache.keys("*")), ["k", "new"])
        with cache.lock("l", timeout=10) as lock:
            self.assertTrue(lock.owned())
            self.assertFalse(cache.lock("l").acquire(blocking=False))

    def test_the_raw_client_is_redis_pys_over_the_same_connection(self):
        cache = cache_of()
        for client in (cache.client.get_client(), cache._cache.get_client(write=False)):
            client.hset("h", mapping={"a": 1})
            with client.pipeline() as pipe:
                pipe.incr("n")
                pipe.hgetall("h")
                self.assertEqual(pipe.execute()[1], {b"a": b"1"})
            with self.assertRaises(redis.exceptions.ResponseError):
                client.incr("h")
            self.assertEqual(client.execute_command("PING"), True)
            self.assertEqual(client.eval("return {1, 'x'}", 0), [1, b"x"])
        self.assertEqual(fixture.clients(), 1)
