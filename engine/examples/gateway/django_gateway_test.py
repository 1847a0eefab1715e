#!/usr/bin/python3
"""Checks that the gateway recognizes users who log in through Django, and no longer after a logout.

Usage: django_gateway_test.py <gateway> <redis-server> [msgpack|pickle]
Starts its own redis-server and gateway. Uses real Django with its test client and a database in
memory.
"""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
GATEWAY, REDIS_SERVER, SERIALIZER = (sys.argv[1:] + ["msgpack"])[:3]
LIMIT = 10  # seconds, for each wait
FOLDER = tempfile.TemporaryDirectory(prefix="gateway-")


def documented_serializer():
    page = (HERE.parents[1] / "docs/msgpack.md").read_text()
    (pathlib.Path(FOLDER.name) / "msgpack_cache.py").write_text(re.search(r"```python\n(.*?)```", page, re.S)[1])


def start_redis():
    path = f"{FOLDER.name}/redis.sock"
    process = subprocess.Popen([REDIS_SERVER, "--port", "0", "--unixsocket", path, "--save", "", "--dir", FOLDER.name,
                                "--appendonly", "no"], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as attempt:
            try:
                attempt.connect(path)
                return process, f"unix://{path}"
            except OSError:
                time.sleep(0.01)
    process.kill()
    sys.exit("the redis-server does not answer")


def set_up_django(url):
    documented_serializer()
    os.environ.update(DJCACHE_EXAMPLE_URL=url, DJCACHE_EXAMPLE_DATABASE=":memory:", DJCACHE_SERIALIZER_DIR=FOLDER.name,
                      DJCACHE_SERIALIZER="msgpack_cache.MsgpackSerializer" if SERIALIZER == "msgpack" else "")
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HERE))
    import django_side
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    return django_side


def start_gateway():
    from django.conf import settings
    caches = pathlib.Path(FOLDER.name) / "caches.json"
    caches.write_text(json.dumps(settings.CACHES))
    process = subprocess.Popen([GATEWAY, "0", str(caches)], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    match = re.match(r"listening on http://127\.0\.0\.1:(\d+)$", line.strip())
    if not match:
        process.kill()
        sys.exit(f"the gateway does not listen: {line!r}")
    return process, int(match[1])


def ask(cookie=None):
    """(status, body) of GET /whoami."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=LIMIT)
    connection.request("GET", "/whoami", headers={"Cookie": cookie} if cookie else {})
    response = connection.getresponse()
    answer = response.status, response.read().decode().strip()
    connection.close()
    return answer


class GatewayBesideDjango(unittest.TestCase):
    def setUp(self):
        from django.contrib.auth.models import User
        from django.core.cache import cache
        from django.test import Client
        cache.clear()
        User.objects.all().delete()
        self.user = User.objects.create_user("ana", password="pa55word")
        self.browser = Client()

    def log_in(self):
        response = self.browser.post("/login/", {"username": "ana", "password": "pa55word"})
        self.assertEqual(response.status_code, 302)

    def cookies(self):
        return "; ".join(f"{name}={morsel.coded_value}" for name, morsel in self.browser.cookies.items())

    def test_nobody_is_known_without_a_cookie(self):
        self.assertEqual(ask()[0], 401)
        self.assertEqual(ask("sessionid=0123456789abcdefghijklmnopqrstuv")[0], 401)

    def test_who_logged_in_through_django_is_known(self):
        self.log_in()
        self.assertEqual(ask(self.cookies()), (200, str(self.user.pk)))
        self.assertEqual(ask("theme=dark; " + self.cookies()), (200, str(self.user.pk)))

    def test_who_only_visited_is_not(self):
        self.browser.get("/")
        self.assertIn("sessionid", self.browser.cookies)
        self.assertEqual(ask(self.cookies())[0], 401)

    def test_after_a_logout_the_old_cookie_is_worth_nothing(self):
        self.log_in()
        cookies = self.cookies()
        self.assertEqual(ask(cookies)[0], 200)
        self.browser.post("/logout/")
        self.assertEqual(ask(cookies)[0], 401)

    def test_django_still_reads_its_session_afterwards(self):
        self.log_in()
        self.browser.get("/")
        self.assertEqual(ask(self.cookies())[0], 200)
        self.assertEqual(self.browser.get("/").content.decode().strip(), str(self.user.pk))
        self.assertEqual(self.browser.session["visits"], 2)

    def test_another_login_backend_does_not_count(self):
        self.log_in()
        session = self.browser.session
        session["_auth_user_backend"] = "somebody.else.Backend"
        session.save()
        self.assertEqual(ask(self.cookies())[0], 401)


class WhenTheServerIsGone(unittest.TestCase):
    """Runs last, because it stops the redis-server and the gateway."""

    def test_zz_nobody_is_told_to_log_in_again_and_the_gateway_ends_well(self):
        redis.kill()
        redis.wait(LIMIT)
        self.assertEqual(ask("sessionid=0123456789abcdefghijklmnopqrstuv")[0], 503)
        gateway.send_signal(signal.SIGTERM)
        self.assertEqual(gateway.wait(LIMIT), 0)


redis, url = start_redis()
gateway = None
try:
    set_up_django(url)
    gateway, PORT = start_gateway()
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(loader.loadTestsFromTestCase(each) for each in (GatewayBesideDjango, WhenTheServerIsGone))
    good = unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()
finally:
    for process in (gateway, redis):
        if process and process.poll() is None:
            process.kill()
            process.wait()
    FOLDER.cleanup()
sys.exit(0 if good else 1)
