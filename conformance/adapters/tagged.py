"""Values as PROTOCOL.md writes them: JSON with $-tags to Python's values, and back."""
import datetime as dt
import decimal
import math
import uuid

EXACT = 2**53


class Miss:
    """Returned by get for a missing key without a default."""


READERS = {
    "$bytes": bytes.fromhex, "$int": int, "$float": float, "$decimal": decimal.Decimal, "$uuid": uuid.UUID,
    "$datetime": dt.datetime.fromisoformat, "$date": dt.date.fromisoformat, "$time": dt.time.fromisoformat,
    "$timedelta": lambda body: dt.timedelta(**body), "$tuple": lambda body: tuple(map(read, body)),
    "$set": lambda body: set(map(read, body)), "$frozenset": lambda body: frozenset(map(read, body)),
    "$dict": lambda body: {read(key): read(item) for key, item in body},
}


def read(node):
    """Converts what the runner sends to a Python value."""
    if isinstance(node, list):
        return [read(item) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1:
        [(tag, body)] = node.items()
        if tag in READERS:
            return READERS[tag](body)
    return {key: read(item) for key, item in node.items()}


def write_float(number):
    return "nan" if math.isnan(number) else repr(number)


def write_items(tag):
    return lambda value: {tag: [write(item) for item in value]}


WRITERS = {
    bytes: lambda value: {"$bytes": value.hex()}, float: lambda value: {"$float": write_float(value)},
    list: lambda value: [write(item) for item in value], tuple: write_items("$tuple"), set: write_items("$set"),
    frozenset: write_items("$frozenset"), dt.datetime: lambda value: {"$datetime": value.isoformat()},
    dt.date: lambda value: {"$date": value.isoformat()}, dt.time: lambda value: {"$time": value.isoformat()},
    dt.timedelta: lambda value: {"$timedelta": {"days": value.days, "seconds": value.seconds,
                                                "microseconds": value.microseconds}},
    decimal.Decimal: lambda value: {"$decimal": str(value)}, uuid.UUID: lambda value: {"$uuid": str(value)},
    Miss: lambda value: {"$miss": True},
}


def write(value):
    """JSON for a Python value; a value without a tag becomes its repr, which equals nothing."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -EXACT <= value <= EXACT else {"$int": str(value)}
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: write(item) for key, item in value.items()}
        return {"$dict": [[write(key), write(item)] for key, item in value.items()]}
    writer = WRITERS.get(type(value))
    return writer(value) if writer else f"an object: {value!r}"
