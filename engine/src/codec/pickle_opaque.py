#!/usr/bin/env python3
"""Objects of classes that djcache does not know, to be taken out of pickles and written back.

    pickle_opaque.py --write FILE    a line for each object, protocol and pickler: its name, class, data and pickle
    pickle_opaque.py --check FILE    reads such lines, with pickles that djcache wrote of ["before", object, "after", object],
                                     and compares what Python finds with the objects, what they share included
"""
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import functools
import json
import pickle
import sys
import types

shops = types.ModuleType("shops")
sys.modules["shops"] = shops


def of_shops(cls):
    cls.__module__ = "shops"
    setattr(shops, cls.__name__, cls)
    return cls


@of_shops
class Color(str, enum.Enum):
    RED = "red"


@of_shops
class Size(str, enum.Enum):
    LARGE = "large"

    def __reduce_ex__(self, protocol):  # as Python but 3.11 does it
        return self.__class__, (self._value_,)


@of_shops
class Level(enum.IntEnum):
    HIGH = 3


@of_shops
class Name(str):
    pass


@of_shops
class Number(int):
    pass


@of_shops
class Basket(list):
    pass


@of_shops
class Table(dict):
    pass


@of_shops
class Tags(set):
    pass


@of_shops
class Pair(tuple):
    pass


Point = of_shops(collections.namedtuple("Point", "x y"))


@of_shops
@dataclasses.dataclass
class Item:
    name: str
    price: object = None


@of_shops
class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a=None, b=None):
        self.a, self.b = a, b


@of_shops
class Node:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


@of_shops
class Wide:
    """Pickled by a call with keywords."""

    def __new__(cls, *, x):
        made = super().__new__(cls)
        made.x = x
        return made

    def __getnewargs_ex__(self):
        return (), {"x": self.x}


@of_shops
class Zone(dt.tzinfo):
    def utcoffset(self, when):
        return dt.timedelta(hours=2)

    def dst(self, when):
        return None


@of_shops
class Wrong(Exception):
    pass


@of_shops
def factory():
    return 7


def cyclic():
    parent = Node(name="parent")
    parent.child = Node(parent=parent, again=[parent])
    return parent


def cyclic_tuple():
    inner = []
    outer = (inner, Node(inner=inner))
    inner.append(outer)
    return Node(outer=outer)


def tuple_in_itself():
    inner = []
    outer = (inner,)
    inner.append(outer)
    return Node(outer=outer)


def sharing():
    rows = [1, 2]
    return Node(a=rows, b=rows, c=Item("x", rows))


def named_attributes():
    name = Name("n")
    name.size = 3
    return name


# Name, object, its class, and with foreign = "data" what is read (absent: the same as opaque).
NOTHING = object()
CASES = [
    ("enum, by its value", lambda: Size.LARGE, "shops.Size", "large"),
    ("enum, by its name", lambda: Color.RED, "shops.Color", NOTHING),
    ("enum of int, by its name", lambda: Level.HIGH, "shops.Level", NOTHING),
    ("str", lambda: Name("n"), "shops.Name", "n"),
    ("str with attributes", named_attributes, "shops.Name", "n"),
    ("int", lambda: Number(5), "shops.Number", 5),
    ("list", lambda: Basket([1, "a", [2]]), "shops.Basket", [1, "a", [2]]),
    ("list, long", lambda: Basket(range(2500)), "shops.Basket", list(range(2500))),
    ("dict", lambda: Table(a=1, b={"c": 2}), "shops.Table", {"a": 1, "b": {"c": 2}}),
    ("tuple", lambda: Pair((1, 2)), "shops.Pair", (1, 2)),
    ("namedtuple", lambda: Point(1, [2]), "shops.Point", (1, [2])),
    ("set", lambda: Tags({1}), "shops.Tags", NOTHING),
    ("dataclass", lambda: Item("x", decimal.Decimal("1.50")), "shops.Item", NOTHING),
    ("dataclass of plain data", lambda: Item("x", 2), "shops.Item", {"name": "x", "price": 2}),
    ("slots", lambda: Slots(1, "b"), "shops.Slots", {"a": 1, "b": "b"}),
    ("nothing", lambda: Node(), "shops.Node", NOTHING),
    ("keywords", lambda: Wide(x=[1]), "shops.Wide", NOTHING),
    ("exception", lambda: ValueError("wrong"), "builtins.ValueError", NOTHING),
    ("own exception", lambda: Wrong("wrong"), "shops.Wrong", "wrong"),
    ("cycle", cyclic, "shops.Node", NOTHING),
    ("cycle through a tuple", cyclic_tuple, "shops.Node", NOTHING),
    ("a tuple that contains itself", tuple_in_itself, "shops.Node", NOTHING),
    ("what is shared within", sharing, "shops.Node", NOTHING),
    ("a class", lambda: Item, "shops.Item", NOTHING),
    ("a known class", lambda: dt.date, "datetime.date", NOTHING),
    ("a function", lambda: factory, "shops.factory", NOTHING),
    ("a default by a function", lambda: collections.defaultdict(factory, a=1), "shops.factory", NOTHING),
    ("partial", lambda: functools.partial(factory), "functools.partial", NOTHING),
    ("a time in an own zone", lambda: dt.datetime(2020, 1, 2, tzinfo=Zone()), "shops.Zone", NOTHING),
    ("what djcache would change", lambda: Node(a=bytearray(b"x"), b=collections.deque([1], 2), c=collections.OrderedDict(a=1),
                                               d=range(3), e=1 + 2j, f=frozenset({1})), "shops.Node", NOTHING),
    ("large", lambda: Node(text="x" * 100_000, bytes=b"y" * 70_000, rows=list(range(3000))), "shops.Node", NOTHING),
    ("deep", lambda: functools.reduce(lambda below, _: Node(below=below), range(50), None), "shops.Node", NOTHING),
]


def describe(thing, seen):
    """An object, what it consists of, and where it meets one again."""
    if isinstance(thing, (type, types.FunctionType)) or thing is None or type(thing) in (bool, int, float, str, bytes):
        return repr(thing)
    if isinstance(thing, enum.Enum):
        return repr(thing)
    if id(thing) in seen:
        return f"again {seen[id(thing)][0]}"
    seen[id(thing)] = len(seen), thing
    if type(thing) in (list, tuple):
        return type(thing).__name__ + "(" + ", ".join(describe(each, seen) for each in thing) + ")"
    if type(thing) is dict:
        return "{" + ", ".join(describe(k, seen) + ": " + describe(v, seen) for k, v in thing.items()) + "}"
    parts = thing.__reduce_ex__(4)
    head, *rest = (parts[0].__name__, *parts[1:3])
    rest += [list(each) for each in parts[3:5] if each is not None]
    return f"{head}({', '.join(describe(each, seen) for each in rest)})"


def pickles():
    for name, make, cls, data in CASES:
        for protocol in range(6):
            for pickler, dumps in (("C", pickle.dumps), ("Python", pickle._dumps)):
                try:
                    yield name, cls, data, protocol, pickler, dumps(make(), protocol)
                except (TypeError, pickle.PicklingError, RecursionError, ValueError):
                    pass  # not every class has a form in the old protocols


def write(path):
    from pickle_values import typed

    with open(path, "w") as out:
        for name, cls, data, protocol, pickler, made in pickles():
            line = {"name": name, "class": cls, "protocol": protocol, "pickler": pickler, "bytes": made.hex()}
            # Classes with __slots__, and dicts and lists of protocols 0 and 1, have other forms there.
            if data is not NOTHING and protocol >= 2:
                line["data"] = typed(data)
            out.write(json.dumps(line) + "\n")


def check(path):
    objects = {name: make for name, make, _, _ in CASES}
    count = 0
    for text in open(path):
        line = json.loads(text)
        original = pickle.loads(bytes.fromhex(line["bytes"]))  # old protocols lose some of it by themselves
        for loads in (pickle.loads, pickle._loads):
            before, first, after, second = loads(bytes.fromhex(line["written"]))
            wanted = describe(original, {})
            for found in (first, second):
                if type(found) is not type(objects[line["name"]]()) or describe(found, {}) != wanted:
                    sys.exit(f"{line['name']}, protocol {line['protocol']}: {describe(found, {})} instead of {wanted}")
            if (before, after) != ("before", dt.date(2020, 1, 2)):
                sys.exit(f"{line['name']}, protocol {line['protocol']}: {before!r} and {after!r} around it")
            count += 1
    print(count, "are as they were")


def main():
    if sys.argv[1] == "--write":
        write(sys.argv[2])
    else:
        check(sys.argv[2])


if __name__ == "__main__":
    main()
