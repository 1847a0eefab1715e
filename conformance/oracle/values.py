"""Values of the case format and Python's values: from JSON with tags, and when two of them are the same.

Knows FORMAT.md, "Values"; knows nothing of Django or of servers. Whatever the page does not list is a FormatError.
"""
import datetime as dt
import decimal
import json
import math
import uuid


class FormatError(Exception):
    """The file breaks the rules of FORMAT.md."""


class Miss:
    """What get gives for a missing key without a default."""

    def __repr__(self):
        return "a miss"


MISS = Miss()
INT_LIMIT = 2**63


def only_key(node):
    """The tag of a tagged value, or None for a plain dict."""
    tags = [key for key in node if key.startswith("$")]
    if tags and len(node) > 1:
        raise FormatError(f"a value with the tag {tags[0]} has other fields")
    return tags[0] if tags else None


def text(node, index=None):
    """A string, also written with $repeat, $concat or $index."""
    result = value(node, index)
    if not isinstance(result, str):
        raise FormatError(f"expected a string, got {shown(node)}")
    return result


def value(node, index=None):
    """The Python value; `index` is the innermost counter, None outside of any."""
    if node is None or isinstance(node, (bool, str, float)):
        return node
    if isinstance(node, int):
        if not -INT_LIMIT <= node < 2 * INT_LIMIT:
            raise FormatError(f"{node} has more than 64 bits: write it with $int")
        return node
    if isinstance(node, list):
        return [value(item, index) for item in node]
    tag = only_key(node)
    if tag is None:
        return {key: value(item, index) for key, item in node.items()}
    if tag not in TAGS:
        raise FormatError(f"unknown tag {tag}")
    try:
        return TAGS[tag](node[tag], index)
    except FormatError:
        raise
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{tag}: {shown(node[tag])} cannot be read: {error}") from error


def read_bytes(body, index):
    if isinstance(body, str):
        return bytes.fromhex(body)
    [(kind, content)] = body.items()
    if kind == "text":
        return text(content, index).encode()
    if kind == "repeat":
        pattern, times = content
        return bytes.fromhex(pattern) * times
    raise FormatError(f"$bytes does not know {kind}")


def read_items(kind):
    def read(body, index):
        if not isinstance(body, list):
            raise FormatError(f"expected a list, got {shown(body)}")
        return kind(value(item, index) for item in body)

    return read


def read_dict(body, index):
    return {value(key, index): value(item, index) for key, item in body}


def read_timedelta(body, _index):
    unknown = set(body) - {"days", "seconds", "microseconds"}
    if unknown:
        raise FormatError(f"$timedelta does not know {sorted(unknown)}")
    result = dt.timedelta(**body)
    if (result.seconds, result.microseconds) != (body.get("seconds", 0), body.get("microseconds", 0)):
        raise FormatError("$timedelta is not in Python's normal form")
    return result


def read_repeat(body, index):
    piece, times = body
    return text(piece, index) * times


def read_concat(body, index):
    return "".join(text(piece, index) for piece in body)


def read_nest(body, index):
    inner, depth = body
    result = value(inner, index)
    for _ in range(depth):
        result = [result]
    return result


def read_each(body, _index):
    times, expression = body
    return [value(expression, index) for index in range(times)]


def read_each_pair(body, _index):
    times, key, item = body
    return {value(key, index): value(item, index) for index in range(times)}


def read_index(body, index):
    if index is None:
        raise FormatError("$index stands outside of repeat, $each and $each_pair")
    if body is None:
        return index
    if not isinstance(body, str) or "{}" not in body:
        raise FormatError("$index takes null, or a text with {}")
    return body.replace("{}", str(index))


TAGS = {
    "$bytes": read_bytes,
    "$int": lambda body, _: int(body),
    "$float": lambda body, _: float(body),
    "$tuple": read_items(tuple),
    "$set": read_items(set),
    "$frozenset": read_items(frozenset),
    "$dict": read_dict,
    "$datetime": lambda body, _: dt.datetime.fromisoformat(body),
    "$date": lambda body, _: dt.date.fromisoformat(body),
    "$time": lambda body, _: dt.time.fromisoformat(body),
    "$timedelta": read_timedelta,
    "$decimal": lambda body, _: decimal.Decimal(body),
    "$uuid": lambda body, _: uuid.UUID(body),
    "$repeat": read_repeat,
    "$concat": read_concat,
    "$nest": read_nest,
    "$each": read_each,
    "$each_pair": read_each_pair,
    "$index": read_index,
}


def canonical(item):
    """A hashable form in which two values are equal exactly when kind and content are."""
    kind = type(item).__name__
    if isinstance(item, float):
        return kind, "nan" if math.isnan(item) else item, math.copysign(1, item)
    if isinstance(item, (list, tuple)):
        return kind, tuple(canonical(part) for part in item)
    if isinstance(item, (set, frozenset)):
        return kind, frozenset(canonical(part) for part in item)
    if isinstance(item, dict):
        return kind, frozenset((canonical(key), canonical(part)) for key, part in item.items())
    if isinstance(item, (dt.datetime, dt.time)):
        return kind, item.replace(tzinfo=None), item.fold, item.utcoffset(), item.tzinfo is None
    if isinstance(item, decimal.Decimal):
        return kind, str(item)
    return kind, item


def matches(expected, got, index=None):
    """Whether what came back is what `returns` says."""
    if isinstance(expected, dict):
        tag = only_key(expected)
        if tag == "$miss":
            return got is MISS
        if tag == "$any":
            return True
        if tag == "$one_of":
            return any(matches(choice, got, index) for choice in expected[tag])
    return got is not MISS and canonical(value(expected, index)) == canonical(got)


def check_expected(expected):
    """Reads what `returns` says for nothing but its errors; inside of a repeat any number does for $index."""
    if isinstance(expected, dict):
        tag = only_key(expected)
        if tag in ("$miss", "$any"):
            if expected[tag] is not True:
                raise FormatError(f"{tag} takes true")
            return
        if tag == "$one_of":
            for choice in expected[tag]:
                check_expected(choice)
            return
    value(expected, 0)


def shown(item, limit=200):
    """A value or a piece of JSON for a message, cut where it is long."""
    out = json.dumps(item, ensure_ascii=False, default=repr) if isinstance(item, (dict, list)) else repr(item)
    return out if len(out) <= limit else f"{out[:limit]}... ({len(out)} characters)"
