#!/usr/bin/env python3
"""Writes fixtures/values/, or with --check says whether it is as this would write it.

The bytes are made by the Python class printed in engine/docs/msgpack.md, taken from that page, and read back by it.
The texts are Python's own: repr() of each value, int() of each integer text, repr() of each float.
"""
import datetime as dt
import decimal
import json
import math
import pathlib
import random
import re
import struct
import sys
import uuid
import zoneinfo

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "engine/docs/msgpack.md"
OUT = ROOT / "fixtures/values"


def documented_class():
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S).group(1)
    names = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["MsgpackSerializer"]()


def typed(obj):
    """A value in JSON: null, booleans and strings as they are, the rest as {"type": ...}."""
    if obj is None or isinstance(obj, (bool, str)):
        return obj
    if isinstance(obj, int):
        return {"int": str(obj)}
    if isinstance(obj, float):
        return {"float": struct.pack(">d", obj).hex()}
    if isinstance(obj, bytes):
        return {"bytes": obj.hex()}
    if isinstance(obj, dict):
        return {"dict": [[typed(k), typed(v)] for k, v in obj.items()]}
    if isinstance(obj, (list, tuple, set, frozenset)):
        return {type(obj).__name__: [typed(item) for item in obj]}
    if isinstance(obj, dt.datetime):
        return {"datetime": [typed(obj.date())["date"], typed(obj.timetz())["time"]]} | zone_hint(obj)
    if isinstance(obj, dt.date):
        return {"date": [obj.year, obj.month, obj.day]}
    if isinstance(obj, dt.time):
        return {"time": [obj.hour, obj.minute, obj.second, obj.microsecond, obj.fold]} | zone_hint(obj)
    if isinstance(obj, dt.timedelta):
        return {"timedelta": [obj.days, obj.seconds, obj.microseconds]}
    if isinstance(obj, decimal.Decimal):
        return {"decimal": str(obj)}
    if isinstance(obj, uuid.UUID):
        return {"uuid": obj.hex}
    raise TypeError(type(obj))


def zone_hint(at):
    if at.tzinfo is None:
        return {}
    offset = at.utcoffset()
    micros = None if offset is None else offset // dt.timedelta(microseconds=1)
    return {"zone": [micros, getattr(at.tzinfo, "key", "")]}


def zoned(hours, **more):
    return dt.timezone(dt.timedelta(hours=hours, **more))


def values():
    """Name and value of each case."""
    paris, utc_name = zoneinfo.ZoneInfo("Europe/Paris"), zoneinfo.ZoneInfo("UTC")
    yield "none", None
    yield "true", True
    yield "false", False
    for number in (0, 1, -1, 42, 127, 128, -32, -33, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32,
                   2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**64, -(2**63) - 1, 2**70, -(10**100)):
        yield f"int {number}", number
        yield f"list of int {number}", [number]
    for number in (0.0, -0.0, 1.0, 1.5, -2.25, 0.1, 1e16, 1e-5, 1e300, 5e-324, math.inf, -math.inf, math.nan):
        yield f"float {number!r}", number
    for size in (0, 1, 31, 32, 40, 41, 255, 256, 300):
        yield f"str of {size}", "s" * size
        yield f"bytes of {size}", b"\xff" * size
    yield "str that looks like an int", "42"
    yield "str with quotes", "it's \"quoted\"\\"
    yield "str with one quote", "it's"
    yield "str with controls", "a\tb\nc\rd\x00e\x1bf\x7f"
    yield "str beyond ASCII", "gar\u00e7on \u6e05 \U0001f600 \u00a0 \u200b \u2028 \ufeff \U000e0001 \xad \x85"
    yield "bytes that look like an int", b"42"
    yield "bytes of all values", bytes(range(256))
    for size in (0, 1, 2, 3, 7, 8, 15, 16, 17, 300):
        yield f"list of {size}", [None] * size
        yield f"tuple of {size}", (None,) * size
    for size in (0, 1, 15, 16, 40):
        yield f"dict of {size}", {f"key {i}": i for i in range(size)}
        yield f"set of {size}", set(range(size))
        yield f"frozenset of {size}", frozenset(range(size))
    yield "nested", {"a": [1, (2, {3, 4}, [frozenset({5})]), {"b": {}}], (1, "t"): None, 7: b"", None: 1.5, True: ()}
    yield "tuples in tuples", (((("deep", 1), 2), 3), (4,))
    yield "frozensets in a set", {frozenset({1, 2}), frozenset({3}), frozenset()}
    yield "session", {"_auth_user_id": "1", "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
                      "_auth_user_hash": "0" * 64, "_session_expiry": 3600, "cart": [{"id": 7, "price": decimal.Decimal("9.90")}]}
    yield "datetime, naive", dt.datetime(2024, 2, 29, 13, 5)
    yield "datetime, seconds", dt.datetime(2024, 2, 29, 13, 5, 7)
    yield "datetime, first", dt.datetime(1, 1, 1)
    yield "datetime, last", dt.datetime(9999, 12, 31, 23, 59, 59, 999999)
    yield "datetime, microseconds", dt.datetime(2024, 2, 29, 13, 5, 0, 7)
    yield "datetime, fold", dt.datetime(2024, 10, 27, 2, 30, fold=1)
    yield "datetime, fold and zone", dt.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=paris)
    yield "datetime, utc", dt.datetime(2024, 2, 29, 13, 5, tzinfo=dt.timezone.utc)
    yield "datetime, zone named UTC", dt.datetime(2024, 2, 29, 13, 5, tzinfo=utc_name)
    yield "datetime, Paris", dt.datetime(2024, 7, 1, 12, 0, 0, 1, tzinfo=paris)
    yield "datetime, offset", dt.datetime(2024, 7, 1, 12, tzinfo=zoned(5, minutes=30))
    yield "datetime, offset west", dt.datetime(2024, 7, 1, 12, tzinfo=zoned(-3, minutes=-30, microseconds=-1))
    yield "date", dt.date(2024, 2, 29)
    yield "time, naive", dt.time(23, 59, 59, 999999)
    yield "time, midnight", dt.time()
    yield "time, utc", dt.time(1, 2, 3, tzinfo=dt.timezone.utc)
    yield "time, Paris", dt.time(1, 2, tzinfo=paris)
    for days, seconds, micros in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (-1, 86399, 999999), (999999999, 86399, 999999),
                                  (-999999999, 0, 0), (3, 4, 5)):
        yield f"timedelta {days} {seconds} {micros}", dt.timedelta(days, seconds, micros)
    for text in ("0", "-0", "1.50", "1E+3", "1E-30", "NaN", "-NaN", "sNaN", "NaN12", "Infinity", "-Infinity",
                 "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899"):
        yield f"decimal {text}", decimal.Decimal(text)
    yield "uuid", uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")
    yield "uuid, nil", uuid.UUID(int=0)
    yield "uuids in a list", [uuid.UUID(int=i) for i in (1, 2**128 - 1)]


def msgpack_cases():
    serializer = documented_class()
    for name, obj in values():
        stored = serializer.dumps(obj)
        data = str(stored).encode() if type(stored) is int else stored
        # repr, because NaN differs from itself; typed, because == takes 1 for True.
        again = serializer.loads(data)
        assert repr(again) == repr(obj) or again == obj, (name, again)
        assert isinstance(obj, (set, frozenset, dict)) or typed(again) == typed(obj), (name, again)
        yield {"name": name, "value": typed(obj), "repr": cut_repr(obj), "bytes": data.hex()}


def cut_repr(obj):
    text = repr(obj)
    return text if len(text.encode()) <= 4096 else None


def integer_cases():
    texts = [b"12", b" 12 ", b"+5", b"-5", b"-0", b"+0", b"0", b"00", b"007", b"-007", b"1_0", b"1_000_000", b"0_7",
             b"\t\n\r\x0b\x0c 7 \x0c\x0b\r\n\t", b"12\n", b"9" * 18, b"9" * 19, b"-" + b"9" * 18, b"-" + b"9" * 19,
             b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809",
             b"0" * 30 + b"5", b"-" + b"0" * 30, b"9" * 4300, b"-" + b"9" * 4300, b" +" + b"1_" * 4299 + b"1 ",
             b"0" * 4299 + b"1"]
    texts += [b"", b" ", b"+", b"-", b"_", b"1__0", b"_1", b"1_", b"+_1", b"-_1", b"1_ ", b"+ 5", b"- 5", b"+-5", b"--5", b"1 2",
              b"hello", b"1.5", b"1e5", b"0x10", b"0b1", b"\xd9\xa3", b"12\x00", b"\x0012", b"\x1c12", b"\x8512", b"\xa012",
              b"9" * 4301, b"0" * 4301, b"1" + b"_1" * 4300, b"I1\n.", b"N.", b"True", b"\x0e12", b"\x0812", b"1-", b"1+"]
    chooser = random.Random(1)
    texts += [bytes(chooser.choices(b"0123456789_+- \t", k=chooser.randint(1, 6))) for _ in range(300)]
    for text in texts:
        try:
            yield {"bytes": text.hex(), "int": str(int(text))}
        except ValueError:
            yield {"bytes": text.hex(), "int": None}


def float_cases():
    numbers = [0.0, -0.0, 1.0, 1e15, 1e16, 9999999999999998.0, 123456789012345678.0, 1e17, 1e22, 1e23, 0.0001, 0.00001, 0.00012345,
               1 / 3, 2 / 3, 1e100, 1.5e-10, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.inf, -math.inf, 100.0,
               4503599627370496.5, 2.0**53, 2.0**60]
    chooser = random.Random(2)
    numbers += [struct.unpack(">d", chooser.randbytes(8))[0] for _ in range(500)]
    numbers += [chooser.uniform(-1, 1) * 10 ** chooser.randint(-8, 20) for _ in range(500)]
    for number in numbers:
        if number == number:
            yield {"bits": struct.pack(">d", number).hex(), "repr": repr(number)}


def main():
    check = sys.argv[1:] == ["--check"]
    wrong = []
    for name, cases in (("msgpack", msgpack_cases()), ("integers", integer_cases()), ("floats", float_cases())):
        lines = ",\n".join(json.dumps(case, sort_keys=True) for case in cases)
        text = f'{{"made_by": "engine/src/codec/golden_values.py", "cases": [\n{lines}\n]}}\n'
        path = OUT / f"{name}.json"
        if not check:
            OUT.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            wrong.append(str(path.relative_to(ROOT)))
    if wrong:
        sys.exit(f"not as golden_values.py writes it: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
