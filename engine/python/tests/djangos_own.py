#!/usr/bin/python3
"""Runs Django's own tests of caches and sessions with every alias on djcache.

Usage: djangos_own.py <folder of Django's tests> <redis-server> [labels...]

Copies the folder, and replaces the names of Django's two backends by djcache's in the copy.
djangos_internals.txt lists the tests that are skipped, each with its reason.
"""

import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
import servers

LABELS = ["cache", "sessions_tests", "template_tests.syntax_tests.test_cache", "check_framework.test_caches"]
NAMES = {
    "django.core.cache.backends.redis.RedisCache\"": "djcache.django.RedisCache\"",
    "django.core.cache.backends.locmem.LocMemCache\"": "djcache.django.MemoryCache\"",
    "from django.core.cache.backends.locmem import LocMemCache\n": "from djcache.django import MemoryCache as LocMemCache\n",
}
SETTINGS = """
CACHES = {"default": %(default)r, "redis": %(redis)r}
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3"},
    "other": {"ENGINE": "django.db.backends.sqlite3"},
}
SECRET_KEY = "django_tests_secret_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False
"""


def internals():
    for line in (HERE / "djangos_internals.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")[0]


def patched_copy(tests, work):
    copy = work / "tests"
    shutil.copytree(tests, copy)
    for path in copy.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        changed = text
        for ours_for, ours in NAMES.items():
            changed = changed.replace(ours_for, ours)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
    return copy


def skip(copy):
    """Disables the tests of internals. Returns those not found, to keep the list up to date."""
    missing = []
    for name in internals():
        path, klass, test = name.split("::")
        file = copy / path
        text = file.read_text(encoding="utf-8")
        begin = text.find(f"class {klass}(")
        place = text.find(f"def {test}(", begin) if begin >= 0 else -1
        end = text.find("\nclass ", begin + 1)
        if place < 0 or (0 <= end < place):
            missing.append(name)
            continue
        file.write_text(text[:place] + "def skipped_" + text[place + len("def ") :], encoding="utf-8")
    return missing


def run(copy, url, default, labels):
    redis = {"BACKEND": "djcache.django.RedisCache", "LOCATION": url}
    memory = {"BACKEND": "djcache.django.MemoryCache"}
    name = f"djcache_{default}"
    (copy / f"{name}.py").write_text(
        SETTINGS % {"default": redis if default == "redis" else memory, "redis": redis}
    )
    print(f"== Django's own tests, the default alias on {default}", flush=True)
    done = subprocess.run(
        [sys.executable, "-B", "runtests.py", f"--settings={name}", "--parallel=1", *labels],
        cwd=copy,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(done.stdout[-200000:])
    ran = re.search(r"^Ran (\d+) tests", done.stdout, re.M)
    return done.returncode, int(ran[1]) if ran else 0


def main():
    tests, program, *labels = sys.argv[1:]
    status, total = 0, 0
    with contextlib.closing(servers.Server(program)) as server, tempfile.TemporaryDirectory(prefix="djcache-django-") as work:
        copy = patched_copy(pathlib.Path(tests), pathlib.Path(work))
        for name in skip(copy):
            print(f"djangos_internals.txt: there is no test {name}")
            status = 1
        for default in ("redis", "memory"):
            failed, ran = run(copy, server.url(), default, labels or LABELS)
            status, total = status or failed, total + ran
    print(f"[ FIGURE   ] Django's own tests: {total} ran")
    sys.exit(1 if status or not total else 0)


if __name__ == "__main__":
    main()
