"""The methods that django-redis adds to a cache, called and returning as specified in FORMAT.md."""


class Locks:
    """The locks of a case: one per name and owner, created with the options of the first call."""

    def __init__(self):
        self.made = {}

    def of(self, cache, name, owner="", timeout=None, version=None):
        if (name, owner) not in self.made:
            self.made[name, owner] = cache.lock(name, version=version, timeout=timeout)
        return self.made[name, owner]


def replace(_locks, cache, key, value, **kwargs):
    return cache.set(key, value, xx=True, **kwargs)


def keys(_locks, cache, pattern, version=None):
    return sorted(cache.keys(pattern, version=version))


def iter_keys(_locks, cache, pattern, version=None, itersize=500):
    return sorted(set(cache.iter_keys(pattern, version=version, itersize=itersize)))


def acquire(locks, cache, name, timeout=None, blocking_timeout=0, owner="", version=None):
    lock = locks.of(cache, name, owner, timeout, version)
    return lock.acquire(blocking=blocking_timeout > 0, blocking_timeout=blocking_timeout or None)


def release(locks, cache, name, owner=""):
    return locks.of(cache, name, owner).release()


def extend(locks, cache, name, additional_time, owner=""):
    return locks.of(cache, name, owner).extend(additional_time)


def reacquire(locks, cache, name, owner=""):
    return locks.of(cache, name, owner).reacquire()


def owned(locks, cache, name, owner=""):
    return locks.of(cache, name, owner).owned()


def locked(locks, cache, name, owner=""):
    return locks.of(cache, name, owner).locked()


CALLS = {call.__name__: call for call in (replace, keys, iter_keys, acquire, release, extend, reacquire, owned, locked)}
# The rest are methods of its cache with the same name.
NAMES = [*CALLS, "ttl", "pttl", "persist", "expire", "pexpire", "expire_at", "delete_pattern"]
# django-redis returns True, None, a count and None here, which would fail nearly every case at its
# first step, so Django's results are reported instead, except with django_cache.py --exact.
DJANGO_GIVES = {"set": None, "clear": True, "delete_many": None, "set_many": []}
