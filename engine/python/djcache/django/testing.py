"""Test cases that leave no connection behind.

    class VisitsTest(CacheTestCase):
        def test_counts(self):
            ...
"""

from django.test import SimpleTestCase

from .._handles import open_handles
from .lifecycle import disconnect


class CacheTestMixin:
    """Beside any test case: its teardown closes all connections, and the server must agree."""

    def tearDown(self):
        super().tearDown()
        self.cache_report = disconnect(drain=True)
        for handle in open_handles():
            for pool in handle.store.pools():
                self.assertEqual(
                    pool["connections"], 0, f"connections to {pool['endpoint']} are left"
                )


class CacheTestCase(CacheTestMixin, SimpleTestCase):
    """A SimpleTestCase whose caches are disconnected after each test."""
