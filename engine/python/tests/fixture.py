"""The fixture of the package's tests: a redis-server, Django, and caches with any settings.

Each test ends by disconnecting the caches and waiting until the server has no other clients.
"""

import os
import subprocess
import sys
import unittest

import django
import servers
from django.conf import settings
from django.core.cache import CacheHandler

REDIS = "djcache.django.RedisCache"
MEMORY = "djcache.django.MemoryCache"
STOCK = "django.core.cache.backends.redis.RedisCache"
SECONDS = 60  # for each wait of a test

server = servers.Server(os.environ["DJCACHE_REDIS_SERVER"])
unittest.addModuleCleanup(server.close)

if not settings.configured:
    settings.configure(
        CACHES={"default": {"BACKEND": REDIS, "LOCATION": server.url()}},
        SECRET_KEY="of the tests",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="fixture",
        SESSION_ENGINE="django.contrib.sessions.backends.cache",
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    )
    django.setup()

urlpatterns = []


def cache_of(backend=REDIS, location=None, **more):
    """A cache object with these settings, from a handler of its own."""
    if location is None:
        location = "a name" if backend == MEMORY else server.url()
    return CacheHandler({"default": {"BACKEND": backend, "LOCATION": location, **more}})["default"]


def clients():
    """The number of connections on the server, without the inspector's."""
    return server.clients()


def in_a_process(code, *arguments, input=None):
    """Runs code in a Python process of its own and returns its output. It must end by itself, with
    exit code 0."""
    begin = f"import os, sys; sys.path[:0] = {sys.path!r}; URL = {server.url()!r}\n" + PRELUDE
    done = subprocess.run(
        [sys.executable, "-B", "-c", begin + code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        text=True,
    )
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}: {done.stdout}")
    return done.stdout


PRELUDE = """
import django
from django.conf import settings
settings.configure(CACHES={"default": {"BACKEND": "djcache.django.RedisCache", "LOCATION": URL}})
django.setup()
from django.core.cache import cache
"""


class CacheTest(unittest.TestCase):
    def setUp(self):
        server.run("FLUSHALL")

    def tearDown(self):
        from djcache.django import disconnect

        disconnect()
        servers.Server.wait_until(lambda: clients() == 0)
