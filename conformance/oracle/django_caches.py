"""Django's own caches for a case: the case's CACHES with Django's backends, as settings.CACHES would have it.

Knows which of the OPTIONS are Django's; placeholders become the servers of the case, or stores of its own for memory.
"""
import re

from django.core.cache import CacheHandler
from django.core.cache.backends import locmem

import serializers
from case_file import PLACEHOLDER
from servers import free_port
from values import FormatError

BACKENDS = {
    "redis": "django.core.cache.backends.redis.RedisCache",
    "memory": "django.core.cache.backends.locmem.LocMemCache",
    "dummy": "django.core.cache.backends.dummy.DummyCache",
}
DJANGO_REDIS = "django_redis.cache.RedisCache"
CREDENTIALS = ("db", "username", "password")
LOCMEM_OPTIONS = ("MAX_ENTRIES", "CULL_FREQUENCY")
# djcache's own limits, bounds and names: they change nothing of what is stored.
OWN_OPTIONS = {"client_name", "connect_limit", "command_limit", "stall_limit", "backoff_min", "backoff_max",
               "connections_max", "leases_max", "pending_max", "pending_max_bytes", "value_max_bytes",
               "reply_max_elements", "value_max_depth", "max_entries", "cull_frequency", "max_bytes", "eviction"}
# So that a server that was stopped ends a case and not the oracle. (redis-py has no connect timeout for unix sockets.)
LIMITS = {"socket_timeout": 10}


def key_function(template):
    """KEY_FUNCTION of the case as Django's: a callable."""
    def make(key, prefix, version):
        names = {"key": key, "prefix": prefix, "version": version}
        return re.sub(r"\{(key|prefix|version)\}", lambda match: str(names[match[1]]), template)

    return make


def backend_name(alias, backend):
    if "BACKEND" not in alias:
        return backend
    for name, path in BACKENDS.items():
        if alias["BACKEND"] == path:
            return name
    raise FormatError(f"BACKEND {alias['BACKEND']} is none of Django's three")


class Caches:
    """The caches of one case, one object per alias."""

    def __init__(self, case, backend, serializer, servers):
        self.servers = servers
        self.case_id = case.id
        self.on_django_redis = "django_redis" in case.labels
        self.nowhere = free_port()
        self.handler = CacheHandler({name: self.django_settings(alias, backend_name(alias, backend), serializer)
                                     for name, alias in case.caches.items()})
        self.made = []
        self.kept = {}

    def django_settings(self, alias, backend, serializer):
        out = {name: alias[name] for name in ("TIMEOUT", "KEY_PREFIX", "VERSION") if name in alias}
        out["BACKEND"] = BACKENDS[backend]
        out["LOCATION"] = self.location(alias.get("LOCATION", "{server}"), backend)
        if "KEY_FUNCTION" in alias:
            out["KEY_FUNCTION"] = key_function(alias["KEY_FUNCTION"])
        out["OPTIONS"] = self.options(alias.get("OPTIONS", {}), backend, serializer)
        if self.on_django_redis:
            out["BACKEND"] = DJANGO_REDIS
            out["OPTIONS"] = {"SERIALIZER": serializers.DJANGO_REDIS[serializer], "SOCKET_TIMEOUT": 10,
                              "PICKLE_VERSION": -1}  # as Django: the highest
        return out

    def options(self, options, backend, serializer):
        unknown = set(options) - OWN_OPTIONS - set(CREDENTIALS) - set(LOCMEM_OPTIONS) - {"serializer"}
        if unknown:
            raise FormatError(f"the oracle does not know the option {sorted(unknown)[0]}")
        if backend == "memory":
            return {name: options[name] for name in LOCMEM_OPTIONS if name in options}
        if backend == "dummy":
            return {}
        chosen = options.get("serializer", serializer)
        if chosen not in serializers.CLASSES:
            raise FormatError(f"the oracle has no serializer {chosen}")
        out = {name: options[name] for name in CREDENTIALS if name in options}
        return {**out, **LIMITS, "serializer": serializers.CLASSES[chosen]}

    def location(self, location, backend):
        replace = self.store_name if backend != "redis" else self.url
        if isinstance(location, list):
            return [PLACEHOLDER.sub(replace, part) for part in location]
        return PLACEHOLDER.sub(replace, location)

    def store_name(self, match):
        return f"{self.case_id}|{match[0]}"

    def url(self, match):
        name, part, db = match[1], match[2], int(match[3] or 0)
        if name == "nowhere":
            return f"redis://127.0.0.1:{self.nowhere}/0"
        server = self.servers.servers[name]
        if part == "unix":
            return server.unix_url(db)
        if part:
            return {"host": "127.0.0.1", "port": str(server.port)}[part]
        return server.url(db)

    def cache(self, alias, fresh=False):
        """The cache object of an alias; a new one as a new request would make it. Unknown: Django's error."""
        if alias not in self.handler.settings:
            return self.handler[alias]
        if fresh or alias not in self.kept:
            made = self.handler.create_connection(alias)
            self.made.append(made)
            if fresh:
                return made
            self.kept[alias] = made
        return self.kept[alias]

    def disconnect(self):
        """Closes every connection of every pool; the next operation connects again."""
        for made in self.made:
            if self.on_django_redis:
                made.client.get_client().connection_pool.disconnect()
                continue
            for pool in getattr(made.__dict__.get("_cache"), "_pools", {}).values():
                pool.disconnect()

    def close(self):
        self.disconnect()
        for table in (locmem._caches, locmem._expire_info, locmem._locks):
            for name in [name for name in table if name.startswith(f"{self.case_id}|")]:
                del table[name]
