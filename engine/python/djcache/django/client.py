"""The raw client: redis-py's client, with the engine as its connection.

`redis.Redis` and `redis.asyncio.Redis` keep all their commands, pipelines, scripts and locks; they
share the engine's connections with the cache. Commands that need a connection of their own
(blocking ones, WATCH, SUBSCRIBE) are refused: use a separate redis-py client for these.
"""

import random

from ..errors import CacheError, ResponseError


class _Replies:
    """Acts as a connection of redis-py: takes commands and returns their replies in order."""

    host = port = db = None
    retry_on_timeout = False

    def __init__(self, pool):
        self._pool = pool
        self._sent = []
        self._replies = []

    @property
    def retry(self):
        return self

    @property
    def encoder(self):
        return self._pool.get_encoder()

    def pack_commands(self, commands):
        return list(commands)

    def pack_command(self, *command):
        return [command]

    # _call() turns the commands into one call of the engine; _take() turns its result into the
    # replies that redis-py expects.

    def _call(self):
        encode = self.encoder.encode
        commands = [
            [encode(word) for part in command for word in _split(part)] for command in self._sent
        ]
        self._sent = []
        if len(commands) == 1:
            return "command", commands[0]
        if commands[0] == [b"MULTI"] and commands[-1] == [b"EXEC"]:
            return "transaction", commands[1:-1]
        return "pipeline", commands

    def _take(self, verb, replies):
        if verb == "command":
            self._replies = [replies]
        elif verb == "pipeline":
            self._replies = replies
        else:
            self._replies = [b"OK", *([b"QUEUED"] * len(replies)), replies]
        self._replies.reverse()

    def _next(self):
        reply = self._replies.pop()
        if isinstance(reply, CacheError):
            raise reply
        return reply


def _split(word):
    # redis-py sends "CLIENT LIST" as two words.
    if isinstance(word, str) and " " in word and word.isupper() and word.replace(" ", "").isalpha():
        return word.split()
    return (word,)


class _Connection(_Replies):
    def send_command(self, *command, **options):
        self._sent.append(command)

    def send_packed_command(self, commands, check_health=True):
        self._sent.extend(commands)

    def read_response(self, *args, **kwargs):
        if self._sent:
            verb, what = self._call()
            self._take(verb, getattr(self._pool.handle.store, verb)(what))
        return self._next()

    def call_with_retry(self, do, fail):
        return do()

    def disconnect(self, *args, **kwargs):
        self._sent, self._replies = [], []


class _AsyncConnection(_Replies):
    is_connected = True

    async def send_command(self, *command, **options):
        self._sent.append(command)

    async def send_packed_command(self, commands, check_health=True):
        self._sent.extend(commands)

    async def read_response(self, *args, **kwargs):
        if self._sent:
            verb, what = self._call()
            loop, inbox = self._pool.handle.inbox()
            future = loop.create_future()
            getattr(inbox, verb)(future, what)
            self._take(verb, await future)
        return self._next()

    async def call_with_retry(self, do, fail):
        return await do()

    async def disconnect(self, *args, **kwargs):
        self._sent, self._replies = [], []


class _Pool:
    """Acts as a connection pool of redis-py."""

    connection_kwargs = {}

    def __init__(self, handle):
        import redis

        self.handle = handle
        self._encoder = redis.connection.Encoder("utf-8", "strict", False)

    def get_encoder(self):
        return self._encoder

    def disconnect(self, inuse_connections=True):
        """Closes the engine's connections of this alias."""
        return self.handle.store.disconnect(True, 0.5)

    def reset(self):
        pass

    def get_connection(self, *args, **kwargs):
        return _Connection(self)

    def release(self, connection):
        pass


class _AsyncPool(_Pool):
    async def get_connection(self, *args, **kwargs):
        return _AsyncConnection(self)

    async def release(self, connection):
        pass

    async def disconnect(self, inuse_connections=True):
        loop, inbox = self.handle.inbox()
        future = loop.create_future()
        inbox.disconnect(future, True, 0.5)
        return await future

    aclose = disconnect


def _without_redis_py():
    return ResponseError(
        "the raw client and locks are redis-py's: install redis-py (Debian: python3-redis)"
    )


def blocking_client(handle):
    try:
        import redis
    except ImportError:
        raise _without_redis_py() from None

    class Client(redis.Redis):
        """redis-py's client over the engine."""

        def close(self, close_connection_pool=None):
            if close_connection_pool:
                self.connection_pool.disconnect()

        def pubsub(self, **kwargs):
            raise _own_connection("pubsub")

        def monitor(self):
            raise _own_connection("monitor")

        def __del__(self):
            pass

    return Client(connection_pool=_Pool(handle))


def asyncio_client(handle):
    try:
        import redis.asyncio
    except ImportError:
        raise _without_redis_py() from None

    class AsyncClient(redis.asyncio.Redis):
        """redis-py's client for asyncio over the engine."""

        async def initialize(self):
            return self

        async def aclose(self, close_connection_pool=None):
            """With `close_connection_pool`, also closes the connections of the alias."""
            if close_connection_pool:
                await self.connection_pool.disconnect()

        close = aclose

        def pubsub(self, **kwargs):
            raise _own_connection("pubsub")

        def monitor(self):
            raise _own_connection("monitor")

        def __del__(self, *args, **kwargs):
            pass

    return AsyncClient(connection_pool=_AsyncPool(handle))


def _own_connection(name):
    return ResponseError(
        f"{name} needs a connection of its own: use redis.Redis.from_url() of redis-py for it"
    )


class RawClients:
    """`cache.client` for users of django-redis, `cache._cache` for users of stock Django."""

    def __init__(self, cache):
        self._of = cache

    _make = staticmethod(blocking_client)

    def get_client(self, key=None, write=True, tried=None, show_index=False):
        """A client of the first server; for reads, of a random other one, if there are several."""
        servers = self._of._servers
        index = 0 if write or len(servers) == 1 else random.randrange(1, len(servers))
        handle = self._of._handle if len(servers) == 1 else self._of._handle_of(servers[index])
        client = self._make(handle)
        return (client, index) if show_index else client

    def make_key(self, key, version=None, prefix=None):
        return self._of.make_key(key, version=version)

    def make_pattern(self, pattern, version=None, prefix=None):
        return self._of.make_pattern(pattern, version, prefix)

    def reverse_key(self, key):
        return self._of.reverse_key(key)

    def encode(self, value):
        """The stored form of a value: bytes, or an int that is stored as text."""
        return self._of._values.dumps(value)

    def decode(self, stored):
        """The value of a stored form."""
        return self._of._values.loads(stored)

    def disconnect(self):
        """Closes the connections of this alias."""
        return self._of._handle.store.disconnect(True, 0.5)


class AsyncRawClients(RawClients):
    _make = staticmethod(asyncio_client)
