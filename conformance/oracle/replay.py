"""Replays the steps of one case against Django's caches and says where Django did otherwise.

A step's `django` field replaces what djcache must do. What is on the server is looked at in server_steps.py.
"""
import asyncio
import time
import warnings

from django.core.cache import CacheKeyWarning

import django_redis_calls
import server_steps
from case_file import verb_of
from values import MISS, FormatError, matches, shown, text, value

TOO_LONG = "Cache key will cause errors if used with memcached: %r (longer than 250)"
BAD_CHARACTERS = "Cache key contains characters that will cause errors if used with memcached: %r"
# What BaseCache has no async twin of.
ALWAYS_SYNC = {"contains", "make_key"}
LIMIT_SECONDS = 30
# BaseCache makes these async methods of Django 4.2 from aget, aset and adelete, whatever the sync method does.
COMPOSED = {"get_many", "set_many", "delete_many", "has_key", "incr", "decr"}


# What redis-py 4 raises as ResponseError, and redis-py 6 as a class of its own.
REFUSALS_OF_REDIS_PY_6 = {"AuthenticationError", "OutOfMemoryError"}


class Mismatch(Exception):
    """Django did not do what the case says."""


class ProducerFailed(RuntimeError):
    """What a producer with `fails` raises: Django lets it through."""


ProducerFailed.__name__ = "RuntimeError"


def is_called(error, wanted):
    name = type(error).__name__
    return name == wanted or (wanted == "ResponseError" and name in REFUSALS_OF_REDIS_PY_6)


class Outcome:
    """What a call gave: a result or an exception, and the warnings."""

    def __init__(self, result=None, error=None, warned=()):
        self.result, self.error, self.warned = result, error, list(warned)

    def __str__(self):
        if self.error is not None:
            return f"raised {type(self.error).__name__}: {str(self.error)[:200]}"
        return f"returned {shown(self.result)}"


class Replay:
    """One case on one configuration. `caches` and `servers` are made for it alone."""

    def __init__(self, case, caches, servers, backend, flavour, serializer):
        self.case, self.caches, self.servers = case, caches, servers
        self.backend, self.flavour, self.serializer = backend, flavour, serializer
        self.counters = {}
        self.locks = django_redis_calls.Locks()
        self.started = {}
        self.monitors = {}
        self.diverged = False
        self.composed = ""
        self.unseen_server_steps = 0
        self.runner = asyncio.Runner() if flavour == "async" else None

    def run(self):
        """Runs every step; Mismatch where Django does otherwise."""
        try:
            self.run_steps(self.case.steps, None)
            if self.case.divergence and not self.diverged:
                raise Mismatch("a divergence is claimed, and Django does what djcache must do")
        finally:
            for monitor in self.monitors.values():
                monitor.close()
            if self.runner:
                self.runner.close()

    def run_steps(self, steps, index):
        for number, step in enumerate(steps, 1):
            verb = verb_of(step)
            try:
                self.run_step(verb, step, index)
            except Mismatch as error:
                raise Mismatch(f"step {number} ({verb}{'' if index is None else f', round {index}'}): {error}") from error

    def run_step(self, verb, step, index):
        handler = getattr(self, f"do_{verb}", None) or getattr(server_steps, f"do_{verb}", None)
        if handler is None:
            raise FormatError(f"the oracle cannot replay {verb}")
        if hasattr(server_steps, f"do_{verb}"):
            if self.backend != "redis":
                self.unseen_server_steps += 1
                return
            handler(self, step, index)
        else:
            handler(step, index)

    # --- calls ---

    def do_call(self, step, index):
        outcome = self.call(step, index)
        if "start" in step:
            self.compare_warnings(step, outcome, index)
            self.started[step["start"]] = outcome
        else:
            self.compare(step, outcome, index)

    def do_await(self, step, index):
        outcome = self.started.pop(step["await"])
        if outcome is None:
            return  # a disconnect: its report is djcache's
        outcome.warned = []
        self.compare(step, outcome, index)

    def call(self, step, index):
        """Makes the call and keeps what came of it."""
        name = step["call"]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                args = [self.argument(argument, index) for argument in step.get("args", [])]
                kwargs = {key: self.argument(item, index) for key, item in step.get("kwargs", {}).items()}
                if name == "get" and len(args) < 2 and "default" not in kwargs:
                    kwargs["default"] = MISS
                cache = self.caches.cache(step.get("on", "default"), step.get("fresh", False))
                outcome = Outcome(self.invoke(cache, name, args, kwargs))
            except FormatError:
                raise
            except Exception as error:  # whatever Django raises is what is compared
                outcome = Outcome(error=error)
        outcome.warned = [str(w.message) for w in caught if issubclass(w.category, CacheKeyWarning)]
        return outcome

    def invoke(self, cache, name, args, kwargs):
        if name == "contains":
            return args[0] in cache
        if name in django_redis_calls.CALLS:
            return django_redis_calls.CALLS[name](self.locks, cache, *args, **kwargs)
        if self.flavour == "async" and name not in ALWAYS_SYNC:
            if name in COMPOSED:
                self.composed = "incr" if name == "decr" else name
            return self.runner.run(asyncio.wait_for(getattr(cache, "a" + name)(*args, **kwargs), LIMIT_SECONDS))
        return getattr(cache, name)(*args, **kwargs)

    def argument(self, node, index):
        if isinstance(node, dict) and "$producer" in node:
            return self.producer(node["$producer"], index)
        return value(node, index)

    def producer(self, body, index):
        def produce():
            if "counter" in body:
                self.counters[body["counter"]] = self.counters.get(body["counter"], 0) + 1
            if "does" in body:
                self.call_inside(body["does"], index)
            if body.get("fails"):
                raise ProducerFailed("the producer gave up")
            return value(body.get("returns"), index)

        return produce

    def call_inside(self, step, index):
        """The call of another writer, made while a loop may be running: always the sync method."""
        cache = self.caches.cache(step.get("on", "default"), fresh=True)
        args = [value(argument, index) for argument in step.get("args", [])]
        kwargs = {key: value(item, index) for key, item in step.get("kwargs", {}).items()}
        getattr(cache, step["call"])(*args, **kwargs)

    # --- what was expected ---

    def compare(self, step, outcome, index):
        instead = step.get("django", {})
        if {"returns", "raises"} & set(instead):
            self.note_divergence(not self.meets(step, outcome, index))
            if not self.meets_django(instead, outcome, index):
                raise Mismatch(f"{outcome}; the case says that Django gives {shown(instead)}")
        elif not self.meets(step, outcome, index):
            wanted = {key: step[key] for key in ("returns", "raises") if key in step} or "anything but an error"
            raise Mismatch(f"{outcome}; the case wants {shown(wanted)}")
        self.compare_warnings(step, outcome, index)

    def note_divergence(self, differs):
        self.diverged = self.diverged or differs

    @staticmethod
    def meets(step, outcome, index):
        if "raises" in step:
            return outcome.error is not None and is_called(outcome.error, step["raises"].get("django"))
        if outcome.error is not None:
            return False
        return "returns" not in step or matches(step["returns"], outcome.result, index)

    @staticmethod
    def meets_django(instead, outcome, index):
        if "raises" in instead:
            return outcome.error is not None and is_called(outcome.error, instead["raises"])
        return outcome.error is None and matches(instead["returns"], outcome.result, index)

    def compare_warnings(self, step, outcome, index):
        wanted = [warning_text(item, index) for item in step.get("warns", [])]
        if "warns" in step.get("django", {}):
            self.note_divergence(outcome.warned != wanted)
            wanted = [warning_text(item, index) for item in step["django"]["warns"]]
        if outcome.warned != wanted:
            raise Mismatch(f"warned {shown(outcome.warned)}; the case wants {shown(wanted)}")

    # --- the rest ---

    def do_disconnect(self, step, _index):
        self.caches.disconnect()
        if "start" in step:
            self.started[step["start"]] = None

    def do_counted(self, step, _index):
        for name, wanted in step["counted"].items():
            if self.counters.get(name, 0) != wanted:
                raise Mismatch(f"{name} was called {self.counters.get(name, 0)} times; the case wants {wanted}")

    def do_repeat(self, step, _index):
        for index in range(step["repeat"]["times"]):
            self.run_steps(step["repeat"]["steps"], index)

    def do_wait(self, step, index):
        body = step["wait"]
        if "ms" in body:
            time.sleep(body["ms"] / 1000)
        elif self.backend != "redis":
            raise FormatError("this wait needs a server")
        elif "replicated" in body:
            self.servers.servers[body["replicated"]].wait_for_replica(self.servers.main)
        else:
            self.wait_until_expired(text(body["expired"], index), body.get("limit_ms", 3000))

    def wait_until_expired(self, key, limit_ms):
        deadline = time.monotonic() + limit_ms / 1000
        while self.servers.main.inspect().run("EXISTS", key):
            if time.monotonic() > deadline:
                raise Mismatch(f"{key} is still there after {limit_ms} ms")
            time.sleep(0.01)


def warning_text(item, index):
    if isinstance(item, dict) and "too_long" in item:
        return TOO_LONG % text(item["too_long"], index)
    if isinstance(item, dict) and "bad_characters" in item:
        return BAD_CHARACTERS % text(item["bad_characters"], index)
    return text(item, index)
