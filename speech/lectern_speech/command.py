"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Callable, NoReturn

from websockets.asyncio.server import Server, serve, unix_serve

from .engine import Engine, EngineOptions, ModelError
from .log import say
from .models import ENGINES, load_engine
from .native_exit import when_it_exits
from .protocol import LONGEST_MESSAGE_BYTES
from .server import Limits, SpeechServer
from .watchdog import keep_telling
from .watcher import tell_systemd

USAGE, BAD_INPUT, FAILED = 64, 65, 1
CLOSE_SECONDS = 2
WRONG_MODEL = "the reason is in the line before: give --model the folder of a model for this engine"
EXAMPLES = """
examples:
  python speech --engine pocketsphinx --language en --listen 127.0.0.1:2700
  python speech --engine vosk --model /models/vosk-model-small-fr --language fr --listen unix:/run/speech-fr.sock
  python speech --engine sherpa-onnx --model /models/moonshine-tiny-en --language en --listen 127.0.0.1:2701

A client sends {"config" : {"sample_rate" : 16000}}, then sound: mono, signed 16 bit, little-endian, 16,000 samples a
second. Each piece of sound has one answer. {"reset" : 1} ends an utterance, {"eof" : 1} the stream. No sound and no word
leaves this process but to the client that sent the sound. Exit codes: 0 ended by a signal, 1 failed, 64 wrong usage, 65 bad model.
"""


class Parser(argparse.ArgumentParser):
    """Ends with the exit code of the other commands."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        fail(USAGE, f"{message} (see --help)")


def main() -> None:
    """Runs the server until a signal ends it."""
    options = parser().parse_args()
    # Its log has a traceback for each bad handshake.
    logging.getLogger("websockets").addHandler(logging.NullHandler())
    logging.getLogger("websockets").propagate = False
    # Until the server runs, a signal ends the process at once.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: os._exit(0))
    try:
        with when_it_exits(lambda: complain(BAD_INPUT, f"{options.engine} cannot load {options.model}: {WRONG_MODEL}")):
            engine = load_engine(options.engine, EngineOptions(options.model, options.language))
        asyncio.run(run(engine, options))
    except ModelError as error:
        fail(BAD_INPUT, str(error))
    except OSError as error:
        fail(FAILED, f"cannot listen on {options.listen}: {error.strerror or error}: give --listen another address")
    sys.stderr.flush()
    # Does not wait for an engine that hangs.
    os._exit(0)


def parser() -> argparse.ArgumentParser:
    made = Parser(
        prog="python speech",
        description="A speech server with Vosk's websocket protocol: sound in, words with times out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--engine", required=True, choices=sorted(ENGINES), help="what recognises the words")
    made.add_argument("--model", type=Path, help="the model's folder (pocketsphinx brings one for en)")
    made.add_argument("--language", required=True, help="the model's language, for example en or pt-BR")
    made.add_argument("--listen", required=True, type=address, metavar="HOST:PORT|unix:PATH", help="where clients connect")
    made.add_argument("--connections", type=whole(1, 64), default=4, help="most connections at a time (default 4)")
    made.add_argument(
        "--config-seconds", type=whole(1, 600), default=10, help="how long a client may take to send its configuration (default 10)"
    )
    return made


def whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number in bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return read


def address(text: str) -> str:
    """Checks `HOST:PORT` or `unix:PATH`."""
    host, _, port = text.rpartition(":")
    is_unix = text.startswith("unix:") and len(text) > len("unix:")
    if not is_unix and not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"expected HOST:PORT or unix:PATH, got {text!r}")
    return text


async def run(engine: Engine, options: argparse.Namespace) -> None:
    """Serves until SIGINT or SIGTERM."""
    ended = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    speech = SpeechServer(engine, Limits(options.connections, options.config_seconds))
    server = await listen(speech, options.listen)
    say(f"{options.engine} ({options.language}) listens on {', '.join(map(name_of, server.sockets))}")
    telling = asyncio.create_task(keep_telling(speech.calls.are_quick))
    tell_systemd("READY=1")
    await ended.wait()
    telling.cancel()
    server.close()
    try:
        await asyncio.wait_for(server.wait_closed(), CLOSE_SECONDS)
    except asyncio.TimeoutError:
        say("an engine did not end in time")
    if options.listen.startswith("unix:"):
        Path(options.listen.removeprefix("unix:")).unlink(missing_ok=True)


async def listen(server: SpeechServer, where: str) -> Server:
    settings: dict[str, Any] = {
        "process_request": server.refuse,
        "max_size": LONGEST_MESSAGE_BYTES,
        "max_queue": 4,
        "open_timeout": 10,
        "close_timeout": CLOSE_SECONDS,
        "compression": None,
        # A browser names its page's origin: no page may connect.
        "origins": [None],
    }
    if where.startswith("unix:"):
        path = where.removeprefix("unix:")
        refuse_taken(path)
        return await unix_serve(server.handle, path, **settings)
    host, _, port = where.rpartition(":")
    return await serve(server.handle, host.strip("[]"), int(port), **settings)


def refuse_taken(path: str) -> None:
    """Raises OSError if a server answers on the socket. An old socket without one is replaced."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return
    raise OSError(98, "another server uses it")


def name_of(listening: socket.socket) -> str:
    """The address of a listening socket, with the real port."""
    name = listening.getsockname()
    return f"unix:{name}" if isinstance(name, str) else f"{name[0]}:{name[1]}"


def complain(code: int, text: str) -> int:
    sys.stderr.write(f"error: {text}\n")
    sys.stderr.flush()
    return code


def fail(code: int, text: str) -> NoReturn:
    os._exit(complain(code, text))
