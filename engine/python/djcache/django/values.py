"""Converts values to bytes and back: as Django, or as django-redis if OPTIONS ask for it."""

import pickle

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


class PickleValues:
    """The format of stock Django: integers as text, everything else pickled."""

    def __init__(self, protocol=None):
        self.protocol = pickle.HIGHEST_PROTOCOL if protocol is None else protocol

    def dumps(self, value):
        if type(value) is int:
            return value
        return pickle.dumps(value, self.protocol)

    def loads(self, stored):
        # Pickles of protocol 2 and later begin with 0x80, and no pickle that a cache writes is a
        # valid integer. Checking the first byte is cheaper than int() of a long text.
        if stored[:1] == b"\x80":
            return pickle.loads(stored)
        try:
            return int(stored)
        except ValueError:
            return pickle.loads(stored)


class SerializerValues:
    """The format of stock Django with a `serializer` in OPTIONS, which gets every value."""

    def __init__(self, serializer):
        if isinstance(serializer, str):
            serializer = import_string(serializer)
        if callable(serializer):
            serializer = serializer()
        self.loads = serializer.loads
        self._dumps = serializer.dumps

    def dumps(self, value):
        return _storable(self._dumps(value))


class DjangoRedisValues:
    """The format of django-redis: integers as text, other values serialized, then compressed."""

    def __init__(self, options):
        serializer = options.get("SERIALIZER", "django_redis.serializers.pickle.PickleSerializer")
        self._serializer = _made(serializer, options)
        compressor = options.get("COMPRESSOR")
        self._compressor = None if compressor is None else _made(compressor, options)
        self._compressor_error = _compressor_error()

    def dumps(self, value):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        stored = self._serializer.dumps(value)
        return stored if self._compressor is None else self._compressor.compress(stored)

    def loads(self, stored):
        try:
            return int(stored)
        except ValueError:
            pass
        if self._compressor is not None:
            try:
                stored = self._compressor.decompress(stored)
            except self._compressor_error:
                pass  # short values are not compressed
        return self._serializer.loads(stored)


class _Pickle:
    """Replaces django-redis' PickleSerializer if django-redis is not installed."""

    def __init__(self, options):
        version = options.get("PICKLE_VERSION", -1)
        try:
            self.protocol = pickle.HIGHEST_PROTOCOL if version == -1 else int(version)
        except (TypeError, ValueError):
            raise ImproperlyConfigured("PICKLE_VERSION value must be an integer") from None

    def dumps(self, value):
        return pickle.dumps(value, self.protocol)

    def loads(self, stored):
        return pickle.loads(stored)


_KNOWN = {"django_redis.serializers.pickle.PickleSerializer": _Pickle}


def _made(path, options):
    try:
        made = import_string(path) if isinstance(path, str) else path
    except ImportError:
        if path not in _KNOWN:
            raise ImproperlyConfigured(
                f"{path} cannot be imported: install what it is part of, or name another class"
            ) from None
        made = _KNOWN[path]
    return made(options=options)


def _compressor_error():
    try:
        from django_redis.exceptions import CompressorError
    except ImportError:
        return ()
    return CompressorError


def _storable(stored):
    # Encodes as redis-py would.
    if isinstance(stored, float):
        return repr(stored).encode()
    if isinstance(stored, str):
        return stored.encode()
    return bytes(stored) if isinstance(stored, (bytearray, memoryview)) else stored


def values_of(options):
    """The format of an alias with these OPTIONS."""
    if options.get("serializer") is not None:
        return SerializerValues(options["serializer"])
    if any(name in options for name in ("SERIALIZER", "COMPRESSOR", "PICKLE_VERSION")):
        return DjangoRedisValues(options)
    return PickleValues()
