"""What the server needs of a speech engine. Each engine has a module of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

RATE = 16_000
"""Samples a second. All sound is mono, signed 16 bit, little-endian."""

MOST_FILES = 1000


@dataclass(frozen=True)
class Word:
    """A recognised word. Times are in seconds: inside an engine from the utterance's start, outside from the stream's start."""

    text: str
    start: float
    end: float
    confidence: float


class Recogniser(Protocol):
    """Hears one utterance after another: `start`, `feed` until it ends, `finish`. Used by one thread at a time."""

    cut_after_seconds: float
    """From this length on, an utterance ends at the next short pause."""
    short_pause_seconds: float
    """How long that pause is without a voice."""
    longest_seconds: float
    """An utterance of this length ends also in the middle of a word."""

    def start(self) -> None: ...

    def feed(self, pcm: bytes) -> None: ...

    def partial(self) -> Sequence[Word]:
        """The words so far; empty from an engine that has no word times."""
        ...

    def finish(self) -> Sequence[Word]: ...

    def close(self) -> None:
        """Called once, when no method of this object runs any more. Also after an exception."""
        ...


class Engine(Protocol):
    """A loaded model."""

    def open(self, favour: Sequence[str], grammar: Sequence[str]) -> Recogniser:
        """
        A recogniser for one connection. `favour`: words to prefer. `grammar`: the only phrases that can be said. An engine
        ignores what it cannot take, and says so in the log.
        """
        ...


class ModelError(Exception):
    """A model is missing, wrong or too large. The text says what to do."""


@dataclass(frozen=True)
class EngineOptions:
    """Which model an engine loads."""

    model: Path | None
    """None: the engine's own model, if it brings one for the language."""
    language: str


EngineMaker = Callable[[EngineOptions], Engine]


def model_files(model: Path, example: str) -> list[Path]:
    """All files of a model's folder. Raises ModelError if it is none."""
    if not model.is_dir():
        what = "is not a folder" if model.exists() else "does not exist"
        raise ModelError(f"the model {model} {what}: give --model the folder of {example}")
    files = list(islice(walk(model), MOST_FILES + 1))
    if len(files) > MOST_FILES:
        raise ModelError(f"{model} has more than {MOST_FILES} files, so it is no model: give --model the folder of {example}")
    return files


def walk(folder: Path) -> Iterator[Path]:
    """The files below a folder, link targets too, but no folder behind a link."""
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in names)


def pick(files: Sequence[Path], wanted: Sequence[str], model: Path, example: str) -> list[Path]:
    """The files with these names or patterns, one for each: the largest. Raises ModelError with all that are missing."""
    found = [[path for path in files if path.match(pattern)] for pattern in wanted]
    missing = [pattern for pattern, paths in zip(wanted, found) if not paths]
    if missing:
        raise ModelError(f"the model {model} has no {', '.join(missing)}: give --model the folder of {example}")
    return [max(paths, key=size_of) for paths in found]


def size_of(path: Path) -> int:
    """Bytes of a file; 0 for a broken link."""
    return path.stat().st_size if path.is_file() else 0


def spread(texts: Sequence[str], start: float, end: float) -> list[Word]:
    """Words of an engine without word times, spread over the time in which they were said, by their lengths."""
    lengths = [len(text) + 1 for text in texts]
    rate = (end - start) / max(1, sum(lengths))
    edges = [start + rate * sum(lengths[:at]) for at in range(len(lengths) + 1)]
    return [Word(text, edges[at], edges[at + 1], 1.0) for at, text in enumerate(texts)]
