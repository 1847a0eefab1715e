"""The cache backends: Django's semantics over the engine, for threads and for event loops.

The blocking methods of a cache are in `blocking`, its coroutines in `coroutines`, what django-redis
adds in `additions`. This file makes caches of CACHES.
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

# What memcached_key_warnings() of Django looks for, in one look.
_unportable = re.compile(r"[\x00-\x20\x7f]").search
_LONGEST_PORTABLE = 250

# Lives of more milliseconds than this are as good as for ever to every server.
_LONGEST = 2**62


class _Engine(BaseCache):
    """What all caches on the engine have: a handle, and how keys, lives and values are written."""

    _kind = "redis"

    def __init__(self, location, params):
        super().__init__(params)
        options = params.get("OPTIONS") or {}
        self._values = self._values_of(options)
        self._share_producers = bool(options.get("share_producers", True))
        self._params = params
        self._handle = self._handle_of(location)

    def _handle_of(self, location):
        """The handle of a server with the options of this alias. Bad settings are Django's error."""
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
        # Django's own look at each character costs more than the rest of a get.
        if len(key) > _LONGEST_PORTABLE or _unportable(key):
            super().validate_key(key)


class RedisCache(Additions, Coroutines, Blocking, _Engine):
    """A server that speaks redis' protocol: in the place of Django's and django-redis' RedisCache."""

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
        """Milliseconds, or None for ever. Whole seconds, as stock Django has them."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        return None if timeout is None else min(max(0, int(timeout)) * 1000, _LONGEST)

    def _moving(self, old, new):
        """incr_version as one atomic step, and with TIMEOUT, as Django's. (A missing key is an error.)"""
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
        """django-redis' `cache.client`: `cache.client.get_client()` is a raw client."""
        return RawClients(self)

    @property
    def _cache(self):
        return self.client


class AsyncRedisCache(RedisCache):
    """RedisCache whose raw client is one for asyncio. (Both have all the coroutines.)"""

    @cached_property
    def client(self):
        return AsyncRawClients(self)


class MemoryCache(MemoryCounting, Coroutines, Blocking, _Engine):
    """Entries in this process: in the place of Django's LocMemCache."""

    _kind = "memory"
    _cache = _expire_info = None  # LocMemCache's insides, which Django's tests hand from one to another

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
