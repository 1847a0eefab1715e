"""Django's methods as coroutines, without additional Python threads.

The engine completes futures of the running event loop, with one wake-up for all results that are
ready. Cancelling a task cancels its operation; the connection stays in use.
"""

from asyncio import CancelledError
from inspect import isawaitable

from django.core.cache.backends.base import DEFAULT_TIMEOUT

from ..errors import CacheError
from .blocking import PRODUCER_LIMIT, producing, raise_first


class Coroutines:
    async def _ask(self, verb, *arguments):
        loop, inbox = self._handle.inbox()
        future = loop.create_future()
        number = getattr(inbox, verb)(future, *arguments)
        try:
            return await future
        except CancelledError:
            inbox.cancel(number)
            raise

    async def aget(self, key, default=None, version=None):
        stored = await self._ask("get", self.make_and_validate_key(key, version=version))
        return default if stored is None else self._values.loads(stored)

    async def aset(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        key = self.make_and_validate_key(key, version=version)
        await self._ask("set", key, self._values.dumps(value), self._life(timeout))

    async def aadd(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        key = self.make_and_validate_key(key, version=version)
        return await self._ask("add", key, self._values.dumps(value), self._life(timeout))

    async def atouch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        key = self.make_and_validate_key(key, version=version)
        return await self._ask("touch", key, self._life(timeout))

    async def adelete(self, key, version=None):
        return await self._ask("delete", self.make_and_validate_key(key, version=version))

    async def ahas_key(self, key, version=None):
        return await self._ask("has_key", self.make_and_validate_key(key, version=version))

    async def aget_many(self, keys, version=None):
        made = {self.make_and_validate_key(key, version=version): key for key in keys}
        return self._found(made, await self._ask("get_many", made)) if made else {}

    async def aset_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        if data:
            await self._ask("set_many", self._entries(data, version), self._life(timeout))
        return []

    async def adelete_many(self, keys, version=None):
        made = [self.make_and_validate_key(key, version=version) for key in keys]
        if made:
            await self._ask("delete_many", made)

    async def aincr(self, key, delta=1, version=None):
        return await self._ask("incr", self.make_and_validate_key(key, version=version), delta)

    async def aincr_version(self, key, delta=1, version=None):
        version, old, new = self._versions(key, delta, version)
        for verb, *arguments in self._moving(old, new):
            raise_first(await self._ask(verb, *arguments))
        return version

    async def aclear(self):
        return await self._ask("clear")

    async def aclose(self, **kwargs):
        self.close(**kwargs)

    async def aget_or_set(self, key, default, timeout=DEFAULT_TIMEOUT, version=None):
        """Like Django's; `default` may also be a coroutine function."""
        made = self.make_and_validate_key(key, version=version)
        mine = producing.get()
        if not (self._share_producers and callable(default)) or made in mine:
            return await self._djangos_get_or_set(key, default, timeout, version)
        try:
            answer = await self._ask("get_or_set", made, self._life(timeout), PRODUCER_LIMIT)
        except CacheError as error:
            # The producer of another call failed or took too long: fall back to Django's method.
            if error.code not in ("cancelled", "timeout"):
                raise
            return await self._djangos_get_or_set(key, default, timeout, version)
        if type(answer) is not tuple:
            return self._values.loads(answer)

        loop, inbox = self._handle.inbox()
        token = producing.set(mine | {made})
        try:
            product = default()
            if isawaitable(product):
                product = await product
            stored = self._values.dumps(product)
        except BaseException:
            try:
                refused = loop.create_future()
                refused.add_done_callback(lambda future: future.cancelled() or future.exception())
                inbox.refuse(*answer, refused)
            except CacheError:
                pass  # the operation has already ended
            raise
        finally:
            producing.reset(token)
        future = loop.create_future()
        try:
            inbox.resolve(*answer, future, stored)
            return self._values.loads(await future)
        except CacheError as error:
            if error.code not in ("cancelled", "timeout"):
                raise
            return await self._djangos_get_or_set(key, lambda: product, timeout, version)

    async def _djangos_get_or_set(self, key, default, timeout, version):
        value = await self.aget(key, self._missing_key, version=version)
        if value is not self._missing_key:
            return value
        if callable(default):
            default = default()
            if isawaitable(default):
                default = await default
        await self.aadd(key, default, timeout=timeout, version=version)
        return await self.aget(key, default, version=version)
