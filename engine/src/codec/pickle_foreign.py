#!/usr/bin/env python3
"""Pickles of classes that Python and packages around Django have and `Value` has no kind for.

    pickle_foreign.py                writes fixtures/values/pickle_foreign.json: a case for each value and protocol
    pickle_foreign.py --check        says whether the cases of the packages that are here are as this would write them
    pickle_foreign.py --equal FILE   reads lines of a case's name and a pickle that djcache wrote of it, and compares

A case says what djcache reads ("value", in the notation of golden_values.py) and whether what it writes of that is equal to
the object in Python ("equal"). Packages: pytz, dateutil, numpy, Django and its REST framework (Debian: python3-tz,
python3-dateutil, python3-numpy, python3-django, python3-djangorestframework).
"""
import collections
import datetime as dt
import importlib.util
import json
import pickle
import sys

import golden_values
from pickle_values import typed

OUT = golden_values.OUT / "pickle_foreign.json"
US = dt.timedelta(microseconds=1)

Case = collections.namedtuple("Case", "name package object reads equal", defaults=[True])


def at_offset(when, minutes, label):
    """What djcache reads of a datetime in a zone of pytz: the offset of the pickle, and the zone's name beside it."""
    return when.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes), label))


def pytz_cases():
    import pytz

    paris, new_york = pytz.timezone("Europe/Paris"), pytz.timezone("America/New_York")
    noon, night = dt.datetime(2020, 7, 1, 12), dt.datetime(2020, 10, 25, 2, 30)
    yield "summer", paris.localize(noon), at_offset(noon, 120, "Europe/Paris")
    yield "the first offset of the zone, by mistake", noon.replace(tzinfo=paris), at_offset(noon, 9, "Europe/Paris")
    yield "ambiguous, first", paris.localize(night, is_dst=True), at_offset(night, 120, "Europe/Paris")
    yield "ambiguous, second", paris.localize(night, is_dst=False), at_offset(night, 60, "Europe/Paris")
    yield "west", new_york.localize(noon), at_offset(noon, -240, "America/New_York")
    yield "west, by mistake", noon.replace(tzinfo=new_york), at_offset(noon, -296, "America/New_York")
    yield "one offset for ever", noon.replace(tzinfo=pytz.timezone("Etc/GMT+5")), {"zone": [None, "Etc/GMT+5"]}
    yield "utc", noon.replace(tzinfo=pytz.utc), noon.replace(tzinfo=dt.timezone.utc)
    yield "fixed", noon.replace(tzinfo=pytz.FixedOffset(330)), at_offset(noon, 330, "")
    yield "time", dt.time(1, 2, tzinfo=paris), {"zone": [None, "Europe/Paris"]}


def python_cases():
    """A fifth part says whether what djcache writes of it is equal in Python: not where a Value has no kind for it."""
    import fractions
    import ipaddress

    yield "range", range(2, 9, 3), [2, 5, 8], False
    yield "range, down", range(9, 2, -3), [9, 6, 3], False
    yield "complex", [1 + 2j, complex(0, -1.5)], [(1.0, 2.0), (0.0, -1.5)], False
    yield "Fraction", [fractions.Fraction(1, 3), fractions.Fraction(-4), fractions.Fraction(0.1)], ["1/3", "-4", str(fractions.Fraction(0.1))], False
    for text in ("0.0.0.0", "1.2.3.4", "255.255.255.255", "::", "::1", "fe80::1", "1:0:0:2::3", "::ffff:102:304", "ffff:" * 7 + "ffff"):
        yield f"address {text}", ipaddress.ip_address(text), text, False
    for text in ("10.0.0.0/8", "0.0.0.0/0", "fe80::/64", "::/0"):
        yield f"network {text}", ipaddress.ip_network(text), text, False
        yield f"interface {text}", ipaddress.ip_interface(text), text, False
    yield "deque, full", collections.deque([1, 2, 3], 2), [2, 3], False


def dateutil_cases():
    from dateutil import tz

    noon = dt.datetime(2020, 7, 1, 12)
    yield "utc", noon.replace(tzinfo=tz.tzutc()), noon.replace(tzinfo=dt.timezone.utc)
    yield "offset", noon.replace(tzinfo=tz.tzoffset("X", 3600)), at_offset(noon, 60, "X")
    yield "offset, west and without a name", noon.replace(tzinfo=tz.tzoffset(None, -3600)), at_offset(noon, -60, "")
    yield "times", [dt.time(1, 2, tzinfo=tz.tzutc())] * 2, [dt.time(1, 2, tzinfo=dt.timezone.utc)] * 2


def numpy_cases():
    import numpy

    for name in ("int8", "int16", "int32", "int64"):
        bits = 8 * numpy.dtype(name).itemsize
        yield name, [numpy.dtype(name).type(number) for number in (0, 5, -1, -(2 ** (bits - 1)))], [0, 5, -1, -(2 ** (bits - 1))]
        yield "u" + name, [numpy.dtype("u" + name).type(number) for number in (0, 5, 2**bits - 1)], [0, 5, 2**bits - 1]
    for name in ("float16", "float32", "float64"):
        numbers = [numpy.dtype(name).type(number) for number in ("0.1", "-0.0", "6e-8", "inf", "1")]
        yield name, numbers, [float(number) for number in numbers]
    yield "bool", [numpy.bool_(True), numpy.bool_(False)], [True, False]
    yield "complex64", numpy.complex64(1 + 2j), (1.0, 2.0), False
    yield "complex128", numpy.complex128(1 - 2j), (1.0, -2.0), False


def django_cases():
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)
    from django.http import QueryDict
    from django.utils.datastructures import MultiValueDict
    from django.utils.functional import SimpleLazyObject, lazystr
    from django.utils.translation import gettext_lazy

    lists = {"a": ["1", "2"], "b": ["2"]}
    yield "QueryDict", QueryDict("a=1&a=2&b=2"), lists
    yield "QueryDict, empty", QueryDict(""), {}
    yield "MultiValueDict", [MultiValueDict(lists)] * 2, [lists, lists]
    yield "lazystr", lazystr("abc"), "abc"
    yield "lazy texts", [gettext_lazy("Hello"), lazystr("abc")], ["Hello", "abc"]
    lazy = SimpleLazyObject(lambda: {"a": 1})
    assert lazy["a"] == 1
    yield "SimpleLazyObject", lazy, {"a": 1}


def rest_framework_cases():
    from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

    row = {"id": 1, "name": "n", "tags": ["x"]}
    yield "ReturnDict", ReturnDict(row, serializer=None), row
    yield "ReturnList", ReturnList([row, row], serializer=None), [row, row]
    page = {"count": 2, "next": None, "results": ReturnList([ReturnDict(row, serializer=None)], serializer=None)}
    yield "page", page, {"count": 2, "next": None, "results": [row]}


PACKAGES = {"pickle": python_cases, "pytz": pytz_cases, "dateutil": dateutil_cases, "numpy": numpy_cases, "django": django_cases,
            "rest_framework": rest_framework_cases}


def cases():
    for package, make in PACKAGES.items():
        if importlib.util.find_spec(package):
            for case in make():
                yield Case(f"{package}: {case[0]}", package, *case[1:])


def read_as(case):
    """A zone beside a datetime or a time is the one thing that typed() cannot take from an object that Python can make."""
    if isinstance(case.reads, dict) and "zone" in case.reads:
        return {**typed(case.object.replace(tzinfo=None)), **case.reads}
    return typed(case.reads)


def recorded():
    for case in cases():
        pickles = {}
        for protocol in range(6):
            for pickler, dumps in (("C", pickle.dumps), ("Python", pickle._dumps)):
                try:
                    data = dumps(case.object, protocol).hex()
                except RecursionError:
                    continue  # some subclasses of dict, which Python cannot write in protocols 0 and 1
                if data not in pickles.values():
                    pickles[f"{protocol} {pickler}"] = data
        yield {"name": case.name, "package": case.package, "equal": case.equal, "value": read_as(case), "bytes": pickles}


def text_of(record):
    lines = ",\n".join(json.dumps(case, sort_keys=True) for case in record)
    return f'{{"made_by": "engine/src/codec/pickle_foreign.py", "cases": [\n{lines}\n]}}\n'


def check():
    here = list(recorded())
    packages = {case["package"] for case in here}
    kept = [case for case in json.loads(OUT.read_text())["cases"] if case["package"] in packages]
    if text_of(kept) != text_of(here):
        sys.exit("fixtures/values/pickle_foreign.json is not as pickle_foreign.py writes it")


def equal(path):
    objects, count = {case.name: case.object for case in cases()}, 0
    for line in open(path):
        one = json.loads(line)
        if one["name"] in objects:
            again = pickle.loads(bytes.fromhex(one["bytes"]))
            if again != objects[one["name"]]:
                sys.exit(f"{one['name']}: {again!r} was written for {objects[one['name']]!r}")
            count += 1
    print(count, "are equal")


def main():
    if sys.argv[1:2] == ["--equal"]:
        equal(sys.argv[2])
    elif sys.argv[1:] == ["--check"]:
        check()
    else:
        OUT.write_text(text_of(recorded()))


if __name__ == "__main__":
    main()
