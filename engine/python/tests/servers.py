"""A redis-server for the tests of the package, on a free port. close() stops and removes it."""

import pathlib
import signal
import socket
import subprocess
import tempfile
import time

import redis

SECONDS = 10  # for each wait
PORT_ATTEMPTS = 5
INSPECTOR = "inspector"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="djcache-python-")
        path = pathlib.Path(self.folder.name)
        # A Unix socket in a folder of its own, so that only the server started here can answer.
        self.inspector = redis.Redis(
            unix_socket_path=str(path / "redis.sock"), client_name=INSPECTOR, socket_timeout=SECONDS
        )
        self.inspector.response_callbacks.clear()
        # Another process may take the port before the server binds it: then try another port.
        for _ in range(PORT_ATTEMPTS):
            self.port = free_port()
            with open(path / "log", "ab") as log:
                self.process = subprocess.Popen(
                    [program, "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", path / "redis.sock",
                     "--dir", path, "--save", "", "--loglevel", "warning"], stdout=log, stderr=log)
            self.wait_until(lambda: self.is_up() or self.process.poll() is not None)
            if self.process.poll() is None:
                return
        problem = (path / "log").read_text()[-500:]
        self.close()
        raise RuntimeError("redis-server ended: " + problem)

    def is_up(self):
        try:
            return self.run("PING") == b"PONG"
        except redis.RedisError:
            return False

    @staticmethod
    def wait_until(condition):
        deadline = time.monotonic() + SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"what was waited for did not come within {SECONDS} s")
            time.sleep(0.005)

    def run(self, *words):
        """Runs a command on the connection that clients() does not count, and returns its reply."""
        return self.inspector.execute_command(*words)

    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def clients(self):
        """The number of connections, without the inspector's."""
        return sum(f" name={INSPECTOR} ".encode() not in line for line in self.run("CLIENT", "LIST").splitlines())

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def cont(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.inspector.close()
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()
