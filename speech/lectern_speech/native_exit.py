"""PocketSphinx and sherpa-onnx end the whole process at a model that they cannot read. This turns that end into a message."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_library = ctypes.CDLL(None)
_Handler = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)


@contextmanager
def when_it_exits(last_words: Callable[[], int]) -> Iterator[None]:
    """While the body runs, an `exit` of native code calls `last_words`, and ends with the exit code that this returns."""
    is_running = True

    def handle(_status: int, _argument: object) -> None:
        if is_running:
            os._exit(last_words())

    # Never given free: the C library keeps its address. Only glibc has on_exit.
    handler = _Handler(handle)
    _handlers.append(handler)
    if hasattr(_library, "on_exit"):
        _library.on_exit(handler, None)
    try:
        yield
    finally:
        is_running = False


_handlers: list[object] = []
