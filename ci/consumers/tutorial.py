#!/usr/bin/env python3
"""Follows engine/docs/tutorial.md in an empty folder, with ports of its own.

Usage: tutorial.py <page> <prefix where djcache is installed> <python with Django> <redis-server>
                   <C++ compiler> [flag...]

Writes the files of the page (`<!-- file: x -->`, `<!-- append: x -->`), runs its commands
(```console, `$ `) in order in one shell, and compares their output with the page; a line `...`
stands for any output.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 120  # seconds, for a server to listen
PART = re.compile(r"(?:<!-- (file|append): ([^\s;]+)[^>]*-->\n\n)?```(\w+)\n(.*?)```", re.DOTALL)
END = "--- end of this command"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def steps(page):
    """The steps of the page, in order: ("file" or "append", file, text), or ("run", command, lines
    that it prints)."""
    for kind, file, language, text in PART.findall(page):
        if kind:
            yield kind, file, text
        elif language == "console":
            for command in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                yield "run", command[0], command[1].splitlines()


def as_shown(shown, printed):
    if "..." not in shown:
        return shown == printed
    cut = shown.index("...")
    return printed[:cut] == shown[:cut]


def wait_for(port):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


class Shell:
    """One bash session, like a reader's terminal, in which background jobs keep their numbers."""

    def __init__(self, folder, environment):
        self.bash = subprocess.Popen(["bash", "--norc"], cwd=folder, env=environment, text=True, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, command):
        self.bash.stdin.write(f"{command}\necho; echo '{END}'\n")
        self.bash.stdin.flush()
        lines = []
        for line in self.bash.stdout:
            if line.rstrip("\n") == END:
                break
            lines.append(line.rstrip("\n"))
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def close(self):
        os.killpg(self.bash.pid, signal.SIGKILL)
        self.bash.wait()


def main():
    page, prefix, python, redis_server, compiler, *flags = sys.argv[1:]
    ports = {"6379": free_port(), "8000": free_port(), "8001": free_port()}
    text = Path(page).read_text(encoding="utf-8")
    for port, own in ports.items():
        text = re.sub(rf"\b{port}\b", str(own), text)
    with tempfile.TemporaryDirectory(prefix="tutorial-") as holder:
        tools, folder = Path(holder) / "tools", Path(holder) / "shop"
        tools.mkdir()
        folder.mkdir()
        (tools / "python3").symlink_to(python)
        path = f"{tools}:{prefix}/bin:{os.environ['PATH']}"
        redis = subprocess.Popen([redis_server, "--port", str(ports["6379"]), "--save", "", "--dir", holder],
                                 stdout=subprocess.DEVNULL)
        shell = Shell(folder, {**os.environ, "PATH": path, "CMAKE_PREFIX_PATH": prefix, "CXX": compiler,
                               "CXXFLAGS": " ".join(flags), "PYTHONDONTWRITEBYTECODE": "1"})
        try:
            wait_for(ports["6379"])
            for step in steps(text):
                if step[0] != "run":
                    target = folder / step[1]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with open(target, "w" if step[0] == "file" else "a", encoding="utf-8") as file:
                        file.write(step[2])
                    continue
                _, command, shown = step
                print(f"$ {command}", flush=True)
                printed = shell.run(command)
                print("\n".join(printed), flush=True)
                if not as_shown(shown, printed):
                    print("the page shows instead:\n" + "\n".join(shown))
                    for log in sorted(folder.glob("*.log")):
                        print(f"{log.name}:\n{log.read_text()[-2000:]}")
                    return 1
                for port in ("8000", "8001"):
                    if command.rstrip().endswith("&") and f" {ports[port]}" in command:
                        wait_for(ports[port])
        finally:
            shell.close()
            redis.kill()
            redis.wait()
    return 0


if __name__ == "__main__":
    if not shutil.which("curl"):
        sys.exit("curl is not installed")
    sys.exit(main())
