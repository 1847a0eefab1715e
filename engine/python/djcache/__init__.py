"""Django's cache on djcache's engine: see djcache.django."""

from ._djcache import __version__
from .errors import (
    AuthenticationError,
    CacheError,
    ConnectionError,
    ReadOnlyError,
    ResponseError,
    SettingsError,
    TimeoutError,
)

__all__ = [
    "AuthenticationError",
    "CacheError",
    "ConnectionError",
    "ReadOnlyError",
    "ResponseError",
    "SettingsError",
    "TimeoutError",
    "__version__",
]
