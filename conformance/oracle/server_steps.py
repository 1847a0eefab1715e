"""The steps that look at a server or do things to it: server, raw, record, recorded, clients, control.

Each function takes the replay, the step and the counter of the repeat around it. Only called where there is a server.
"""
import time

import replay
import wire
from values import shown, text, value

CLIENTS_SECONDS = 2


def target(run, body):
    """The oracle's connection to the server and database that a step names."""
    return run.servers.servers[body.get("at", "server")].inspect(body.get("db", 0))


def do_server(run, step, index):
    wanted = step["server"]
    problem = server_problem(run, wanted, index)
    instead = step.get("django", {}).get("server")
    if instead is not None:
        run.note_divergence(problem is not None)
        problem = server_problem(run, {**wanted, **instead}, index)
    if problem:
        raise replay.Mismatch(problem)


def server_problem(run, body, index):
    """What is not as the step says, or None."""
    connection = target(run, body)
    if "keys" in body:
        wanted = sorted(value(key, index) if isinstance(key, dict) and "$bytes" in key else text(key, index).encode()
                        for key in body["keys"])
        found = sorted(connection.run("KEYS", "*"))
        return None if found == wanted else f"the keys are {shown(found)}; the case wants {shown(wanted)}"
    if "dbsize" in body:
        found = connection.run("DBSIZE")
        return None if found == body["dbsize"] else f"there are {found} keys; the case wants {body['dbsize']}"
    return entry_problem(run, connection, body, index)


def entry_problem(run, connection, body, index):
    key = value(body["key"], index)
    if "type" in body:
        found = connection.run("TYPE", key).decode()
        if found != body["type"]:
            return f"{shown(key)} is of type {found}; the case wants {body['type']}"
    if "pttl" in body:
        found = connection.run("PTTL", key)
        if not pttl_fits(body["pttl"], found):
            return f"the PTTL of {shown(key)} is {found}; the case wants {shown(body['pttl'])}"
    wanted = raw_bytes(run, body.get("raw", {}), index)
    if wanted is not None:
        found = connection.run("GET", key)
        if found != wanted:
            return f"{shown(key)} holds {hexadecimal(found)}; the case wants {hexadecimal(wanted)}"
    return None


def pttl_fits(wanted, found):
    if wanted == "none":
        return found == -1
    if wanted == "missing":
        return found == -2
    return wanted.get("min", 0) <= found <= wanted.get("max", found) and found >= 0


def raw_bytes(run, raw, index):
    """The bytes that a step wants with this serializer, or None."""
    if "text" in raw:
        return text(raw["text"], index).encode()
    if run.serializer in raw:
        return bytes.fromhex(raw[run.serializer])
    return None


def hexadecimal(data):
    return "nothing" if data is None else data.hex()


def do_raw(run, step, index):
    words = [value(word, index) for word in step["raw"]]
    reply = target(run, step).ask(*words)
    if "reply" not in step:
        if isinstance(reply, wire.ErrorReply):
            raise replay.Mismatch(f"{shown(words)} was answered with {reply}")
    elif not reply_fits(step["reply"], reply, index):
        raise replay.Mismatch(f"{shown(words)} was answered with {shown(reply)}; the case wants {shown(step['reply'])}")


def reply_fits(wanted, reply, index):
    if isinstance(wanted, dict) and "$error" in wanted:
        return isinstance(reply, wire.ErrorReply) and str(reply).startswith(wanted["$error"])
    if isinstance(wanted, list):
        return isinstance(reply, list) and len(reply) == len(wanted) and all(
            reply_fits(part, item, index) for part, item in zip(wanted, reply))
    expected = value(wanted, index)
    return (expected.encode() if isinstance(expected, str) else expected) == reply


def do_record(run, step, _index):
    name = step["record"]
    run.monitors[name] = wire.Monitor(run.servers.servers[name].open)


def do_recorded(run, step, index):
    body = step["recorded"]
    commands = run.monitors[body.get("at", "server")].commands()
    problem = recorded_problem(body, commands, index)
    instead = step.get("django", {}).get("recorded")
    if instead is not None:
        run.note_divergence(problem is not None)
        problem = recorded_problem(instead, commands, index)
    if problem:
        raise replay.Mismatch(problem)


def recorded_problem(body, commands, index):
    names = [command[0].decode() for command in commands]
    if "count" in body and len(commands) != body["count"]:
        return f"the server got {shown(names)}; the case wants {body['count']} commands"
    if "names" in body and names != body["names"]:
        return f"the server got {shown(names)}; the case wants {shown(body['names'])}"
    if "commands" in body:
        wanted = [[as_word(word, index) for word in command] for command in body["commands"]]
        if commands != wanted:
            return f"the server got {shown(commands)}; the case wants {shown(wanted)}"
    return None


def as_word(node, index):
    word = value(node, index)
    return word if isinstance(word, bytes) else str(word).encode()


def do_clients(run, step, _index):
    wanted = step["clients"]
    deadline = time.monotonic() + CLIENTS_SECONDS
    while True:
        found = count_clients(run, wanted, step.get("named"))
        problem = clients_problem(wanted, found)
        instead = step.get("django", {}).get("clients")
        if instead is not None:
            run.note_divergence(problem is not None)
            problem = clients_problem(instead, found)
        if not problem:
            return
        if time.monotonic() > deadline:
            raise replay.Mismatch(problem)
        time.sleep(0.02)


def count_clients(run, names, named):
    return {name: run.servers.servers[name].clients(named) for name in names}


def clients_problem(wanted, found):
    for name, number in wanted.items():
        bounds = number if isinstance(number, dict) else {"min": number, "max": number}
        if not bounds.get("min", 0) <= found[name] <= bounds.get("max", found[name]):
            return f"{name} has {found[name]} clients; the case wants {shown(number)}"
    return None


def do_control(run, step, _index):
    for name, verb in step["control"].items():
        run.servers.servers[name].control(verb)
