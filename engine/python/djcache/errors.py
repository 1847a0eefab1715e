"""The engine's errors, as the exceptions that users of stock RedisCache catch.

If redis-py is installed, each class is also a subclass of redis-py's class for the error. `code` is
the engine's name of the error (engine/docs/errors.md), `detail` is the message, which contains no
values and no credentials.
"""

from . import _djcache

try:
    from redis import exceptions as _theirs
except ImportError:
    _theirs = None


def _bases(name, *ours):
    theirs = getattr(_theirs, name, None) if _theirs is not None else None
    # redis-py's class comes first, because it is more specific than our own base class.
    return ours if theirs is None else (theirs, *(each for each in ours if each is not Exception))


class CacheError(*_bases("RedisError", Exception)):
    """Any error of the engine."""

    code = "server_error"

    @property
    def detail(self):
        return self.args[0] if self.args else ""


class SettingsError(CacheError):
    """CACHES is invalid; `detail` names the place."""


class ConnectionError(*_bases("ConnectionError", CacheError)):
    """There is no connection, or it was lost before the reply arrived."""


class TimeoutError(*_bases("TimeoutError", CacheError)):
    """No reply within the limit."""


class AuthenticationError(*_bases("AuthenticationError", ConnectionError)):
    """The server rejects the credentials, or requires some."""


class BusyLoadingError(*_bases("BusyLoadingError", ConnectionError)):
    """The server is reachable but cannot serve at present."""


class ResponseError(*_bases("ResponseError", CacheError)):
    """The server refuses the command."""


class ReadOnlyError(*_bases("ReadOnlyError", ResponseError)):
    """A write reached a replica."""


class NoPermissionError(*_bases("NoPermissionError", ResponseError)):
    """The ACL of the user forbids the command."""


class OutOfMemoryError(*_bases("OutOfMemoryError", ResponseError)):
    """The server is at its maxmemory."""


class NoScriptError(*_bases("NoScriptError", ResponseError)):
    """EVALSHA of a script that the server does not have."""


class ExecAbortError(*_bases("ExecAbortError", ResponseError)):
    """A command of a transaction was refused, so none was executed."""


class DataError(*_bases("DataError", CacheError)):
    """An argument cannot be used."""


class InvalidResponse(*_bases("InvalidResponse", CacheError)):
    """The peer does not speak the protocol."""


_CLASSES = {
    "invalid_settings": SettingsError,
    "unknown_alias": SettingsError,
    "invalid_argument": DataError,
    "encode_failed": DataError,
    "value_too_large": DataError,
    "not_supported": ResponseError,
    "overloaded": ConnectionError,
    "connect_failed": ConnectionError,
    "auth_failed": AuthenticationError,
    "tls_failed": ConnectionError,
    "no_primary": ConnectionError,
    "timeout": TimeoutError,
    "cancelled": ConnectionError,
    "disconnected": ConnectionError,
    "connection_lost": ConnectionError,
    "protocol_error": InvalidResponse,
    "closed": ConnectionError,
    "unavailable": BusyLoadingError,
    "read_only": ReadOnlyError,
    "out_of_memory": OutOfMemoryError,
    "wrong_type": ResponseError,
    "permission_denied": NoPermissionError,
    "server_error": ResponseError,
    "not_an_integer": ResponseError,
    "integer_overflow": ResponseError,
}


# Classes that redis-py chooses by the error code in the server's message.
_BY_WORD = {"NOSCRIPT": NoScriptError, "EXECABORT": ExecAbortError}


class KeyNotFound(ValueError):
    """incr() or a similar method was called for a missing key: a ValueError, as in Django."""

    code = "key_not_found"


def make(code, detail):
    """Makes the exception for an error of the engine."""
    if code == "key_not_found":
        return KeyNotFound(detail)
    if code == "no_memory":
        return MemoryError(detail)
    kind = _CLASSES.get(code, CacheError)
    if code == "server_error":
        if detail.endswith("no such key"):
            return KeyNotFound(detail)
        for word in detail.split(" ", 2)[:2]:
            kind = _BY_WORD.get(word, kind)
    error = kind(detail)
    error.code = code
    return error


_djcache.set_error_factory(make)
