#!/usr/bin/python3
"""Runs the commands in the docstring of django_side.py, logs a user in, and checks that the gateway
recognizes the user.

Usage: django_commands_test.py <gateway> <redis-server>
The commands are changed only as follows: other ports, the redis-server saves nothing, and
createsuperuser asks no questions.
"""
import http.cookiejar
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 60  # seconds, for each wait


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def wait_for(port):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


def commands(ports):
    head = (HERE / "django_side.py").read_text(encoding="utf-8").split('"""')[1]
    lines = re.findall(r"^    (.*)$", head, re.MULTILINE)
    assert len(lines) == 4, lines
    for line in lines:
        for port, own in ports.items():
            line = re.sub(rf"\b{port}\b", own, line)
        line = line.replace("redis-server &", f"redis-server --port {ports['6379']} --save '' > redis.log &")
        yield line.replace("createsuperuser", "createsuperuser --noinput")


def run(folder, ports, environment):
    """Runs the commands in a shell. The servers keep running in the shell's process group."""
    server, set_up, site, gateway = commands(ports)
    script = f"{server}\nwait_for {ports['6379']}\n{set_up} || exit\n{site} > site.log 2>&1 &\n{gateway} > gateway.log 2>&1 &\nwait"
    script = "wait_for() { until (: < /dev/tcp/127.0.0.1/$1) 2> /dev/null; do sleep 0.02; done; }\n" + script
    return subprocess.Popen(["bash", "-c", script], cwd=folder, env=environment, start_new_session=True)


def log_in_and_ask(site, gateway):
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = f"http://127.0.0.1:{site}/login/"
    browser.open(page, timeout=LIMIT).read()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    form = urllib.parse.urlencode({"username": "ana", "password": "pa55word", "csrfmiddlewaretoken": token})
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{gateway}/whoami", timeout=LIMIT)
        return "known without a cookie"
    except urllib.error.HTTPError as error:
        if error.code != 401:
            return f"without a cookie: {error.code}"
    browser.open(page, form.encode(), timeout=LIMIT).read()
    return browser.open(f"http://127.0.0.1:{gateway}/whoami", timeout=LIMIT).read().decode().strip()


def main():
    gateway, redis_server = sys.argv[1:]
    ports = {port: free_port() for port in ("6379", "8000", "8001")}
    with tempfile.TemporaryDirectory(prefix="gateway-") as holder:
        folder, tools = pathlib.Path(holder, "folder"), pathlib.Path(holder, "tools")
        folder.mkdir()
        tools.mkdir()
        shutil.copy(HERE / "django_side.py", folder)
        for name, target in (("djcache_gateway", gateway), ("redis-server", redis_server), ("python3", sys.executable)):
            (tools / name).symlink_to(pathlib.Path(target).resolve())
        started = run(folder, ports, {
            **os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "DJCACHE_EXAMPLE_URL": f"redis://127.0.0.1:{ports['6379']}",
            "DJANGO_SUPERUSER_USERNAME": "ana", "DJANGO_SUPERUSER_PASSWORD": "pa55word", "DJANGO_SUPERUSER_EMAIL": "ana@example.org"})
        try:
            wait_for(ports["8000"])
            wait_for(ports["8001"])
            answer = log_in_and_ask(ports["8000"], ports["8001"])
            print(f"whoami: {answer}")
            return 0 if answer == "1" else 1
        finally:
            for log in sorted(folder.glob("*.log")):
                print(f"{log.name}:\n{log.read_text()[-2000:]}")
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


if __name__ == "__main__":
    sys.exit(main())
