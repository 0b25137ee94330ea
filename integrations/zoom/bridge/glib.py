"""GLib's main loop by ctypes.

The SDK answers on whichever thread iterates GLib's default context, and never where none does. PyGObject would bring
a build of its own for the four functions that are needed.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable

_LIBRARY = "libglib-2.0.so.0"

_IN, _ERROR, _HANGUP = 1, 8, 16  # GIOCondition
_REMOVE, _CONTINUE = 0, 1

_SourceFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_DescriptorFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)


class GLibLoop:
    """See `Loop`. Callbacks must not raise: what does is dropped, and is not called again.

    Raises:
        OSError: There is no GLib.
    """

    def __init__(self) -> None:
        glib = ctypes.CDLL(_LIBRARY)
        self._iterate = glib.g_main_context_iteration
        self._iterate.argtypes = (ctypes.c_void_p, ctypes.c_int)
        self._add_descriptor = glib.g_unix_fd_add
        self._add_descriptor.argtypes = (ctypes.c_int, ctypes.c_uint, _DescriptorFunction, ctypes.c_void_p)
        self._add_timeout = glib.g_timeout_add
        self._add_timeout.argtypes = (ctypes.c_uint, _SourceFunction, ctypes.c_void_p)
        # One native function for all sources of a kind, told apart by their keys: none is made for a single timer,
        # and so none has to be freed while it runs.
        self._on_descriptor = _DescriptorFunction(self._readable)
        self._on_tick = _SourceFunction(self._tick)
        self._on_due = _SourceFunction(self._due)
        self._keys = itertools.count(1)
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._sources: dict[int, int] = {}
        self._remove = glib.g_source_remove
        self._remove.argtypes = (ctypes.c_uint,)
        self._running = False

    def watch(self, descriptor: int, readable: Callable[[], None]) -> Callable[[], None]:
        """See `Loop.watch`."""
        key = self._keep(readable)
        conditions = _IN | _ERROR | _HANGUP
        self._sources[key] = self._add_descriptor(descriptor, conditions, self._on_descriptor, key)
        return lambda: self._forget(key)

    def every(self, interval_ms: int, tick: Callable[[], None]) -> None:
        """See `Loop.every`."""
        key = self._keep(tick)
        self._sources[key] = self._add_timeout(interval_ms, self._on_tick, key)

    def after(self, delay_ms: int, due: Callable[[], None]) -> None:
        """See `Loop.after`."""
        key = self._keep(due)
        self._sources[key] = self._add_timeout(delay_ms, self._on_due, key)

    def run(self) -> None:
        """See `Loop.run`."""
        self._running = True
        while self._running:
            self._iterate(None, True)

    def stop(self) -> None:
        """See `Loop.stop`."""
        self._running = False

    def close(self) -> None:
        """Take everything out of GLib's context, which is the process's: only for who goes on without the loop."""
        for key in list(self._callbacks):
            self._forget(key)

    def _forget(self, key: int) -> None:
        if self._callbacks.pop(key, None) is not None:
            self._remove(self._sources.pop(key))

    def _keep(self, callback: Callable[[], None]) -> int:
        key = next(self._keys)
        self._callbacks[key] = callback
        return key

    def _readable(self, _descriptor: int, _condition: int, key: int) -> int:
        self._callbacks[key]()
        return _CONTINUE  # which says nothing where the callback has forgotten itself

    def _tick(self, key: int) -> int:
        self._callbacks[key]()
        return _CONTINUE

    def _due(self, key: int) -> int:
        self._sources.pop(key, None)
        self._callbacks.pop(key)()
        return _REMOVE
