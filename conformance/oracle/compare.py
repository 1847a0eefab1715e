#!/usr/bin/env python3
"""Compares what djcache and what Django left on the server after each shared case.

Usage: compare.py DJCACHE.json DJANGO.json [--ttl-slack-ms 5000] [--verbose]
DJCACHE.json comes from djcache-conformance --state --json, DJANGO.json from the oracle's. For each case and serializer that
passed on both sides with the redis backend: the same keys, types, expiries within the slack, and the same bytes. Bytes
that differ only in the order of a set are the same. Divergences are left out and counted. Exits with 1 on a difference,
and when nothing could be compared.
"""
import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True

import django
from django.conf import settings

settings.configure()

import serializers
from values import canonical, shown


def parse_arguments():
    parser = argparse.ArgumentParser(prog="compare", description=__doc__.split("\n")[0])
    parser.add_argument("djcache", type=pathlib.Path)
    parser.add_argument("django", type=pathlib.Path)
    parser.add_argument("--ttl-slack-ms", type=int, default=5000, help="how far two expiries may be apart")
    parser.add_argument("--verbose", action="store_true", help="name what was not compared")
    return parser.parse_args()


def read(path):
    data = json.loads(path.read_text())
    if data.get("format") != 1:
        sys.exit(f"compare: {path} is not of format 1")
    return [result for result in data["results"] if result["backend"] == "redis"]


def has_set(item):
    """Whether a value holds a set, whose order nobody promises."""
    if isinstance(item, (set, frozenset)):
        return True
    parts = [*item.keys(), *item.values()] if isinstance(item, dict) else item
    return isinstance(item, (list, tuple, dict)) and any(has_set(part) for part in parts)


def same_but_for_order(serializer, ours, theirs):
    try:
        ours, theirs = (serializers.CLASSES[serializer]().loads(bytes.fromhex(data)) for data in (ours, theirs))
    except Exception:  # what cannot be read is not the same as anything
        return False
    return has_set(theirs) and canonical(ours) == canonical(theirs)


def entry_differences(ours, theirs, serializer, slack):
    place = f"{ours['at']} db {ours['db']} {ours['key']}"
    if ours["type"] != theirs["type"]:
        yield f"{place}: type {ours['type']}, Django leaves {theirs['type']}"
    if (ours["pttl"] < 0) != (theirs["pttl"] < 0) or abs(ours["pttl"] - theirs["pttl"]) > slack:
        yield f"{place}: pttl {ours['pttl']}, Django leaves {theirs['pttl']}"
    mine, other = ours.get("raw_hex"), theirs.get("raw_hex")
    if mine != other and not (mine and other and same_but_for_order(serializer, mine, other)):
        yield f"{place}: bytes {shown(mine)}, Django leaves {shown(other)}"


def by_place(state):
    return {(entry["at"], entry["db"], entry["key_hex"]): entry for entry in state}


def differences(ours, theirs, slack):
    mine, other = by_place(ours["state"]), by_place(theirs["state"])
    for place in sorted(set(mine) - set(other)):
        yield f"{mine[place]['at']} db {mine[place]['db']} {mine[place]['key']}: Django leaves no such key"
    for place in sorted(set(other) - set(mine)):
        yield f"{other[place]['at']} db {other[place]['db']} {other[place]['key']}: missing, Django leaves it"
    for place in sorted(set(mine) & set(other)):
        yield from entry_differences(mine[place], other[place], ours["serializer"], slack)


def not_comparable(ours, theirs):
    """Why a result is not compared, or None."""
    if ours["status"] != "passed":
        return f"djcache: {ours['status']}"
    if theirs is None:
        return "the oracle did not replay it"
    if theirs["status"] != "passed":
        return f"Django: {theirs['status']}: {theirs['reason']}"
    if theirs.get("diverges"):
        return "a divergence"
    return None


def main():
    options = parse_arguments()
    django_results = {(r["id"], r["serializer"]): r for r in read(options.django) if r["flavour"] == "sync"}
    compared, different, left_out = 0, 0, {}
    for ours in read(options.djcache):
        theirs = django_results.get((ours["id"], ours["serializer"]))
        reason = not_comparable(ours, theirs)
        if reason:
            left_out.setdefault(reason, []).append(ours["id"])
            continue
        compared += 1
        found = list(differences(ours, theirs, options.ttl_slack_ms))
        different += bool(found)
        for line in found:
            print(f"DIFFERENT {ours['id']} [{ours['flavour']} {ours['serializer']}] {line}")
    for reason, ids in sorted(left_out.items(), key=lambda item: -len(item[1])):
        names = sorted(set(ids))
        print(f"not compared: {len(names)} cases: {reason}" + (f" ({', '.join(names)})" if options.verbose else ""))
    print(f"compared with Django {django.__version__}: {compared} replays, {different} different")
    return 1 if different or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
