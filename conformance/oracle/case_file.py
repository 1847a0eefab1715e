"""Reads case files: the schema, then the rules that a schema cannot say. A file that breaks one is rejected whole.

Gives cases with the file's defaults filled in. Knows nothing of Django or of servers.
"""
import dataclasses
import json
import pathlib
import re

import jsonschema

from values import FormatError, check_expected

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
VERSION = 1
VERBS = ("call", "await", "cancel", "server", "raw", "record", "recorded", "clients", "control", "loop", "disconnect",
         "pools", "events", "engine", "peer", "wait", "counted", "repeat")
LOOP_VERBS = {"loop", "pools", "events", "engine", "peer", "cancel"}
SERVER_ONLY_VERBS = {"raw", "record", "recorded", "clients", "control"}
OWN_SERVER_VERBS = {"record", "recorded", "clients", "control"}
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?::\d)?)(?:\.(unix|host|port))?(?:/(\d+))?\}")


@dataclasses.dataclass
class Case:
    """One case; the fields are those of FORMAT.md."""

    file: str
    id: str
    claim: str
    labels: list
    needs: list
    backends: dict
    serializers: list
    caches: dict
    servers: dict
    steps: list
    django: object = True
    divergence: object = None
    skip: object = None
    peer: object = None


def no_repeated_keys(pairs):
    names = [name for name, _ in pairs]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise FormatError(f"the key {sorted(twice)[0]} is there twice")
    return dict(pairs)


def read_json(path):
    def constant(name):
        raise FormatError(f"{name} is no JSON: use $float")

    try:
        return json.loads(path.read_text(), object_pairs_hook=no_repeated_keys, parse_constant=constant)
    except ValueError as error:
        raise FormatError(f"not JSON: {error}") from error


def schema():
    return jsonschema.Draft7Validator(json.loads((FIXTURES / "case.schema.json").read_text()))


def load(path, validator):
    """The cases of a file."""
    data = read_json(path)
    if not isinstance(data, dict) or data.get("format") != VERSION:
        raise FormatError(f"the oracle reads format {VERSION}, not {data.get('format') if isinstance(data, dict) else data}")
    error = jsonschema.exceptions.best_match(validator.iter_errors(data))
    if error:
        place = "/".join(str(part) for part in error.absolute_path)
        raise FormatError(f"{place}: {error.message[:400]}")
    if data["group"] != path.stem:
        raise FormatError(f"the group {data['group']} is not the file's name")
    return [check(fill(raw, data, path.name)) for raw in data["cases"]]


def fill(raw, data, file):
    """A case with what the file says for all its cases."""
    def own_or_file(name, default):
        return raw.get(name, data.get(name, default))

    return Case(
        file=file, id=raw["id"], claim=raw["claim"], steps=raw["steps"],
        labels=[data["group"], *data.get("labels", []), *raw.get("labels", [])],
        needs=list(dict.fromkeys([*data.get("needs", []), *raw.get("needs", [])])),
        backends=own_or_file("backends", None), serializers=own_or_file("serializers", ["msgpack", "pickle"]),
        caches=own_or_file("caches", {"default": {}}), servers=own_or_file("servers", {}),
        django=own_or_file("django", True), peer=own_or_file("peer", None),
        divergence=raw.get("divergence"), skip=raw.get("skip"))


def verb_of(step):
    found = [verb for verb in VERBS if verb in step]
    # `server` is also a field beside other verbs' names only inside of their objects, so one is left.
    if len(found) != 1:
        raise FormatError(f"a step has exactly one verb, not {found}")
    return found[0]


def all_steps(steps):
    for step in steps:
        yield step
        if "repeat" in step:
            yield from all_steps(step["repeat"]["steps"])


def check(case):
    """The rules between fields; gives the case back."""
    try:
        if not case.id.startswith(case.file.removesuffix(".json") + "."):
            raise FormatError("the id does not begin with the group")
        if "default" not in case.caches:
            raise FormatError("caches has no default")
        if "core" in case.labels and "slow" in case.labels:
            raise FormatError("a case is core or slow, not both")
        if len(case.labels) < 2:
            raise FormatError("no label besides the group")
        check_needs(case)
        check_steps(case)
    except FormatError as error:
        raise FormatError(f"{case.id}: {error}") from error
    return case


def used_needs(case):
    """The needs that placeholders, servers and steps of a case speak of; names of `servers` count as none."""
    used = {"own_server"} if "server" in case.servers else set()
    if case.peer:
        used.add("peer")
    locations = json.dumps([alias.get("LOCATION") for alias in case.caches.values()])
    names = [(match[1], match[2]) for match in PLACEHOLDER.finditer(locations)]
    names += [(spec["replica_of"], None) for spec in case.servers.values() if "replica_of" in spec]
    for step in all_steps(case.steps):
        names += [(name, None) for name in servers_of(step)]
        if verb_of(step) == "peer":
            used.add("peer")
    for name, part in names:
        if part == "unix":
            used.add("unix")
        if re.fullmatch(r"server:2|replica:[12]|peer", name):
            used.add(name)
        elif name not in {"server", "nowhere", *case.servers}:
            raise FormatError(f"no server is called {name}")
    return used


def servers_of(step):
    """The names of servers in a step."""
    verb = verb_of(step)
    body = step[verb]
    if verb == "server":
        return [body.get("at", "server")]
    if verb == "raw":
        return [step.get("at", "server")]
    if verb == "record":
        return [body]
    if verb == "recorded":
        return [body.get("at", "server")]
    if verb in ("clients", "control"):
        return list(body)
    if verb == "wait" and "replicated" in body:
        return [body["replicated"]]
    return []


def check_needs(case):
    used = used_needs(case)
    missing = used - set(case.needs) - ({"own_server"} if "server" in case.servers else set())
    if missing:
        raise FormatError(f"needs does not list {sorted(missing)}")
    free = {need for need in case.needs if need.startswith(("server>=", "server<")) or need in ("own_server", "databases")}
    idle = set(case.needs) - used - free
    if idle:
        raise FormatError(f"nothing uses the needs {sorted(idle)}")


def check_steps(case):
    own = {"own_server"} if "server" in case.servers else set()
    serverless = [name for name in ("memory", "dummy") if case.backends[name] is True]
    open_starts = set()
    for step in all_steps(case.steps):
        verb = verb_of(step)
        if verb in SERVER_ONLY_VERBS and serverless:
            raise FormatError(f"a {verb} step in a case for {serverless[0]}")
        if verb in OWN_SERVER_VERBS and "server" in servers_of(step) and "own_server" not in {*case.needs, *own}:
            raise FormatError(f"a {verb} step without the need own_server")
        if verb == "wait" and {"ms", "expired"} & set(step["wait"]) and "slow" not in case.labels:
            raise FormatError("waits for time without the label slow")
        if "django" in step and not case.divergence:
            raise FormatError("a step says what Django does instead, and the case has no divergence")
        if case.django is True:
            check_for_django(step, verb)
        if "start" in step:
            if step["start"] in open_starts:
                raise FormatError(f"{step['start']} is started twice")
            open_starts.add(step["start"])
        if verb == "await":
            if step["await"] not in open_starts:
                raise FormatError(f"{step['await']} is awaited but not begun")
            open_starts.remove(step["await"])
        if "returns" in step:
            check_expected(step["returns"])
        if "returns" in step and "raises" in step:
            raise FormatError("a step returns or raises, not both")
    if open_starts:
        raise FormatError(f"never awaited: {sorted(open_starts)}")


def check_for_django(step, verb):
    """A case that Django shares must say what Django raises and must not look at a loop."""
    if verb in LOOP_VERBS or step.get("dropped"):
        raise FormatError(f"a {verb} step is djcache's only: say so in django")
    if "raises" in step and "django" not in step["raises"] and "raises" not in step.get("django", {}):
        if not {"returns", "raises"} & set(step.get("django", {})):
            raise FormatError("raises does not name Django's exception")


def find_files(arguments):
    """The files named by the arguments, folders searched; all of fixtures/cases without any."""
    found = []
    for argument in arguments or [FIXTURES / "cases"]:
        path = pathlib.Path(argument)
        found += sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not found:
        raise FormatError("no case file found")
    return found


def load_all(paths):
    """All cases of all files, and what was wrong with the files that were rejected."""
    validator, cases, problems, seen = schema(), [], [], {}
    for path in paths:
        try:
            loaded = load(path, validator)
            for case in loaded:
                if case.id in seen:
                    raise FormatError(f"{case.id} is also in {seen[case.id]}")
                seen[case.id] = path.name
            cases += loaded
        except (FormatError, OSError) as error:
            problems.append(f"{path.name}: {error}")
    return cases, problems
