"""django-redis' IGNORE_EXCEPTIONS: a cache that cannot be reached is treated as empty."""

import functools
import inspect
import logging

from django.conf import settings

from ..errors import CacheError

_NAMES = (
    "add delete delete_many delete_pattern clear decr decr_version expire expire_at get get_many "
    "get_or_set has_key incr incr_version keys persist pexpire pexpire_at pttl set set_many touch ttl"
).split()


def ignore_exceptions(cache, options):
    """Makes the methods and coroutines of this cache return a default instead of raising."""
    logger = None
    if options.get(
        "LOG_IGNORED_EXCEPTIONS", getattr(settings, "DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS", False)
    ):
        logger = logging.getLogger(getattr(settings, "DJANGO_REDIS_LOGGER", None) or "djcache")
    for name in _NAMES:
        for method in (name, "a" + name):
            if hasattr(cache, method):
                setattr(cache, method, _ignoring(getattr(cache, method), name, logger))


def _ignoring(method, name, logger):
    signature = inspect.signature(method)

    def instead(error, args, kwargs):
        if logger is not None:
            logger.error(str(error))
        if name == "get":
            return signature.bind(*args, **kwargs).arguments.get("default")
        return {} if name == "get_many" else None

    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def ignoring(*args, **kwargs):
            try:
                return await method(*args, **kwargs)
            except CacheError as error:
                return instead(error, args, kwargs)

    else:

        @functools.wraps(method)
        def ignoring(*args, **kwargs):
            try:
                return method(*args, **kwargs)
            except CacheError as error:
                return instead(error, args, kwargs)

    return ignoring
