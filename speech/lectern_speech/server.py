"""The websocket server: one stream of sound a connection, bounded in every direction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from .engine import RATE, Engine
from .hearing import Heard, Hearing
from .log import say
from .protocol import END, RESET, Config, ProtocolError, answer, read_config
from .watchdog import Calls

# Half a second of sound at a time goes to the engine, so that a connection that has closed stops soon.
PIECE_BYTES = RATE
POLICY_VIOLATION = 1008
ENGINE_FAILED = 1011
# The protocol's bound on the text of a close.
LONGEST_REASON_BYTES = 123

Result = TypeVar("Result")


@dataclass(frozen=True)
class Limits:
    """Bounds on what clients may take."""

    connections: int
    config_seconds: float
    """How long a connection may stay without its configuration."""


class SpeechServer:
    """Answers connections with one engine."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._open = 0
        self.calls = Calls()

    def refuse(self, connection: ServerConnection, _request: Request) -> Response | None:
        """Refuses a connection over the bound, before its handshake."""
        if self._open < self._limits.connections:
            return None
        say(f"a connection was refused: all {self._limits.connections} are taken (--connections)")
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "all connections are taken\n")

    async def handle(self, connection: ServerConnection) -> None:
        """One connection, to its end."""
        self._open += 1
        # The engine's calls of a connection run in one thread, one after another.
        worker = ThreadPoolExecutor(1)
        try:
            await self._serve(connection, worker)
        except ConnectionClosed:
            pass
        except ProtocolError as error:
            await close(connection, POLICY_VIOLATION, str(error))
        except Exception as error:  # An engine may raise anything; the other connections go on.
            say(f"the engine failed: {type(error).__name__}: {error}")
            await close(connection, ENGINE_FAILED, f"the engine failed: {error}")
        finally:
            # A call that hangs in the engine holds its place: otherwise each new connection would leave one more thread.
            self._count_until_idle(worker)
            worker.shutdown(wait=False)

    def _count_until_idle(self, worker: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()

        def give_back() -> None:
            self._open -= 1

        def idle(_: object) -> None:
            # When the server ends, the loop may be gone before the engine.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(give_back)

        worker.submit(lambda: None).add_done_callback(idle)

    async def _serve(self, connection: ServerConnection, worker: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()

        async def run(call: Callable[[], Result]) -> Result:
            with self.calls.running():
                return await loop.run_in_executor(worker, call)

        config = await self._config(connection)
        hearing = await run(lambda: Hearing(self._engine.open(config.favour, config.grammar)))
        try:
            async for message in connection:
                if isinstance(message, bytes):
                    await connection.send(answer(await hear(hearing, message, run)))
                elif message in (END, RESET):
                    await connection.send(answer(await run(hearing.end), is_end=True))
                    if message == END:
                        return
                else:
                    raise ProtocolError(f"after the configuration come sound, {RESET} or {END}")
        finally:
            worker.submit(hearing.close)

    async def _config(self, connection: ServerConnection) -> Config:
        try:
            message = await asyncio.wait_for(connection.recv(), self._limits.config_seconds)
        except asyncio.TimeoutError:
            raise ProtocolError(f"no configuration within {self._limits.config_seconds:g} s") from None
        if isinstance(message, bytes):
            raise ProtocolError(f'the first message must be {{"config" : {{"sample_rate" : {RATE}}}}}')
        return read_config(message)


async def hear(hearing: Hearing, pcm: bytes, run: Callable[[Callable[[], Heard]], Awaitable[Heard]]) -> Heard:
    """Hears a message piece by piece."""
    if len(pcm) % 2 != 0:
        raise ProtocolError("sound must have two bytes a sample: this message has an odd number of bytes")
    final = []
    heard = Heard()
    for at in range(0, max(1, len(pcm)), PIECE_BYTES):
        heard = await run(lambda: hearing.hear(pcm[at : at + PIECE_BYTES]))
        final += heard.final
    heard.final = final
    return heard


async def close(connection: ServerConnection, code: int, reason: str) -> None:
    """Closes with a reason, cut to what the protocol allows."""
    await connection.close(code, reason.encode()[:LONGEST_REASON_BYTES].decode(errors="ignore"))
