"""Serializers for Django's redis backend, by the names that cases use.

`msgpack` is the class printed in engine/docs/msgpack.md, taken from that page, so that what is documented is what is
compared. `pickle` is Django's own. json has no counterpart here.
"""
import pathlib
import re

from django.core.cache.backends.redis import RedisSerializer

PAGE = pathlib.Path(__file__).resolve().parents[2] / "engine/docs/msgpack.md"


def documented_class():
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S)[1]
    names = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["MsgpackSerializer"]


class RawSerializer:
    """Stores str and bytes as they are, reads bytes."""

    def dumps(self, obj):
        if isinstance(obj, str):
            return obj.encode()
        if isinstance(obj, bytes):
            return obj
        raise TypeError(f"the raw serializer cannot store a {type(obj).__name__}")

    def loads(self, data):
        return data


CLASSES = {"pickle": RedisSerializer, "msgpack": documented_class(), "raw": RawSerializer}
NAMES = ("msgpack", "pickle", "json", "raw")
