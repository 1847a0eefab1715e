"""One engine per process for each server and set of options, created on first use.

All cache objects of all threads and event loops share the engine and its connections. After fork()
the child process creates its own engines. At exit all engines are stopped.
"""

import asyncio
import atexit
import os
import threading
import weakref

from . import _djcache

_lock = threading.Lock()
_handles = {}
_of_parents = []  # engines from before a fork: destroying one would affect the parent process


class Handle:
    """The engine for one set of settings. `store` and `inboxes` are created on first use."""

    def __init__(self, settings):
        self.settings = settings  # CACHES in JSON
        self._opening = threading.Lock()

    def __getattr__(self, name):
        if name not in ("store", "inboxes"):
            raise AttributeError(name)
        with self._opening:
            if "store" not in self.__dict__:
                self.inboxes = weakref.WeakKeyDictionary()
                self.store = _djcache.Store(self.settings)
        return self.__dict__[name]

    @property
    def is_open(self):
        return "store" in self.__dict__

    def inbox(self):
        """The running event loop, and the inbox that delivers results to it."""
        loop = asyncio.get_running_loop()
        inbox = self.inboxes.get(loop)
        if inbox is None:
            inbox = self.inboxes[loop] = self.store.inbox()
            loop.add_reader(inbox.fileno(), inbox.empty)
        return loop, inbox

    def forget(self):
        """Abandons the engine in a child process after fork(), because it belongs to the parent."""
        self._opening = threading.Lock()
        if self.is_open:
            _of_parents.append((self.__dict__.pop("store"), self.__dict__.pop("inboxes")))

    def stop(self):
        if self.is_open:
            self.store.stop()


def handle(settings):
    """The handle for these settings, shared by all caches with the same settings, and, if the
    handle is new, warnings about them. Raises SettingsError."""
    with _lock:
        findings = []
        found = _handles.get(settings)
        if found is None:
            findings = _djcache.check(settings)
            found = _handles[settings] = Handle(settings)
        return found, findings


def open_handles():
    with _lock:
        return [each for each in _handles.values() if each.is_open]


def _after_fork_in_child():
    global _lock
    _lock = threading.Lock()
    for each in _handles.values():
        each.forget()


def _stop_all():
    for each in open_handles():
        each.stop()


os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_stop_all)
