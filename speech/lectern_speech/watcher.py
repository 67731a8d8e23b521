"""
Tells systemd that the speech server lives, from a process of its own: engines hold Python's lock for seconds, and the server itself
could then tell nothing. Started by `watchdog`, and ends with the server. Imports nothing of this package, so that it stays small.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from pathlib import Path

LONGEST_WORK_SECONDS = 10
"""A server that works, and says nothing for so long, hangs in a loop: its words would be of no use."""


def tell_systemd(text: str) -> None:
    """Sends systemd a notification. Does nothing if systemd wants none."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(text.encode(), f"\0{path[1:]}" if path.startswith("@") else path)


class Pulse:
    """The signs of life of a server. Times are monotonic, in seconds."""

    def __init__(self, now: float, ticks: int) -> None:
        self._beat = now
        self._sign = now
        self._ticks = ticks

    def beats(self, now: float) -> None:
        """The server says that all is well."""
        self._beat = self._sign = now

    def works(self, now: float, ticks: int) -> None:
        """`ticks`: how much processor time it has used so far, in clock ticks."""
        if ticks > self._ticks and now - self._beat <= LONGEST_WORK_SECONDS:
            self._sign = now
        self._ticks = ticks

    def silence(self, now: float) -> float:
        """For how long there was no sign of life."""
        return now - self._sign


def processor_ticks(pid: int) -> int:
    """The processor time of a process and its threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def watch(server: int, beats: int, period: float) -> None:
    """
    Tells systemd that the server lives, or after a silence that it hangs. Returns when it has ended.

    `period`: of systemd's watchdog, in seconds.
    """
    pulse = Pulse(time.monotonic(), processor_ticks(server))
    while True:
        has_news, _, _ = select.select([beats], [], [], period / 4)
        if has_news:
            if not os.read(beats, 4096):
                return
            pulse.beats(time.monotonic())
        pulse.works(time.monotonic(), processor_ticks(server))
        tell_systemd("WATCHDOG=1" if pulse.silence(time.monotonic()) <= period else "WATCHDOG=trigger")


if __name__ == "__main__":
    watch(os.getppid(), sys.stdin.fileno(), int(os.environ["WATCHDOG_USEC"]) / 1e6)
