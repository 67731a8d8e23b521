"""
Something that systemd watches, with the speech server's watchdog: `waits`, `holds` and `works` are what its engine's call does. Prints
what systemd is told, a line each, until it is told of a hang, or until the call has returned.
"""

import asyncio
import ctypes
import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "speech"))

from lectern_speech.watchdog import Calls, keep_telling
from lectern_speech.watcher import tell_systemd

PERIOD_SECONDS = 1
WORK_SECONDS = 4


def waits() -> None:
    threading.Event().wait()


def holds() -> None:
    # With Python's lock: nothing else in the process runs.
    ctypes.PyDLL(None).sleep(1000)


def works() -> None:
    # With Python's lock too. The sum's length is for this machine.
    begun = time.process_time()
    sum(range(10**7))
    sum(range(int(10**7 * WORK_SECONDS / (time.process_time() - begun))))


async def serve(call: str) -> None:
    calls = Calls()
    telling = asyncio.create_task(keep_telling(calls.are_quick))
    await asyncio.sleep(2 * PERIOD_SECONDS)
    tell_systemd("the call begins")
    with calls.running():
        await asyncio.get_running_loop().run_in_executor(None, {"waits": waits, "holds": holds, "works": works}[call])
    tell_systemd("the call has returned")
    telling.cancel()


def main(call: str) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        path = f"{folder}/notify"
        systemd.bind(path)
        os.environ.update(NOTIFY_SOCKET=path, WATCHDOG_USEC=str(PERIOD_SECONDS * 1_000_000))
        server = os.fork()
        if server == 0:
            asyncio.run(serve(call))
            os._exit(0)
        told = ""
        while told not in ("WATCHDOG=trigger", "the call has returned"):
            told = systemd.recv(4096).decode()
            print(told, flush=True)
        os.kill(server, 9)


main(sys.argv[1])
