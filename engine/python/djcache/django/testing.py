"""Test cases that leave no connection behind.

    class VisitsTest(CacheTestCase):
        def test_counts(self):
            ...
"""

import os
import socket
import stat

from django.test import SimpleTestCase

from .._handles import open_handles
from .lifecycle import disconnect


def _addresses():
    """The addresses of this process' sockets, in the form in which a server lists its clients."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptor = os.dup(int(name))
        except OSError:
            continue  # the descriptor that listdir() used
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            continue
        with socket.socket(fileno=descriptor) as ours:
            if ours.family in (socket.AF_INET, socket.AF_INET6):
                host, port = ours.getsockname()[:2]
                found.add(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return found


def _clients_left(handle, addresses):
    """How many clients the server lists at these addresses."""
    lines = handle.store.command(("CLIENT", "LIST")).decode().splitlines()
    clients = [dict(word.partition("=")[::2] for word in line.split()) for line in lines]
    return sum(each["addr"] in addresses for each in clients)


class CacheTestMixin:
    """For any test case: tearDown() closes all connections and checks that no server has any left.

    The servers' user must be allowed CLIENT LIST. `cache_report` is the report of disconnect().
    """

    def tearDown(self):
        super().tearDown()
        addresses = _addresses()
        self.cache_report = disconnect(drain=True)
        addresses -= _addresses()  # still open: sockets of the test itself
        used = [each for each in open_handles() if each.store.pools()]
        left = sum(_clients_left(each, addresses) for each in used)
        disconnect(drain=True)
        self.assertEqual(left, 0, "the servers still count connections of this process")


class CacheTestCase(CacheTestMixin, SimpleTestCase):
    """A SimpleTestCase whose caches are disconnected after each test."""
