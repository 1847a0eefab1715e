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


def cases():
    for package, make in (("pytz", pytz_cases),):
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
                data = dumps(case.object, protocol).hex()
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
