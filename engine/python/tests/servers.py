"""Redis servers for the tests: started on free ports, empty before each case, gone at the end.

Every server lives in a temporary folder of its own.
"""
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import wire

START_SECONDS = 10
PORT_ATTEMPTS = 5


class ServerEnded(RuntimeError):
    """A redis-server ended instead of beginning."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One redis-server process."""

    def __init__(self, program, spec=None, master=None):
        self.spec = spec or {}
        self.master = master
        self.port = 0
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="djcache-oracle-"))
        self.unix_path = self.folder / "redis.sock"
        self.program = program
        self.process = None
        self.connections = {}
        try:
            self.start_on_a_free_port()
        except BaseException:
            self.close()
            raise

    def start_on_a_free_port(self):
        """Somebody else may take the port between our look and the server's bind: then another one."""
        for attempt in range(PORT_ATTEMPTS):
            self.port = free_port()
            try:
                return self.start()
            except ServerEnded:
                if attempt == PORT_ATTEMPTS - 1:
                    raise

    def config(self):
        lines = [f"port {self.port}", "bind 127.0.0.1", f"unixsocket {self.unix_path}", f"dir {self.folder}", 'save ""',
                 "appendonly no", "daemonize no", "loglevel warning", "repl-diskless-sync-delay 0",
                 "repl-ping-replica-period 1"]
        if "password" in self.spec:
            lines.append(f"requirepass {self.spec['password']}")
        for user in self.spec.get("users", []):
            lines.append(f"user {user['name']} on >{user['password']} {user['rules']}")
        lines += self.spec.get("config", [])
        if self.master:
            lines.append(f"replicaof 127.0.0.1 {self.master.port}")
            if "password" in self.master.spec:
                lines.append(f"masterauth {self.master.spec['password']}")
        return "\n".join(lines) + "\n"

    def start(self):
        file = self.folder / "redis.conf"
        file.write_text(self.config())
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([self.program, str(file)], stdout=log, stderr=log)
        log.close()
        self.wait_until(self.is_up)

    def is_up(self):
        if self.process.poll() is not None:
            raise ServerEnded("redis-server ended: " + (self.folder / "log").read_text()[-500:])
        try:
            # Another process' server may hold the port while ours is about to find that out.
            if f"process_id:{self.process.pid}\r\n".encode() not in self.inspect().run("INFO", "server"):
                self.forget_connections()
                return False
        except (OSError, wire.ErrorReply):
            self.forget_connections()
            return False
        return not self.master or self.link_is_up()

    def link_is_up(self):
        return b"master_link_status:up" in self.inspect().run("INFO", "replication")

    @staticmethod
    def wait_until(condition):
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"redis-server was not ready within {START_SECONDS} s")
            time.sleep(0.005)

    @property
    def login(self):
        return (self.spec["password"],) if "password" in self.spec else ()

    def open(self, db=0):
        return wire.Connection(("127.0.0.1", self.port), db, self.login)

    def inspect(self, db=0):
        """The oracle's own connection to a database, kept open."""
        if db not in self.connections:
            self.connections[db] = self.open(db)
        return self.connections[db]

    def forget_connections(self):
        for connection in self.connections.values():
            connection.close()
        self.connections = {}

    def url(self, db=0):
        return f"redis://127.0.0.1:{self.port}/{db}"

    def unix_url(self, db=0):
        return f"unix://{self.unix_path}?db={db}"

    def version(self):
        for line in self.inspect().run("INFO", "server").decode().splitlines():
            if line.startswith("redis_version:"):
                return line.split(":")[1]
        raise RuntimeError("the server does not say its version")

    def control(self, verb):
        if verb == "stop":
            self.process.send_signal(signal.SIGSTOP)
        elif verb == "cont":
            self.process.send_signal(signal.SIGCONT)
        elif verb == "kill":
            self.end()
        elif verb == "restart":
            self.end()
            self.start()

    def wait_for_replica(self, master):
        """Until this replica has everything that `master` has."""
        def caught_up():
            goal = offset(master.inspect().run("INFO", "replication"), b"master_repl_offset")
            return self.link_is_up() and offset(self.inspect().run("INFO", "replication"), b"slave_repl_offset") >= goal

        self.wait_until(caught_up)

    def clients(self, named=None):
        """How many connections others than the oracle have."""
        own = sum(b"name=oracle-inspector " in line for line in self.client_lines())
        lines = [line for line in self.client_lines() if b"flags=S " not in line and b"flags=M " not in line]
        if named is not None:
            return sum(f" name={named} ".encode() in line for line in lines)
        return len(lines) - own

    def client_lines(self):
        return self.inspect().run("CLIENT", "LIST").splitlines()

    def state(self, name):
        """Every entry of every database, in the shape of the runner's --json."""
        entries = []
        if self.process.poll() is not None:
            return entries
        keyspace = self.inspect().run("INFO", "keyspace").decode().splitlines()
        for line in keyspace:
            if line.startswith("db"):
                db = int(line[2:].split(":")[0])
                entries += [self.entry(name, db, key) for key in self.inspect(db).run("KEYS", "*")]
        return sorted((entry for entry in entries if entry), key=lambda e: (e["at"], e["db"], e["key_hex"]))

    def entry(self, name, db, key):
        connection = self.inspect(db)
        kind = connection.run("TYPE", key).decode()
        if kind == "none":
            return None  # expired meanwhile
        out = {"at": name, "db": db, "key": escape(key), "key_hex": key.hex(), "type": kind,
               "pttl": connection.run("PTTL", key)}
        if kind == "string":
            out["raw_hex"] = connection.run("GET", key).hex()
        return out

    def end(self):
        self.forget_connections()
        if self.process:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def offset(info, name):
    for line in info.splitlines():
        if line.startswith(name + b":"):
            return int(line.split(b":")[1])
    return -1


def escape(data):
    """As wire_text.h prints bytes."""
    names = {0x5C: "\\\\", 0x0D: "\\r", 0x0A: "\\n"}
    return "".join(names.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


class ServerSet:
    """The servers of one case. The main server is shared unless the case does things to it."""

    def __init__(self, program, shared, specs, needs):
        self.program = program
        self.own = {}
        self.servers = {"server": shared}
        try:
            self.start(specs, needs)
        except BaseException:
            self.close()
            raise

    def start(self, specs, needs):
        if "own_server" in needs or "server" in specs:
            self.add("server", specs.get("server"))
        else:
            self.main.inspect().run("FLUSHALL")
        if "server:2" in needs:
            self.add("server:2")
        for need in needs:
            if need.startswith("replica:"):
                self.add(need, master=self.main)
        for name, spec in specs.items():
            if name != "server":
                self.add(name, spec, self.servers[spec["replica_of"]] if "replica_of" in spec else None)

    def add(self, name, spec=None, master=None):
        self.servers[name] = self.own[name] = Server(self.program, spec, master)

    @property
    def main(self):
        return self.servers["server"]

    def state(self):
        return [entry for name in sorted(self.servers) for entry in self.servers[name].state(name)]

    def close(self):
        for server in self.own.values():
            server.close()
