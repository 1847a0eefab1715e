#!/usr/bin/env python3
"""The adapter of Django's cache backends, and of any BACKEND by its dotted path. Speaks conformance/PROTOCOL.md.

    django_cache.py                                          Django's own redis, memory and dummy backends
    django_cache.py --backend django_redis.cache.RedisCache --name django-redis   that class, wherever a case says redis
    django_cache.py --backend django.core.cache.backends.locmem.LocMemCache --as memory --name locmem
"""
import argparse
import asyncio
import importlib.metadata
import json
import sys
import warnings

import django
from django.conf import settings

settings.configure(USE_TZ=True)

from django.core.cache import CacheHandler, CacheKeyWarning
from django.core.cache.backends import locmem

import django_redis_calls
import serializers
from tagged import Miss, read, write

DJANGO = {"redis": "django.core.cache.backends.redis.RedisCache", "memory": "django.core.cache.backends.locmem.LocMemCache",
          "dummy": "django.core.cache.backends.dummy.DummyCache"}
CALLS = ["get", "set", "add", "touch", "delete", "has_key", "contains", "get_many", "set_many", "delete_many", "incr", "decr",
         "incr_version", "decr_version", "get_or_set", "clear", "close", "make_key"]
# Methods without an async version in BaseCache.
ALWAYS_SYNC = ("contains", "make_key")
PASSED_ON = {"redis": ("db", "username", "password"), "memory": ("MAX_ENTRIES", "CULL_FREQUENCY"), "dummy": ()}
LIMIT_SECONDS = 10  # so that calls fail when their server is stopped


def name_of(error):
    """The class of the error as redis-py 4 names it: redis-py 6 subclasses ResponseError."""
    name = type(error).__name__
    refused = name == "AuthenticationError" and "Authentication required" not in str(error)
    return "ResponseError" if refused or name == "OutOfMemoryError" else name


class Case:
    """The caches of one case, one object per alias."""

    def __init__(self, message, backend, exact):
        self.is_exact = exact or "django_redis" not in (backend or "")
        self.own, self.is_async, self.serializer = backend, message["flavour"] == "async", message["serializer"]
        self.default = message["backend"]
        self.handler = CacheHandler({name: self.django_settings(alias) for name, alias in message["caches"].items()})
        self.runner = asyncio.Runner() if self.is_async else None
        self.made, self.kept, self.counted = [], {}, {}
        self.locks = django_redis_calls.Locks()

    def django_settings(self, alias):
        """The settings of an alias for Django, without options specific to djcache."""
        kind = next((name for name, path in DJANGO.items() if path == alias["BACKEND"]), self.default)
        given = alias.get("OPTIONS", {})
        out = {name: alias[name] for name in ("LOCATION", "TIMEOUT", "KEY_PREFIX", "VERSION") if name in alias}
        options = {name: given[name] for name in PASSED_ON[kind] if name in given}
        if "KEY_FUNCTION" in alias:
            out["KEY_FUNCTION"] = serializers.key_function(alias["KEY_FUNCTION"])
        if self.own and kind == self.default:
            if "django_redis" in self.own:
                options = {"SERIALIZER": serializers.of_django_redis(given.get("serializer", self.serializer)), "SOCKET_TIMEOUT": LIMIT_SECONDS,
                           "PICKLE_VERSION": -1, "CONNECTION_POOL_KWARGS": options}
            return {**out, "BACKEND": self.own, "OPTIONS": options}
        if kind == "redis":
            options["serializer"] = serializers.CLASSES[given.get("serializer", self.serializer)]
            options["socket_timeout"] = LIMIT_SECONDS
        return {**out, "BACKEND": DJANGO[kind], "OPTIONS": options}

    def cache(self, alias, fresh=False):
        """The cache of an alias; Django raises its error for an unknown one."""
        if alias not in self.handler.settings:
            return self.handler[alias]
        if fresh or alias not in self.kept:
            made = self.handler.create_connection(alias)
            self.made.append(made)
            if fresh:
                return made
            self.kept[alias] = made
        return self.kept[alias]

    def call(self, message):
        self.counted = {}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                returned = write(self.invoke(message))
                answer = {"returns": returned if self.is_exact else django_redis_calls.DJANGO_GIVES.get(message["call"], returned)}
            except Exception as error:  # any exception of Django is an answer
                answer = {"raises": name_of(error), "detail": str(error)[:500]}
        answer["warns"] = [str(w.message) for w in caught if issubclass(w.category, CacheKeyWarning)]
        return {**answer, "counted": self.counted}

    def invoke(self, message):
        name, kwargs = message["call"], {key: self.argument(item) for key, item in message["kwargs"].items()}
        cache = self.cache(message["on"], message.get("fresh", False))
        if name == "get":
            kwargs.setdefault("default", Miss())
        if name == "contains":
            return kwargs["key"] in cache
        if name in django_redis_calls.CALLS:
            return django_redis_calls.CALLS[name](self.locks, cache, **kwargs)
        if self.is_async and name not in ALWAYS_SYNC:
            return self.runner.run(asyncio.wait_for(getattr(cache, "a" + name)(**kwargs), 3 * LIMIT_SECONDS))
        return getattr(cache, name)(**kwargs)

    def argument(self, node):
        return self.producer(node["$producer"]) if isinstance(node, dict) and "$producer" in node else read(node)

    def producer(self, body):
        def produce():
            if "counter" in body:
                self.counted[body["counter"]] = self.counted.get(body["counter"], 0) + 1
            # A call by another writer. The loop may be running, so this uses the sync method.
            if "does" in body:
                does = body["does"]
                kwargs = {key: read(item) for key, item in does["kwargs"].items()}
                getattr(self.cache(does["on"], fresh=True), does["call"])(**kwargs)
            if body.get("fails"):
                raise RuntimeError("the producer gave up")
            return read(body["returns"])

        return produce

    def disconnect(self):
        """Closes every connection of every pool; the next operation connects again."""
        for made in self.made:
            if hasattr(made, "client"):  # django-redis
                for client in filter(None, getattr(made.client, "_clients", [])):
                    client.connection_pool.disconnect()
            for pool in getattr(made.__dict__.get("_cache"), "_pools", {}).values():
                pool.disconnect()

    def close(self):
        self.disconnect()
        if self.runner:
            self.runner.close()
        for table in (locmem._caches, locmem._expire_info, locmem._locks):
            table.clear()


def hello(options):
    out = {"hello": 1, "name": options.name, "versions": {"Django": django.__version__, "redis-py": importlib.metadata.version("redis")},
           "extras": ["warnings", "producers", "disconnect", "fresh", "aliases"], "calls": CALLS, "flavours": ["sync", "async"],
           "serializers": list(serializers.CLASSES), "backends": [getattr(options, "as")]}
    if not options.backend:
        out.update(contract="django", backends=list(DJANGO))
    elif "django_redis" in options.backend:
        out["versions"]["django-redis"] = importlib.metadata.version("django-redis")
        out["extras"].remove("warnings")  # it does not validate keys
        out.update(calls=[*CALLS, *django_redis_calls.NAMES], flavours=["sync"], serializers=list(serializers.DJANGO_REDIS))
    return out


def opened(message, options):
    try:
        return Case(message, options.backend, options.exact), {"opened": True}
    except serializers.Missing as error:
        return None, {"unsupported": str(error)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", help="a BACKEND by its dotted path")
    parser.add_argument("--as", default="redis", choices=list(DJANGO), help="which backend of the cases it is (default: redis)")
    parser.add_argument("--name", default="django", help="its name in reports")
    parser.add_argument("--exact", action="store_true", help="django-redis: what set, clear and delete_many give, as it is")
    options = parser.parse_args()
    sys.setrecursionlimit(20000)
    for line in sys.stdin:
        message = json.loads(line)
        verb = next(iter(message))
        if verb == "hello":
            answer = hello(options)
        elif verb == "open":
            case, answer = opened(message, options)
        elif verb == "call":
            answer = case.call(message)
        elif verb == "disconnect":
            case.disconnect()
            answer = {"disconnected": True}
        elif verb == "close":
            if case:
                case.close()
            answer = {"closed": True}
        else:
            answer = {"bye": True} if verb == "bye" else {"unsupported": verb}
        print(json.dumps(answer), flush=True)
        if verb == "bye":
            break


if __name__ == "__main__":
    main()
