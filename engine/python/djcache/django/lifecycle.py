"""Closes connections and reports the result."""

from .._handles import open_handles


def _sum(reports):
    total = {"connections": 0, "completed": 0, "aborted": 0, "limit_reached": False}
    for report in reports:
        for name in ("connections", "completed", "aborted"):
            total[name] += report[name]
        total["limit_reached"] |= report["limit_reached"]
    return total


def disconnect(*, drain=True, limit=0.5):
    """Closes every connection of this process, of all aliases, and returns when they are closed.

    Pending operations may finish within `limit` seconds; with `drain=False` they fail at once. The
    caches stay usable: their next operation connects again. Returns how many connections were
    closed, and how many operations completed and were aborted meanwhile.
    """
    return _sum([each.store.disconnect(drain, limit) for each in open_handles()])


async def adisconnect(*, drain=True, limit=0.5):
    """disconnect() for coroutines."""
    reports = []
    for each in open_handles():
        loop, inbox = each.inbox()
        future = loop.create_future()
        inbox.disconnect(future, drain, limit)
        reports.append(await future)
    return _sum(reports)
