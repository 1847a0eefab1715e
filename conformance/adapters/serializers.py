"""Serializers and key functions for Django's redis backend, by the names that cases use.

`msgpack` is the class printed in engine/docs/msgpack.md, taken from that page, so that the
documented class is the tested one. `pickle` is Django's own. `json` is the class of
engine/docs/serializers.md, which stores the same bytes as django-redis' JSONSerializer.
"""
import pathlib
import re

from django.core.cache.backends.redis import RedisSerializer

DOCS = pathlib.Path(__file__).resolve().parents[2] / "engine/docs"


def documented_class(page, name):
    code = re.search(r"```python\n(.*?)```", (DOCS / page).read_text(), re.S)[1]
    names = {}
    exec(compile(code, page, "exec"), names)
    return names[name]


class RawSerializer:
    """Stores str and bytes unchanged, returns bytes."""

    def dumps(self, obj):
        if isinstance(obj, str):
            return obj.encode()
        if isinstance(obj, bytes):
            return obj
        raise TypeError(f"the raw serializer cannot store a {type(obj).__name__}")

    def loads(self, data):
        return data


CLASSES = {
    "pickle": RedisSerializer,
    "msgpack": documented_class("msgpack.md", "MsgpackSerializer"),
    "json": documented_class("serializers.md", "JsonSerializer"),
    "raw": RawSerializer,
}
DJANGO_REDIS = {
    "pickle": "django_redis.serializers.pickle.PickleSerializer",
    "msgpack": "django_redis.serializers.msgpack.MSGPackSerializer",
}


class Missing(Exception):
    """Raised if the client has no such serializer."""


def of_django_redis(name):
    if name not in DJANGO_REDIS:
        raise Missing(f"the serializer {name}")
    return DJANGO_REDIS[name]


def key_function(template):
    """The template of a case as a KEY_FUNCTION for Django: a callable."""
    def make(key, prefix, version):
        names = {"key": key, "prefix": prefix, "version": version}
        return re.sub(r"\{(key|prefix|version)\}", lambda match: str(names[match[1]]), template)

    return make
