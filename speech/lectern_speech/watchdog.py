"""systemd's view of the server: that it is ready (`Type=notify`), and that it does not hang (`WatchdogSec=`)."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import contextmanager
from typing import Callable, Iterator

LONGEST_CALL_SECONDS = 10


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

    def hangs(self) -> bool:
        """Whether a call takes so long that its words would be of no use."""
        return any(time.monotonic() - begun > LONGEST_CALL_SECONDS for begun in self._begun.values())


def tell_systemd(text: str) -> None:
    path = os.environ.get("NOTIFY_SOCKET", "")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(text.encode(), f"\0{path[1:]}" if path.startswith("@") else path)


async def keep_telling(hangs: Callable[[], bool]) -> None:
    """Tells systemd that the server lives, until an engine hangs: then systemd ends the process and starts it again."""
    period = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
    while period > 0:
        if not hangs():
            tell_systemd("WATCHDOG=1")
        await asyncio.sleep(period / 4)
