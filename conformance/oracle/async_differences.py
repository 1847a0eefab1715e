"""Where Django 4.2's async methods are not what their sync twins are.

The contract gives both the same semantics, and djcache keeps it. Django's BaseCache, though, makes aget_many, aset_many,
adelete_many, ahas_key, aincr and adecr from aget, aset and adelete, which the redis and memory backends do not replace.
async_differences.json lists, by method, the cases in which that shows; a case on the list that no longer differs is a
problem, and so is a difference that is not on the list or in a case that calls none of these methods. A name that ends in
"sometimes" depends on how fast a replica follows; it is written by hand and may differ or not.
"""
import json
import pathlib

LIST = pathlib.Path(__file__).parent / "async_differences.json"
SOMETIMES = " sometimes"
REASONS = {
    "incr": "aincr and adecr read and then write with TIMEOUT: the expiry is lost, what + takes is counted, reads go to a replica",
    "has_key": "ahas_key reads the value: other redis types and unreadable bytes are errors, memory refreshes the entry",
    "get_many": "aget_many reads key by key: other redis types are errors, keys that become one are each found",
    "set_many": "aset_many writes key by key: what fails has written the ones before it",
    "delete_many": "adelete_many deletes key by key",
}


def key(result):
    return f"{result['id']} {result['backend']}"


def read():
    """{"<id> <backend>": method}, and the names of which are only sometimes true."""
    listed = {name: method for method, names in json.loads(LIST.read_text()).items() for name in names}
    sometimes = {name.removesuffix(SOMETIMES) for name in listed if name.endswith(SOMETIMES)}
    return {name.removesuffix(SOMETIMES): method for name, method in listed.items()}, sometimes


def write(results):
    """The list as this run would have it."""
    known, sometimes = read()
    listed = {method: {name + SOMETIMES for name in sometimes if known[name] == method} for method in REASONS}
    for result in results:
        if result["flavour"] == "async" and result["status"] == "failed" and result["composed"] and key(result) not in sometimes:
            listed[result["composed"]].add(key(result))
    LIST.write_text(json.dumps({method: sorted(names) for method, names in listed.items()}, indent=1) + "\n")


def weigh(results, everything):
    """Turns listed differences from failed to not shared; gives the problems with the list itself."""
    (listed, sometimes), seen = read(), set()
    for result in results:
        method = listed.get(key(result))
        if result["flavour"] == "async" and result["status"] == "failed" and method and method == result["composed"]:
            seen.add(key(result))
            result["status"], result["reason"], result["state"] = "not shared", f"async Django: {REASONS[method]}", []
    if not everything:
        return []
    return [f"{LIST.name}: {name} does not differ" for name in sorted(set(listed) - seen - sometimes) if ran(name, results)]


def ran(name, results):
    """Whether this run can tell: the case was replayed there, or is nowhere."""
    flavours = {result["flavour"] for result in results if key(result) == name}
    return not flavours or "async" in flavours
