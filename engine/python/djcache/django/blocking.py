"""Django's blocking methods. They call the engine, which releases the GIL while it waits."""

from contextvars import ContextVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT

from ..errors import CacheError

# The made keys whose producers are running in this context. A producer that calls get_or_set() for
# its own key would otherwise wait for itself.
producing = ContextVar("djcache_producing", default=frozenset())

# The longest, in seconds, that other calls wait for a producer. Then each runs its own.
PRODUCER_LIMIT = 30.0


def raise_first(replies):
    """Raises the first error among the replies of a transaction."""
    for reply in replies if type(replies) is list else ():
        if isinstance(reply, Exception):
            raise reply


class Blocking:
    def get(self, key, default=None, version=None):
        stored = self._handle.store.get(self.make_and_validate_key(key, version=version))
        return default if stored is None else self._values.loads(stored)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        key = self.make_and_validate_key(key, version=version)
        self._handle.store.set(key, self._values.dumps(value), self._life(timeout))

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        key = self.make_and_validate_key(key, version=version)
        return self._handle.store.add(key, self._values.dumps(value), self._life(timeout))

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        key = self.make_and_validate_key(key, version=version)
        return self._handle.store.touch(key, self._life(timeout))

    def delete(self, key, version=None):
        return self._handle.store.delete(self.make_and_validate_key(key, version=version))

    def has_key(self, key, version=None):
        return self._handle.store.has_key(self.make_and_validate_key(key, version=version))

    def get_many(self, keys, version=None):
        made = {self.make_and_validate_key(key, version=version): key for key in keys}
        if not made:
            return {}
        return self._found(made, self._handle.store.get_many(made))

    def set_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        if data:
            self._handle.store.set_many(self._entries(data, version), self._life(timeout))
        return []

    def delete_many(self, keys, version=None):
        made = [self.make_and_validate_key(key, version=version) for key in keys]
        if made:
            self._handle.store.delete_many(made)

    def incr(self, key, delta=1, version=None):
        return self._handle.store.incr(self.make_and_validate_key(key, version=version), delta)

    def incr_version(self, key, delta=1, version=None):
        version, old, new = self._versions(key, delta, version)
        for verb, *arguments in self._moving(old, new):
            raise_first(getattr(self._handle.store, verb)(*arguments))
        return version

    def clear(self):
        return self._handle.store.clear()

    def get_or_set(self, key, default, timeout=DEFAULT_TIMEOUT, version=None):
        if not (self._share_producers and callable(default)):
            return super().get_or_set(key, default, timeout, version)
        made = self.make_and_validate_key(key, version=version)
        mine = producing.get()
        if made in mine:
            return super().get_or_set(key, default, timeout, version)
        produced = []

        def produce():
            token = producing.set(mine | {made})
            try:
                produced.append(default())
            finally:
                producing.reset(token)
            return self._values.dumps(produced[0])

        try:
            stored = self._handle.store.get_or_set(
                made, produce, self._life(timeout), PRODUCER_LIMIT
            )
        except CacheError as error:
            # The producer of another call failed or took too long: fall back to Django's method.
            if error.code not in ("cancelled", "timeout"):
                raise
            fallback = (lambda: produced[0]) if produced else default
            return super().get_or_set(key, fallback, timeout, version)
        return self._values.loads(stored)

    # --- Shared with the coroutines.

    def _found(self, made, stored):
        loads = self._values.loads
        return {key: loads(each) for key, each in zip(made.values(), stored) if each is not None}

    def _entries(self, data, version):
        dumps = self._values.dumps
        return {
            self.make_and_validate_key(key, version=version): dumps(value)
            for key, value in data.items()
        }

    def _versions(self, key, delta, version):
        """The new version, and the made keys of the old and the new one."""
        if version is None:
            version = self.version
        new = version + delta
        return (
            new,
            self.make_and_validate_key(key, version=version),
            self.make_and_validate_key(key, version=new),
        )
