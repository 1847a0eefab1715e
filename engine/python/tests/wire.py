"""A plain connection to a redis-server, for looking and planting: RESP2, bytes in, bytes out.

Separate from redis-py, which is part of what the oracle observes. Every wait has a limit.
"""
import re
import socket

LIMIT_SECONDS = 10


class ErrorReply(Exception):
    """An error reply; str() is its whole text."""


class Connection:
    """One connection. `endpoint` is (host, port); `login` nothing, (password,) or (user, password)."""

    def __init__(self, endpoint, db=0, login=()):
        self.socket = socket.create_connection(endpoint, timeout=LIMIT_SECONDS)
        self.file = self.socket.makefile("rb")
        if login:
            self.run("AUTH", *login)
        self.run("CLIENT", "SETNAME", "oracle-inspector")
        self.id = self.run("CLIENT", "ID")
        self.address = "%s:%d" % self.socket.getsockname()
        self.select(db)

    def select(self, db):
        self.run("SELECT", db)

    def run(self, *words):
        """The reply; ErrorReply for an error."""
        reply = self.ask(*words)
        if isinstance(reply, ErrorReply):
            raise reply
        return reply

    def ask(self, *words):
        """The reply, an error as an ErrorReply object."""
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self.read()

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        kind, body = line[:1], line[1:-2]
        if kind == b"+":
            return body
        if kind == b"-":
            return ErrorReply(body.decode(errors="replace"))
        if kind == b":":
            return int(body)
        size = int(body)
        if kind == b"*":
            return None if size < 0 else [self.read() for _ in range(size)]
        if size < 0:
            return None
        data = self.file.read(size + 2)
        return data[:-2]

    def close(self):
        self.file.close()
        self.socket.close()


MONITOR_LINE = re.compile(rb"^[\d.]+ \[(\d+) (\S+)\] (.*)$", re.S)
WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S)
ESCAPE = re.compile(rb"\\(x[0-9a-f]{2}|.)", re.S)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}
HANDSHAKE = {b"CLIENT", b"SELECT", b"AUTH", b"HELLO"}


class Monitor:
    """What a server is asked by others than the oracle: MONITOR on a connection of its own."""

    def __init__(self, open_connection):
        self.inspector = open_connection()
        self.connection = open_connection()
        self.connection.run("MONITOR")
        self.ignored = {self.inspector.address.encode(), b"lua"}
        self.rounds = 0

    def commands(self):
        """The commands since the beginning or the last call, handshakes and what scripts call left out."""
        self.rounds += 1
        mark = b"oracle-mark-%d" % self.rounds
        self.inspector.run("ECHO", mark)
        found = []
        while True:
            match = MONITOR_LINE.match(self.connection.read())
            words = [ESCAPE.sub(unescape, word) for word in WORD.findall(match[3])]
            if words[1:] == [mark]:
                return found
            if match[2] not in self.ignored and words[0].upper() not in HANDSHAKE:
                found.append([words[0].upper(), *words[1:]])

    def close(self):
        self.inspector.close()
        self.connection.close()


def unescape(match):
    body = match[1]
    if len(body) == 3:
        return bytes.fromhex(body[1:].decode())
    return LETTERS.get(body, body)
