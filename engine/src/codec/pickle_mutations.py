#!/usr/bin/env python3
"""What CPython makes of pickles that were changed by chance: pickle_differential_test.cc compares.

    pickle_mutations.py SEED N    writes N lines of JSON to stdout

A line has the pickle in hex, and what CPython reads in the notation of golden_values.py ("value"), why it refuses it
("refused"), or that it reads what is no value ("other").
"""
import json
import pickle
import pickletools
import random
import resource
import sys
import zoneinfo

import pickle_values

NAMES = {
    "_codecs": ("encode",),
    "builtins": ("list", "tuple", "dict", "set", "frozenset", "str", "bytes", "bytearray", "int", "float", "bool", "complex",
                 "range", "object"),
    "collections": ("OrderedDict", "defaultdict", "Counter", "deque"),
    "copyreg": ("_reconstructor",),
    "datetime": ("datetime", "date", "time", "timedelta", "timezone"),
    "decimal": ("Decimal",),
    "uuid": ("UUID", "SafeUUID"),
    "zoneinfo": ("ZoneInfo",),
}
SIZE_MAX = 2000
OPCODES = [op.code.encode("latin1") for op in pickletools.opcodes]


class Whole:
    """A file that gives all at once, so that frames mean as little to Unpickler as to pickle.loads."""

    def __init__(self, data):
        self.data = data

    def read(self, _=-1):
        data, self.data = self.data, b""
        return data

    readline = read


def unpickle_zone(cls, name):
    """Stands for getattr, which could reach anything."""
    if (cls, name) == (zoneinfo.ZoneInfo, "_unpickle"):
        return zoneinfo.ZoneInfo._unpickle
    raise pickle.UnpicklingError("getattr")


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)
        name = {"unicode": "str", "long": "int", "xrange": "range"}.get(name, name) if module == "builtins" else name
        if (module, name) == ("builtins", "getattr"):
            return unpickle_zone
        if name in NAMES.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def mutated(pick, data, other):
    at, end = sorted((pick.randrange(len(data) + 1), pick.randrange(len(data) + 1)))
    end = min(end, at + pick.choice((1, 1, 2, 8, 40)))
    start = pick.randrange(len(other))
    return data[:at] + pick.choice((
        lambda: bytes(byte ^ (1 << pick.randrange(8)) for byte in data[at:at + 1]) + data[at + 1:],
        lambda: pick.choice(OPCODES) + data[at + 1:],
        lambda: pick.choice(OPCODES) + data[at:],
        lambda: data[end:],
        lambda: data[at:end] + data[at:],
        lambda: other[start:start + pick.choice((1, 4, 20))] + data[at:],
        lambda: bytes((pick.choice((0, 1, 127, 128, 255)),)) + data[at + 1:],
    ))()


def is_integer(data):
    try:
        return int(data) is not None
    except ValueError:
        return False


def verdict(data):
    try:
        value = Unpickler(Whole(data)).load()
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"[:200]}
    try:
        typed = pickle_values.typed(value)
        json.dumps(typed, ensure_ascii=False).encode()  # not with lone surrogates
        return {"value": typed}
    except (Exception, RecursionError) as error:
        return {"other": f"{type(error).__name__}: {error}"[:200]}


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))  # a memo can be asked to be as large
    generator = pickle_values.Generator(seed)
    pick = random.Random(seed)
    other = b"."
    while count:
        value, protocol = generator.any(3), pick.randint(0, 5)
        data = pick.choice((pickle.dumps, pickle._dumps))([value] if type(value) is int else value, protocol)
        if len(data) > SIZE_MAX:
            continue
        for _ in range(min(count, 10)):
            changed = data
            for _ in range(pick.choice((1, 1, 1, 1, 2))):
                changed = mutated(pick, changed or b".", other)
            if is_integer(changed):
                continue  # as Django stores one
            print(json.dumps({"bytes": changed.hex(), **verdict(changed)}))
            count -= 1
        other = data


if __name__ == "__main__":
    main()
