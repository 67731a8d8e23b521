"""Whether the server hangs, for systemd's watchdog (`WatchdogSec=`)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import Callable, Iterator

from . import watcher
from .log import say

LONG_CALL_SECONDS = 1


class Calls:
    """The engine's calls that run now."""

    def __init__(self) -> None:
        self._begun: dict[object, float] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        call = object()
        self._begun[call] = time.monotonic()
        try:
            yield
        finally:
            del self._begun[call]

    def are_quick(self) -> bool:
        """False during a long call. It may be slow or hang: processor time shows which."""
        return all(time.monotonic() - begun <= LONG_CALL_SECONDS for begun in self._begun.values())


async def keep_telling(is_well: Callable[[], bool]) -> None:
    """Tells systemd that the server lives, until an engine hangs: then systemd ends the process and starts it again."""
    period = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
    if period <= 0:
        return
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        subprocess.Popen([sys.executable, "-B", "-S", watcher.__file__], stdin=read_end)
    except OSError as error:
        say(f"the watchdog cannot be started, so systemd will end this server: {error.strerror}")
    os.close(read_end)
    while True:
        if is_well():
            # If the watcher has gone, systemd starts both again.
            with suppress(OSError):
                os.write(write_end, b".")
        await asyncio.sleep(period / 6)
