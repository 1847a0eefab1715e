#!/usr/bin/env python3
"""What CPython's pickle writes and reads: the second opinion of djcache's pickle serializer.

    pickle_values.py                   writes fixtures/values/pickle.json
    pickle_values.py --check           says whether it is as this would write it (needs python3-django)
    pickle_values.py --make SEED N     writes N generated values to stdout, a line of JSON each
    pickle_values.py --read FILE       reads such lines, whose pickles djcache wrote, and compares

A line has the value in the notation of golden_values.py and its pickle in hex.
"""
import collections
import datetime as dt
import decimal
import json
import math
import pathlib
import pickle
import random
import struct
import sys
import uuid
import zoneinfo

import golden_values

OUT = golden_values.OUT / "pickle.json"
US = dt.timedelta(microseconds=1)


def zone_hint(at):
    """A named zone has no offset in a pickle, a fixed one may have a label."""
    if at.tzinfo is None:
        return {}
    if isinstance(at.tzinfo, zoneinfo.ZoneInfo):
        return {"zone": [None, at.tzinfo.key]}
    offset, *label = at.tzinfo.__getinitargs__()
    return {"zone": [offset // US, "".join(label)]}


golden_values.zone_hint = zone_hint


def typed(obj):
    if isinstance(obj, str):
        return str.__str__(obj)
    if isinstance(obj, bytearray):
        obj = bytes(obj)
    if isinstance(obj, collections.deque):
        obj = list(obj)
    for base in (list, tuple, set, frozenset):
        if isinstance(obj, base):
            return {base.__name__: [typed(item) for item in obj]}
    if isinstance(obj, dict):
        return {"dict": [[typed(key), typed(value)] for key, value in obj.items()]}
    return golden_values.typed(obj)


def untyped(value):
    """The object that typed() gives this for."""
    if not isinstance(value, dict):
        return value
    if "datetime" in value:
        (year, month, day), (hour, minute, second, micro, fold) = value["datetime"]
        return dt.datetime(year, month, day, hour, minute, second, micro, zone(value), fold=fold)
    if "time" in value:
        hour, minute, second, micro, fold = value["time"]
        return dt.time(hour, minute, second, micro, zone(value), fold=fold)
    ((name, inner),) = value.items()
    if name == "dict":
        return {untyped(key): untyped(item) for key, item in inner}
    if name in ("list", "tuple", "set", "frozenset"):
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[name](map(untyped, inner))
    return {
        "int": int,
        "float": lambda text: struct.unpack(">d", bytes.fromhex(text))[0],
        "bytes": bytes.fromhex,
        "date": lambda parts: dt.date(*parts),
        "timedelta": lambda parts: dt.timedelta(*parts),
        "decimal": decimal.Decimal,
        "uuid": uuid.UUID,
    }[name](inner)


def zone(value):
    if "zone" not in value:
        return None
    offset, name = value["zone"]
    if offset is None:
        return zoneinfo.ZoneInfo(name)
    return dt.timezone(offset * US, name) if name else dt.timezone(offset * US)


def comparable(value):
    """Sets have no order, and neither has the JSON of one."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: sorted(map(comparable, inner), key=json.dumps) if name in ("set", "frozenset") else comparable(inner)
            for name, inner in value.items()}


# --- The values of fixtures/values/pickle.json.


def django_values():
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)
    from django.utils.safestring import mark_safe
    from django.utils.translation import gettext_lazy, pgettext_lazy

    yield "SafeString", mark_safe("<b>bold</b>"), "<b>bold</b>"
    yield "lazy text", gettext_lazy("Hello"), "Hello"
    yield "lazy text in a context", pgettext_lazy("greeting", "Hello"), "Hello"
    yield "SafeStrings that share", [mark_safe("x1"), mark_safe("x2"), mark_safe("x1")], ["x1", "x2", "x1"]


def other_values():
    """Objects that djcache reads as another kind, or that share: it writes them in other bytes."""
    twice, counted = ["x"], {"k": 1}
    yield "bytearray", bytearray(b"ab\xff"), b"ab\xff"
    yield "bytearray, empty", bytearray(), b""
    yield "OrderedDict", collections.OrderedDict([("b", 1), ("a", 2)]), {"b": 1, "a": 2}
    yield "OrderedDict, empty", collections.OrderedDict(), {}
    yield "defaultdict of list", collections.defaultdict(list, {"a": [1]}), {"a": [1]}
    yield "defaultdict of nothing", collections.defaultdict(None, {"a": 1}), {"a": 1}
    yield "Counter", collections.Counter("abca"), {"a": 2, "b": 1, "c": 1}
    yield "deque", collections.deque([1, 2]), [1, 2]
    yield "deque with a maximum", collections.deque([1, 2, 3], 2), [2, 3]
    yield "shared list", [twice, twice], [["x"], ["x"]]
    yield "shared dict in a tuple", (counted, [counted], counted), (counted, [counted], counted)
    yield "shared str", ["repeat" * 20] * 3, ["repeat" * 20] * 3
    yield "rows with the same keys", [{"id": i, "name": f"n{i}"} for i in range(3)], [{"id": i, "name": f"n{i}"} for i in range(3)]
    yield "UUID that says how safe it is", uuid.UUID(int=5, is_safe=uuid.SafeUUID.safe), uuid.UUID(int=5)
    yield "UUIDs", [uuid.UUID(int=i) for i in (0, 1, 2**31, 2**62, 2**64, 2**127, 2**128 - 1)], None
    yield "datetimes in two zones", [dt.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo(name)) for name in ("Europe/Paris", "Asia/Tokyo")], None


def values():
    """Name, value, whether djcache writes the bytes that CPython does, what it reads if that differs."""
    kept = [named for named in golden_values.values()
            if named[0] not in ("datetime, zone named UTC", "nested", "frozensets in a set", "uuids in a list")]
    for name, obj in kept:
        yield name, obj, True, obj
    for name, obj in (
        ("nested", {"a1": [1, (2, {3}, [frozenset({5})]), {"b1": {}}], (1, "t1"): None, 7: b"", None: 1.5, True: ()}),
        ("nothing but nesting", [[[]], [{}], ({},)]),
        ("int of 700 digits", [10**700]),
        ("int of 700 digits, negative", [-(10**700)]),
        ("ints at the edges of bytes", [s * (2**b) + d for b in (7, 8, 15, 16, 31, 32, 39, 40, 63, 64, 71, 72) for s in (1, -1) for d in (-1, 0, 1)]),
        ("escapes of protocol 0", "\\ \\u0041 \\\\u0041 \n \r \x00 \x1a \xe9 \u6e05 \U0001f600 \\"),
        ("datetime, zone named UTC", dt.datetime(2024, 2, 29, tzinfo=zoneinfo.ZoneInfo("UTC"))),
        ("datetime, zone with a label", dt.datetime(2024, 2, 29, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30), "IST"))),
        ("datetime, fold and utc", dt.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=dt.timezone.utc)),
        ("time, fold", dt.time(2, 30, fold=1)),
        ("datetimes in one zone", [dt.datetime(2024, 2, day, tzinfo=dt.timezone.utc) for day in range(1, 9)]),
        ("dates", [dt.date(2024, 2, day) for day in range(1, 9)]),
        ("decimals", [decimal.Decimal(text) for text in ("1.5", "2.50", "-Infinity")]),
    ):
        yield name, obj, True, obj
    for name, obj, read in (*other_values(), *django_values()):
        yield name, obj, False, obj if read is None else read


# Texts that repeat in these are one object in Python, which it writes as a reference.
SHARING = {"session", "rows"}


def cases():
    for name, obj, same, read in values():
        case = {"name": name, "value": typed(read), "same": same and name not in SHARING, "bytes": {}}
        for protocol in range(6):
            try:
                data = pickle.dumps(obj, protocol)
            except RecursionError:
                continue  # a SafeString, which Python cannot write in protocols 0 and 1
            if len(data) > 4096:
                continue
            case["bytes"][str(protocol)] = data.hex()
            again = typed(pickle.loads(data)) if same else None
            if same and comparable(again) != comparable(case["value"]):
                case.setdefault("older", {})[str(protocol)] = again  # protocols below 4 lose fold
        yield case


def write_or_check(check):
    lines = ",\n".join(json.dumps(case, sort_keys=True) for case in cases())
    text = f'{{"made_by": "engine/src/codec/pickle_values.py", "cases": [\n{lines}\n]}}\n'
    if not check:
        OUT.write_text(text)
    elif not OUT.is_file() or OUT.read_text() != text:
        sys.exit("fixtures/values/pickle.json is not as pickle_values.py writes it")


# --- Generated values.


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seen = [["shared"], "a text that is shared"]

    def text(self):
        return "".join(self.random.choices("ab'\\\n\r\x00\u00e9\u6e05\U0001f600", k=self.random.choice((0, 1, 2, 9, 40, 41, 300))))

    def zone(self):
        offset = dt.timedelta(seconds=self.random.randint(-86399, 86399), microseconds=self.random.choice((0, 0, 1)))
        return self.random.choice((None, dt.timezone.utc, dt.timezone(offset), dt.timezone(offset, "label"),
                                   zoneinfo.ZoneInfo("Europe/Paris"), zoneinfo.ZoneInfo("UTC")))

    def leaf(self):
        pick = self.random
        micro = pick.choice((0, 7, 999999))
        at = dt.datetime(pick.randint(1, 9999), pick.randint(1, 12), pick.randint(1, 28), pick.randint(0, 23), 30, 59, micro, fold=pick.randint(0, 1))
        return pick.choice((
            lambda: None, lambda: True, lambda: False, lambda: pick.randint(-300, 300),
            lambda: pick.choice((1, -1)) * pick.getrandbits(pick.randint(1, 200)) + pick.randint(-1, 1),
            lambda: struct.unpack(">d", pick.randbytes(8))[0], lambda: pick.choice((0.0, -0.0, math.inf, math.nan)),
            self.text, self.text, lambda: pick.randbytes(pick.choice((0, 1, 5, 300))),
            lambda: at.replace(tzinfo=self.zone()), at.date, lambda: at.replace(tzinfo=self.zone()).timetz(),
            lambda: dt.timedelta(pick.randint(-999999999, 999999998), pick.randint(0, 86399), micro),
            lambda: decimal.Decimal(pick.choice(("NaN", "-0", "1E+30", "Infinity", f"{pick.randint(-9, 9)}.50"))),
            lambda: uuid.UUID(int=pick.getrandbits(pick.choice((1, 31, 63, 128)))),
        ))()

    def any(self, depth):
        if depth == 0 or self.random.random() < 0.4:
            return self.leaf()
        made = self.container(depth, self.random.choice((0, 1, 2, 3, 5, 20 if depth < 2 else 4)))
        self.seen.append(made)
        return made

    def container(self, depth, size):
        pick = self.random
        if pick.random() < 0.1:
            return pick.choice(self.seen)
        items = [self.any(depth - 1) for _ in range(size)]
        pairs = [(self.leaf(), item) for item in items]
        members = [item for item in (self.leaf() for _ in range(size)) if item == item]
        return pick.choice((
            lambda: items, lambda: tuple(items), lambda: dict(pairs), lambda: dict(pairs), lambda: set(members),
            lambda: frozenset(members), lambda: collections.OrderedDict(pairs), lambda: collections.deque(items),
            lambda: collections.defaultdict(int, pairs), lambda: bytearray(pick.randbytes(size)),
        ))()


def make(seed, count):
    generator = Generator(seed)
    for _ in range(count):
        value, protocol = generator.any(4), generator.random.randint(0, 5)
        if type(value) is int:
            value = [value]
        data = generator.random.choice((pickle.dumps, pickle._dumps))(value, protocol)
        print(json.dumps({"value": typed(pickle.loads(data)), "bytes": data.hex()}))


def read(path):
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            one = json.loads(line)
            data, expected = bytes.fromhex(one["bytes"]), untyped(one["value"])
            again = pickle.loads(data)
            if comparable(typed(again)) != comparable(typed(expected)):
                sys.exit(f"line {number}: {expected!r:.300} was written, {again!r:.300} read")
            if one.get("same") and data != pickle.dumps(expected, one["protocol"]):
                sys.exit(f"line {number}: protocol {one['protocol']}: CPython writes other bytes for {expected!r:.300}")
    print(number, "pickles are as they should be")


def main():
    if sys.argv[1:2] == ["--make"]:
        make(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] == ["--read"]:
        read(sys.argv[2])
    else:
        write_or_check(sys.argv[1:] == ["--check"])


if __name__ == "__main__":
    main()
