#!/usr/bin/env python3
"""One turn of a Django process on the server that djcache uses, too. The interop tests call it.

    django_turn.py COMMAND [ARGUMENT...]       with CACHES as JSON in $DJCACHE_CACHES

Prints what the command says, and exits with 1 and the reason when something is not as it should be.
"""
import datetime as dt
import functools
import json
import os
import pathlib
import re
import sys
import uuid

HERE = pathlib.Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"
sys.path[:0] = [str(HERE), str(HERE.parent / "codec")]

from django.conf import settings  # noqa: E402

SIGNING_KEYS = ["the key that signs now", "the key that signed before"]

settings.configure(
    SECRET_KEY="a key of the interop tests",
    DJCACHE_SIGNING_KEYS=SIGNING_KEYS,
    USE_TZ=True,
    USE_I18N=False,
    CACHES=json.loads(os.environ["DJCACHE_CACHES"]),
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
)

import django  # noqa: E402

django.setup()

from django.core.cache import cache, caches  # noqa: E402

import pickle_values  # noqa: E402


def documented_class(page, name):
    """The serializer class that a page of the documentation prints."""
    code = re.search(r"```python\n(.*?)```", (DOCS / page).read_text(), re.S)[1]
    names = {}
    exec(compile(code, page, "exec"), names)
    return names[name]


def __getattr__(name):  # OPTIONS name them as django_turn.MsgpackSerializer, django_turn.SignedSerializer
    pages = {"MsgpackSerializer": "msgpack.md", "SignedSerializer": "signed.md"}
    if name not in pages:
        raise AttributeError(name)
    return documented_class(pages[name], name)


def made_by_a_function(key, key_prefix, version):
    return f"{key_prefix}|{version}|{key}"


def first_difference(ours, theirs, place="it"):
    """Where two typed values part, and with what."""
    if type(ours) is type(theirs) and isinstance(ours, (dict, list)) and len(ours) == len(theirs):
        for key in ours if isinstance(ours, dict) else range(len(ours)):
            if isinstance(ours, dict) and key not in theirs:
                break
            if ours[key] != theirs[key]:
                return first_difference(ours[key], theirs[key], f"{place}[{key!r}]")
    return f"{place}: Django sees {ours!r:.300}, expected {theirs!r:.300}"


def must_be_same(what, seen, expected):
    """Of the same types all through, and equal."""
    typed, comparable = pickle_values.typed, pickle_values.comparable
    ours, theirs = comparable(typed(seen)), comparable(typed(expected))
    if ours != theirs:
        sys.exit(f"{what}: {first_difference(ours, theirs)}")


# --- Values.


class JsonGenerator(pickle_values.Generator):
    """What JSON can say and gives back as it was."""

    def leaf(self):
        pick = self.random
        return pick.choice((None, True, False, pick.randint(-300, 300), pick.getrandbits(pick.randint(1, 200)),
                            pick.uniform(-1e9, 1e9), self.text()))

    def container(self, depth, size):
        items = [self.any(depth - 1) for _ in range(size)]
        return self.random.choice((lambda: items, lambda: {self.text(): item for item in items}))()


class PickleGenerator(pickle_values.Generator):
    """Without NaN, which Python finds again in a dict by its identity alone."""

    def leaf(self):
        while True:
            value = super().leaf()
            if value == value:
                return value


def plain(value):
    """As msgpack gives it back: dict, list and bytes for all that resembles them, offsets without a label."""
    def strip(typed):
        if isinstance(typed, list):
            return [strip(item) for item in typed]
        if not isinstance(typed, dict):
            return typed
        zone = typed.get("zone")
        stripped = {name: strip(inner) for name, inner in typed.items()}
        return {**stripped, "zone": [zone[0], ""]} if zone and zone[0] is not None else stripped

    return pickle_values.untyped(strip(pickle_values.typed(value)))


def generated(kind, seed, count):
    generator = (JsonGenerator if kind == "json" else PickleGenerator)(int(seed))
    for index in range(int(count)):
        value = generator.any(3)
        yield str(index), plain(value) if kind == "plain" else value


def write_values(kind, seed, count):
    for name, value in generated(kind, seed, count):
        cache.set(f"django:{name}", value)


def check_changed(kind, seed, count):
    """djcache has read each value and stored it again inside of a list."""
    for name, value in generated(kind, seed, count):
        must_be_same(f"value {name}", cache.get(f"djcache:{name}"), ["changed", value])
    print(count, "values came back")


def wrap(*names):
    """What djcache wrote, inside of a dict."""
    found = cache.get_many(f"djcache:{name}" for name in names)
    cache.set_many({key.replace("djcache", "django"): {"wrapped": value} for key, value in found.items()})
    print(len(found))


def wrap_range(count):
    wrap(*range(int(count)))


# --- Keys, versions, counters, life.


def write_keys():
    cache.set("plain", "v1")
    cache.set("plain", "v7", version=7)
    cache.set("counter", 41)
    cache.set("for ever", "stays", timeout=None)
    cache.set("a while", "goes", timeout=1000)
    cache.set("moves", "with me")
    cache.incr_version("moves")


def check_keys():
    must_be_same("plain", cache.get("plain"), "from djcache")
    must_be_same("plain in version 7", cache.get("plain", version=7), "seven from djcache")
    must_be_same("counter", cache.incr("counter"), 44)
    must_be_same("moves", cache.get("moves", version=cache.version + 2), "with me")
    must_be_same("added", cache.add("added", "too late"), False)
    must_be_same("touched", cache.touch("a while", 50), True)
    must_be_same("None", cache.get("None", "a miss"), None)
    must_be_same("gone", cache.has_key("gone"), False)


# --- Sessions.


def store(session_key=None):
    from django.contrib.sessions.backends.cache import SessionStore
    return SessionStore(session_key)


DATA = {"cart": [{"sku": "a-1", "count": 2}, {"sku": "b-2", "count": 1}], "name": "Zo\u00eb", "ratio": 0.5, "nothing": None}


def session_write():
    session = store()
    session.update(DATA)
    session.set_expiry(5000)
    session.save()
    print(session.session_key)


def session_check(session_key):
    """After djcache has counted a visit and removed the ratio."""
    session = store(session_key)
    expected = {**DATA, "_session_expiry": 5000, "visits": 1}
    del expected["ratio"]
    must_be_same("the session", dict(session.items()), expected)
    ttl = cache._cache.get_client().ttl(cache.make_key(session.cache_key_prefix + session_key))
    if not 4900 < ttl <= 5000:
        sys.exit(f"the session lives {ttl} seconds, not 5000")


def session_expires(session_key, at):
    """djcache has set a date of expiry, Django must read the same; then Django sets one."""
    session = store(session_key)
    must_be_same("the date", session.get_expiry_date(), dt.datetime.fromisoformat(at))
    session.set_expiry(dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.timezone.utc))
    session.save()


# --- Objects that djcache does not know.


@functools.cache
def status():
    from django.db.models import TextChoices

    class Status(TextChoices):
        DRAFT = "draft", "Draft"

    Status.__module__, Status.__qualname__ = "django_turn", "Status"
    setattr(sys.modules["django_turn"], "Status", Status)
    return Status.DRAFT


def foreign():
    """What sites leave in their sessions: choices, a model instance, an exception, marked text."""
    from django.contrib.auth.models import User
    from django.core.exceptions import ValidationError
    from django.utils.safestring import mark_safe

    user = User(pk=7, username="zoe", date_joined=dt.datetime(2020, 1, 2, tzinfo=dt.timezone.utc))
    return {"status": status(), "user": user, "error": ValidationError({"name": ["is missing"]}), "html": mark_safe("<b>"),
            "rows": [user, {"again": user, "status": status()}], "plain": [1, "two"]}


def session_foreign_write():
    session = store()
    session.update(foreign())
    session.save()
    print(session.session_key)


def session_foreign_check(session_key):
    session, expected = store(session_key), foreign()
    found = dict(session.items())
    must_be_same("visits", found.pop("visits"), 1)
    for name, value in expected.items():
        if name in ("user", "rows"):
            value, found[name] = ([repr(each), each if isinstance(each, dict) else vars(each)["username"]]
                                  for each in (value, found[name]) for each in [each[0] if name == "rows" else each])
        if type(found[name]) is not type(value) and name != "html" or found[name] != value:
            sys.exit(f"{name}: {found[name]!r} instead of {value!r}")
    again = dict(store(session_key).items())["rows"][1]
    if again["status"] is not status() or again["again"].username != "zoe":
        sys.exit(f"rows: {again!r}")


def page_write():
    """The entries of cache_page: the response, and the headers that it varies by."""
    from django.http import HttpRequest, HttpResponse
    from django.views.decorators.cache import cache_page

    def view(request):
        response = HttpResponse("<p>caf\u00e9</p>" * 1000, headers={"X-Made": uuid.uuid4().hex, "Vary": "Cookie"})
        response.set_cookie("seen", "yes", max_age=60)
        return response

    request = HttpRequest()
    request.method, request.path = "GET", "/page"
    request.META.update(SERVER_NAME="testserver", SERVER_PORT="80")
    request.COOKIES = {"seen": "no"}  # else Django keeps no response that sets one
    settings.ALLOWED_HOSTS = ["*"]
    return cache_page(600)(view)(request)


def page_check():
    """From the cache, after djcache has written it back."""
    from django.core.cache import cache as django_cache

    keys = [key.decode().split(":", 2)[2] for key in django_cache._cache.get_client().scan_iter("*cache_page*")]
    first = [django_cache.get(key) for key in keys]
    made = page_write()
    if len(keys) != 1 or made.content != first[0].content or made["X-Made"] != first[0]["X-Made"] or "seen" not in made.cookies:
        sys.exit(f"{keys!r}: {made!r}")


def user_and_client():
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    call_command("migrate", verbosity=0)
    # The same salt each turn, so that the hash in the session is that of this database, too; and long enough for Django
    # not to replace it at the login.
    password = make_password("secret", salt="22charactersareneeded0", hasher="pbkdf2_sha256")
    User.objects.create(pk=7, username="zoe", password=password)
    return Client()


def user_of(session_key):
    from django.contrib.auth import get_user
    from django.http import HttpRequest
    request = HttpRequest()
    request.session = store(session_key)
    return get_user(request)


def login():
    client = user_and_client()
    if not client.login(username="zoe", password="secret"):
        sys.exit("Django does not let zoe in")
    session = client.session
    print(session.session_key, session["_auth_user_hash"])


def is_logged_in(session_key):
    user_and_client()
    print(user_of(session_key).pk)


def logout(session_key):
    from django.contrib.auth import logout as end
    from django.http import HttpRequest
    user_and_client()
    request = HttpRequest()
    request.session = store(session_key)
    request.user = user_of(session_key)
    end(request)


def verdicts():
    """What get_user says of sessions begun with each password, key and hash, when those are now others."""
    from django.contrib.auth import HASH_SESSION_KEY, get_user
    from django.contrib.auth.models import User
    from django.http import HttpRequest
    from django.test import override_settings
    user_and_client()
    zoe = User.objects.get(pk=7)
    passwords = ["!unusable", "pbkdf2_sha256$1$salt$then", "pbkdf2_sha256$1$salt$now"]
    keys = [("the key", []), ("the key", ["before"]), ("new", ["the key"]), ("new", ["before", "the key"]), ("new", []),
            ("k\u00e9y " * 30, [])]
    for password in passwords:
        for now in passwords:
            for secret, fallbacks in keys:
                for odd in (None, "", 7, b"bytes", "text"):
                    zoe.password = password
                    with override_settings(SECRET_KEY="the key"):
                        found = zoe.get_session_auth_hash()
                    session = store()
                    session.update({"_auth_user_id": "7", "_auth_user_backend": "django.contrib.auth.backends.ModelBackend"})
                    session[HASH_SESSION_KEY] = {"text": found, b"bytes": found.encode()}.get(odd, odd)
                    session.save()
                    kept = cache.get(session.cache_key_prefix + session.session_key)
                    User.objects.filter(pk=7).update(password=now)
                    request = HttpRequest()
                    request.session = store(session.session_key)
                    with override_settings(SECRET_KEY=secret, SECRET_KEY_FALLBACKS=fallbacks):
                        user = get_user(request)
                    renewed = user.pk is not None and request.session.session_key != session.session_key
                    session = store()  # get_user has ended or moved it
                    session.update(kept)
                    session.save()
                    verdict = "renewed" if renewed else "verified" if user.pk else "refused"
                    print(session.session_key, now, secret, ",".join(fallbacks), verdict,
                          request.session.get(HASH_SESSION_KEY, "") if renewed else "", sep="\t")


COMMANDS = {
    "write-values": write_values, "check-changed": check_changed, "wrap": wrap_range, "write-keys": write_keys,
    "check-keys": check_keys, "session-write": session_write, "session-check": session_check,
    "session-expires": session_expires, "login": login, "is-logged-in": is_logged_in, "logout": logout,
    "verdicts": verdicts, "session-foreign-write": session_foreign_write,
    "session-foreign-check": session_foreign_check, "page-write": page_write, "page-check": page_check,
}

if __name__ == "__main__":
    sys.modules["django_turn"] = sys.modules["__main__"]
    COMMANDS[sys.argv[1]](*sys.argv[2:])
    caches.close_all()
