"""Django's cache backends on djcache's engine.

    CACHES = {
        "default": {
            "BACKEND": "djcache.django.RedisCache",
            "LOCATION": "redis://127.0.0.1:6379",
        }
    }
"""

from .backends import AsyncRedisCache, MemoryCache, RedisCache
from .lifecycle import adisconnect, disconnect

__all__ = ["AsyncRedisCache", "MemoryCache", "RedisCache", "adisconnect", "disconnect"]
