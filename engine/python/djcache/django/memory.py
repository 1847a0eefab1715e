"""The specifics of MemoryCache: the format of values, and incr() of any number, as with Django."""

import pickle
import threading

from ..errors import ResponseError

_counting = threading.Lock()


class MemoryValues:
    """Keeps integers of 64 bits as they are and pickles the rest, so that values are copies."""

    def dumps(self, value):
        if type(value) is int and -(2**63) <= value < 2**63:
            return value
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)

    def loads(self, stored):
        return stored if type(stored) is int else pickle.loads(stored)


class MemoryCounting:
    def incr(self, key, delta=1, version=None):
        try:
            return super().incr(key, delta, version)
        except (ResponseError, TypeError):
            return self._add_up(key, delta, version)

    async def aincr(self, key, delta=1, version=None):
        try:
            return await super().aincr(key, delta, version)
        except (ResponseError, TypeError):
            return self._add_up(key, delta, version)  # does not block: memory answers at once

    def _add_up(self, key, delta, version):
        made = self.make_key(key, version=version)
        with _counting:
            value = self.get(key, self._missing_key, version=version)
            if value is self._missing_key:
                raise ValueError("Key '%s' not found" % key)
            value = value + delta
            store = self._handle.store
            store.set(made, self._values.dumps(value), store.pttl(made))
        return value
