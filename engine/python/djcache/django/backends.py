"""The cache backends: Django's semantics on the engine, for threads and for event loops.

The blocking methods of a cache are in `blocking`, its coroutines in `coroutines`, the methods that
django-redis adds in `additions`. This file has the classes that CACHES names.
"""

import re
import warnings

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import cached_property

from .._handles import handle
from ..errors import SettingsError
from .additions import Additions
from .blocking import Blocking
from .client import AsyncRawClients, RawClients
from .coroutines import Coroutines
from .ignoring import ignore_exceptions
from .memory import MemoryCounting, MemoryValues
from .options import engine_settings
from .values import values_of

# Matches the characters that Django's memcache_key_warnings() reports.
_unportable = re.compile(r"[\x00-\x20\x7f]").search
_LONGEST_PORTABLE = 250

# The longest ttl, in milliseconds. A longer one is reduced to it: practically, neither expires.
_LONGEST = 2**62


class _Engine(BaseCache):
    """The base of all caches: the handle of the engine, the format of values, the check of keys."""

    _kind = "redis"

    def __init__(self, location, params):
        super().__init__(params)
        options = params.get("OPTIONS") or {}
        self._values = self._values_of(options)
        self._share_producers = bool(options.get("share_producers", True))
        self._params = params
        self._handle = self._handle_of(location)

    def _handle_of(self, location):
        """The handle of a server with the options of this alias. Raises ImproperlyConfigured."""
        try:
            made, findings = handle(engine_settings(self._kind, location, self._params))
        except SettingsError as error:
            raise ImproperlyConfigured(error.detail) from None
        for text in findings:
            warnings.warn(f"CACHES: {text}", RuntimeWarning, stacklevel=2)
        return made

    def _values_of(self, options):
        return values_of(options)

    def validate_key(self, key):
        # Django's check of every character costs more than the rest of a get.
        if len(key) > _LONGEST_PORTABLE or _unportable(key):
            super().validate_key(key)


class RedisCache(Additions, Coroutines, Blocking, _Engine):
    """A cache on a server that speaks the redis protocol. Replaces Django's and django-redis'
    RedisCache."""

    def __init__(self, server, params):
        self._servers = re.split("[;,]", server) if isinstance(server, str) else list(server)
        super().__init__(self._servers if len(self._servers) > 1 else self._servers[0], params)
        self._reverse_key_function = params.get("REVERSE_KEY_FUNCTION")
        options = params.get("OPTIONS") or {}
        if options.get(
            "IGNORE_EXCEPTIONS", getattr(settings, "DJANGO_REDIS_IGNORE_EXCEPTIONS", False)
        ):
            ignore_exceptions(self, options)

    def get_backend_timeout(self, timeout=DEFAULT_TIMEOUT):
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        return None if timeout is None else max(0, int(timeout))

    def _life(self, timeout):
        """The ttl in milliseconds, or None for no expiry. In whole seconds, as in stock Django."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        return None if timeout is None else min(max(0, int(timeout)) * 1000, _LONGEST)

    def _moving(self, old, new):
        """The calls of incr_version: one transaction, which also sets the ttl to TIMEOUT, as Django
        does. A missing key is an error."""
        life = self._life(DEFAULT_TIMEOUT)
        if life is None:
            commands = ("PERSIST", old), ("RENAME", old, new)
        elif life:
            commands = ("PEXPIRE", old, str(life)), ("RENAME", old, new)
        else:
            commands = ("RENAME", old, new), ("DEL", new)
        return (("transaction", commands),)

    @cached_property
    def client(self):
        """As in django-redis: `cache.client.get_client()` returns a raw client."""
        return RawClients(self)

    @property
    def _cache(self):
        return self.client


class AsyncRedisCache(RedisCache):
    """RedisCache with a raw client for asyncio. (RedisCache has the same coroutines.)"""

    @cached_property
    def client(self):
        return AsyncRawClients(self)


class MemoryCache(MemoryCounting, Coroutines, Blocking, _Engine):
    """A cache in the memory of this process. Replaces Django's LocMemCache."""

    _kind = "memory"
    _cache = _expire_info = None  # LocMemCache's attributes, which Django's tests copy

    def __init__(self, name, params):
        super().__init__(name or "", params)

    def _values_of(self, options):
        return MemoryValues()

    def _life(self, timeout):
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        return None if timeout is None else min(max(0, int(timeout * 1000)), _LONGEST)

    def _moving(self, old, new):
        life = self._life(DEFAULT_TIMEOUT)
        move = ("move", old, new)
        return (move,) if life is None else (move, ("pexpire", new, life))
