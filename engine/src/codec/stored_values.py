#!/usr/bin/env python3
"""Writes fixtures/values/{json,signed,compressed}.json, or with --check says whether they are as this would write them.

What Python's json module with Django's encoder writes and reads, what the class printed in engine/docs/signed.md
stores, and what the compressors of django-redis make of a few texts. With --expand FILE it reads lines
"compressor plain compressed", both in hexadecimal, that djcache wrote, and checks that Python expands them.
"""
import gzip
import json
import lzma
import pathlib
import re
import sys
import zlib

import golden_values

PAGE = golden_values.ROOT / "engine/docs/signed.md"
typed = golden_values.typed


def json_cases():
    """json.dumps and json.loads, as django-redis' JSONSerializer calls them."""
    import datetime as dt
    import decimal

    from django.core.serializers.json import DjangoJSONEncoder

    more = [("keys that Python turns into strings", {1: "a", 1.5: "b", True: "c", None: "d", float("inf"): "e", -(2**70): "f"}),
            ("key that is a tuple", {(1, 2): 3}), ("bytes in a list", [b"x"]), ("aware time", [dt.time(1, tzinfo=dt.timezone.utc)]),
            ("delete", "\x7f\x80\x08\x0c/"), ("negative delta", dt.timedelta(days=-1, microseconds=1)),
            ("decimals", [decimal.Decimal("1E+3"), decimal.Decimal("NaN")]),
            ("special floats", [float("nan"), float("inf"), float("-inf"), -0.0, 1e16, 1e-5, 5e-324]),
            ("offsets", [dt.datetime(2024, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(seconds=s, microseconds=u)))
                         for s, u in ((0, 0), (-1, 0), (3661, 0), (3600, 5), (-3600, -5), (-86399, 0))])]
    for name, obj in [*golden_values.values(), *more]:
        if type(obj) is int:
            continue  # stored as text, by none of the serializers
        case = {"name": name, "value": typed(obj)}
        try:
            data = json.dumps(obj, cls=DjangoJSONEncoder).encode()
        except (TypeError, ValueError) as error:
            yield case | {"refused": str(error)}
        else:
            yield case | {"bytes": data.hex(), "reads": typed(json.loads(data.decode()))}


def json_texts():
    texts = ["[1e400, -1e400, 1e-400, -1E-400, 0e999999999999999999999, 1e-99999999999999999999, 1e99999999999999999999]",
             "[" + "1" + "0" * 400 + ".5, 0." + "0" * 400 + "1e401, 1" + "0" * 400 + "]", "[-0, 0, -0.0, 1E5, 1e+5, 0.5e-3]",
             "[" + "9" * 4300 + "]", "[" + "9" * 4301 + "]", "[-" + "9" * 4300 + "]", ' \t\r\n{ "a" : [ ] , "b" : { } } \n',
             "NaN", "Infinity", "-Infinity", "[NaN,Infinity,-Infinity]", "-NaN", "nan", "+Infinity", "-Inf", "Infinit",
             '"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\\u00E9"', '"\u00e9\U0001f600"', '"\x7f"', '"\\u0000"',
             '{"a": 1, "b": 2, "a": 3}', "", " ", "tru", "nul", "True", "None", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{}}",
             '{"a"}', '{"a":}', '{"a":1,}', "{1: 2}", "{'a': 1}", "'a'", '"a', '"\\', '"\\u12', '"\\u12g4"', '"\\u-123"', '"\\x41"',
             '"\n"', '"\x00"', "[01]", "[1.]", "[.5]", "[1e]", "[1e+]", "[-]", "[- 1]", "[+1]", "[1_0]", "[0x10]", "1.5.5", "[1]x", "\ufeff[]",
             "// c", "[1]//", '["a" "b"]', "\x0b1.5", "\xa01.5", "truefalse", "[true false]", "1.5 ", "[\x0c]", "[\u0663]"]
    for text in texts:
        case = {"text": text}
        try:
            yield case | {"reads": typed(json.loads(text))}
        except ValueError:
            yield case | {"reads": "refused"}


def documented_class():
    code = "".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)[:1])
    names = {"__name__": "signed"}
    exec(compile(code, str(PAGE), "exec"), names)
    return names


KEYS = ["the new key, used for signing", "the old key, only verified"]


def signed_cases():
    """The documented class as Django itself makes it, around the documented msgpack class."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(DJCACHE_SIGNING_KEYS=KEYS)
    from django.core.cache.backends.redis import RedisCacheClient

    names = documented_class()
    for salt, sign_integers, keys in (("", False, KEYS), ("pages", False, KEYS), ("", True, KEYS), ("", False, KEYS[::-1])):
        settings.DJCACHE_SIGNING_KEYS = keys
        chosen = type("Chosen", (names["SignedSerializer"],),
                      {"inner": golden_values.documented_class(), "salt": salt.encode(), "sign_integers": sign_integers})
        serializer = RedisCacheClient(["redis://unused"], serializer=chosen)._serializer
        for name, obj in golden_values.values():
            if not name.startswith(("none", "int", "list of", "str of", "session")):
                continue
            stored = serializer.dumps(obj)
            data = str(stored).encode() if type(stored) is int else stored
            assert typed(serializer.loads(data)) == typed(obj), name
            yield {"name": name, "salt": salt, "sign_integers": sign_integers, "keys": keys, "value": typed(obj), "bytes": data.hex()}
        for bad in (data[:-1], data[:36], data[:5], b"\xc1djs\x02" + data[5:], data[5:], b"", data[:-1] + bytes([data[-1] ^ 1])):
            try:
                serializer.loads(bad)
            except ValueError:
                continue
            raise AssertionError(bad)


def compressors():
    """Name, compress and expand of each compressor that this Python has, with the arguments of django-redis."""
    yield "zlib", lambda data: zlib.compress(data, 6), zlib.decompress
    yield "gzip", lambda data: gzip.compress(data, mtime=0), gzip.decompress
    yield "lzma", lambda data: lzma.compress(data, preset=4), lzma.decompress
    try:
        import lz4.frame
        yield "lz4", lz4.frame.compress, lz4.frame.decompress
    except ImportError:
        pass
    try:
        import zstandard  # makes the same frames as pyzstd, which Debian does not have
        yield "zstd", zstandard.ZstdCompressor(level=3).compress, lambda data: zstandard.ZstdDecompressor().decompress(data)
    except ImportError:
        pass


def compressed_cases():
    texts = [b"", b"a", b"b" * 16, b"c" * 100_000, bytes(range(256)) * 8, json.dumps([{"id": i} for i in range(2000)]).encode()]
    for name, compress, _ in compressors():
        for plain in texts:
            yield {"compressor": name, "plain": [len(plain), zlib.crc32(plain)], "bytes": compress(plain).hex()}


def check_compressed(path):
    """Other versions of the libraries write other bytes, so what counts is what they expand to."""
    expand = {name: function for name, _, function in compressors()}
    for case in json.loads(path.read_text())["cases"]:
        if case["compressor"] in expand:
            plain = expand[case["compressor"]](bytes.fromhex(case["bytes"]))
            if [len(plain), zlib.crc32(plain)] != case["plain"]:
                return False
    return True


def expand_file(path):
    expand = {name: function for name, _, function in compressors()}
    seen = 0
    for line in pathlib.Path(path).read_text().splitlines():
        name, plain, compressed = line.split(" ")
        if name in expand:
            assert expand[name](bytes.fromhex(compressed)) == bytes.fromhex(plain), line[:80]
            seen += 1
    print(f"{seen} expanded")


def text_of(cases):
    lines = ",\n".join(json.dumps(case, sort_keys=True) for case in cases)
    return f'{{"made_by": "engine/src/codec/stored_values.py", "cases": [\n{lines}\n]}}\n'


def main():
    if sys.argv[1:2] == ["--expand"]:
        return expand_file(sys.argv[2])
    check = sys.argv[1:] == ["--check"]
    wrong = []
    for name, cases in (("json", json_cases), ("json_texts", json_texts), ("signed", signed_cases)):
        path = golden_values.OUT / f"{name}.json"
        text = text_of(cases())
        if not check:
            path.write_text(text)
        elif path.read_text() != text:
            wrong.append(path.name)
    path = golden_values.OUT / "compressed.json"
    if not check:
        path.write_text(text_of(compressed_cases()))
    elif not check_compressed(path):
        wrong.append(path.name)
    if wrong:
        sys.exit(f"not as stored_values.py writes it: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
