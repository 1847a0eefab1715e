"""The methods that django-redis adds to Django's caches, blocking and as coroutines."""

import re
from datetime import datetime, timedelta

from django.core.cache.backends.base import DEFAULT_TIMEOUT, get_key_func

from ..errors import ResponseError

_PAGE = 500
_special = re.compile("([*?[])")


def _escaped(text):
    return _special.sub(r"[\1]", str(text))


def _milliseconds(timeout, unit):
    if isinstance(timeout, timedelta):
        return int(timeout / timedelta(milliseconds=1))
    return int(timeout) * unit


def _moment(when, unit):
    return int(when.timestamp() * 1000) if isinstance(when, datetime) else int(when) * unit


def default_reverse_key(key):
    return key.split(":", 2)[2]


class Additions:
    # --- set() and incr() with django-redis' arguments; without them, Django's methods are called.

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None, client=None, nx=False, xx=False):
        if nx:
            return self.add(key, value, timeout, version)
        if xx:
            key = self.make_and_validate_key(key, version=version)
            return self._handle.store.replace(key, self._values.dumps(value), self._life(timeout))
        return super().set(key, value, timeout, version)

    async def aset(
        self, key, value, timeout=DEFAULT_TIMEOUT, version=None, client=None, nx=False, xx=False
    ):
        if nx:
            return await self.aadd(key, value, timeout, version)
        if xx:
            key = self.make_and_validate_key(key, version=version)
            return await self._ask("replace", key, self._values.dumps(value), self._life(timeout))
        return await super().aset(key, value, timeout, version)

    def incr(self, key, delta=1, version=None, client=None, ignore_key_check=False):
        if ignore_key_check:
            return self._handle.store.command(self._incrby(key, delta, version))
        return super().incr(key, self._checked(delta), version)

    async def aincr(self, key, delta=1, version=None, client=None, ignore_key_check=False):
        if ignore_key_check:
            return await self._ask("command", self._incrby(key, delta, version))
        return await super().aincr(key, self._checked(delta), version)

    def _incrby(self, key, delta, version):
        return "INCRBY", self.make_and_validate_key(key, version=version), str(delta)

    @staticmethod
    def _checked(delta):
        if not isinstance(delta, int) or not -(2**63) <= delta < 2**63:
            raise ResponseError("value is not an integer or out of range")
        return int(delta)

    # --- Ttl and expiry.

    def ttl(self, key, version=None, client=None):
        """Seconds; None if the entry does not expire, 0 if there is no entry."""
        return self._handle.store.ttl(self.make_key(key, version=version))

    async def attl(self, key, version=None, client=None):
        return await self._ask("ttl", self.make_key(key, version=version))

    def pttl(self, key, version=None, client=None):
        """ttl() in milliseconds."""
        return self._handle.store.pttl(self.make_key(key, version=version))

    async def apttl(self, key, version=None, client=None):
        return await self._ask("pttl", self.make_key(key, version=version))

    def persist(self, key, version=None, client=None):
        return self._handle.store.persist(self.make_key(key, version=version))

    async def apersist(self, key, version=None, client=None):
        return await self._ask("persist", self.make_key(key, version=version))

    def expire(self, key, timeout, version=None, client=None):
        return self._handle.store.pexpire(
            self.make_key(key, version=version), _milliseconds(timeout, 1000)
        )

    async def aexpire(self, key, timeout, version=None, client=None):
        key = self.make_key(key, version=version)
        return await self._ask("pexpire", key, _milliseconds(timeout, 1000))

    def pexpire(self, key, timeout, version=None, client=None):
        return self._handle.store.pexpire(
            self.make_key(key, version=version), _milliseconds(timeout, 1)
        )

    async def apexpire(self, key, timeout, version=None, client=None):
        key = self.make_key(key, version=version)
        return await self._ask("pexpire", key, _milliseconds(timeout, 1))

    def expire_at(self, key, when, version=None, client=None):
        """`when`: a datetime, or seconds since 1970."""
        return self._handle.store.pexpire_at(
            self.make_key(key, version=version), _moment(when, 1000)
        )

    async def aexpire_at(self, key, when, version=None, client=None):
        key = self.make_key(key, version=version)
        return await self._ask("pexpire_at", key, _moment(when, 1000))

    def pexpire_at(self, key, when, version=None, client=None):
        """`when`: a datetime, or milliseconds since 1970."""
        return self._handle.store.pexpire_at(self.make_key(key, version=version), _moment(when, 1))

    async def apexpire_at(self, key, when, version=None, client=None):
        key = self.make_key(key, version=version)
        return await self._ask("pexpire_at", key, _moment(when, 1))

    # --- Patterns.

    def make_pattern(self, pattern, version=None, prefix=None):
        prefix = self.key_prefix if prefix is None else prefix
        version = self.version if version is None else version
        return self.key_func(pattern, _escaped(prefix), _escaped(version))

    def reverse_key(self, key):
        if self._reverse_key_function is None:
            return default_reverse_key(key)
        return get_key_func(self._reverse_key_function)(key)

    def _reversed(self, keys):
        return [self.reverse_key(key.decode()) for key in keys]

    def keys(self, search, version=None, client=None):
        """The matching keys, found by SCAN, which does not block other clients of the server."""
        return self._reversed(self._handle.store.keys(self.make_pattern(search, version), _PAGE))

    async def akeys(self, search, version=None, client=None):
        return self._reversed(
            await self._ask("keys", self.make_pattern(search, version), _PAGE)
        )

    def iter_keys(self, search, itersize=None, client=None, version=None):
        pattern = self.make_pattern(search, version)
        cursor = b"0"
        while True:
            cursor, page = self._handle.store.command(self._scan(cursor, pattern, itersize))
            yield from self._reversed(page)
            if cursor == b"0":
                return

    async def aiter_keys(self, search, itersize=None, client=None, version=None):
        pattern = self.make_pattern(search, version)
        cursor = b"0"
        while True:
            cursor, page = await self._ask("command", self._scan(cursor, pattern, itersize))
            for key in self._reversed(page):
                yield key
            if cursor == b"0":
                return

    @staticmethod
    def _scan(cursor, pattern, itersize):
        return "SCAN", cursor, "MATCH", pattern, "COUNT", str(itersize or _PAGE)

    def delete_pattern(self, pattern, version=None, prefix=None, client=None, itersize=None):
        """Deletes the matching entries and returns how many there were."""
        pattern = self.make_pattern(pattern, version, prefix)
        return self._handle.store.delete_pattern(pattern, itersize or _PAGE)

    async def adelete_pattern(self, pattern, version=None, prefix=None, client=None, itersize=None):
        pattern = self.make_pattern(pattern, version, prefix)
        return await self._ask("delete_pattern", pattern, itersize or _PAGE)

    # --- Locks: redis-py's, over the engine's connections.

    def lock(
        self,
        key,
        version=None,
        timeout=None,
        sleep=0.1,
        blocking_timeout=None,
        client=None,
        thread_local=True,
    ):
        from .client import blocking_client

        return blocking_client(self._handle).lock(
            self.make_key(key, version=version),
            timeout=timeout,
            sleep=sleep,
            blocking_timeout=blocking_timeout,
            thread_local=thread_local,
        )

    def alock(
        self, key, version=None, timeout=None, sleep=0.1, blocking_timeout=None, thread_local=True
    ):
        """Like lock(), for `async with`."""
        from .client import asyncio_client

        return asyncio_client(self._handle).lock(
            self.make_key(key, version=version),
            timeout=timeout,
            sleep=sleep,
            blocking_timeout=blocking_timeout,
            thread_local=thread_local,
        )
