"""
sherpa-onnx with a Moonshine model: accurate, but without word times and partial results. One model for all connections.

Words of an utterance are spread over the time in which it was said. Utterances stay short, because nothing is known before their end.
"""

from __future__ import annotations

import base64
import os
import re
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sherpa_onnx

from .engine import RATE, EngineOptions, ModelError, Word, model_files, pick, spread
from .log import say
from .loops import without_loop
from .memory import refuse_huge

EXAMPLE = "a Moonshine model (encoder_model.ort, decoder_model_merged.ort, and tokens.txt or tokenizer.bin)"


class SherpaRecogniser:
    """Hears one utterance after another."""

    cut_after_seconds = 4.0
    short_pause_seconds = 0.1
    longest_seconds = 8.0

    def __init__(self, model: Any) -> None:
        self._model = model
        self._samples = array("h")

    def start(self) -> None:
        self._samples = array("h")

    def feed(self, pcm: bytes) -> None:
        self._samples.frombytes(pcm)

    def partial(self) -> list[Word]:
        return []

    def finish(self) -> list[Word]:
        stream = self._model.create_stream()
        stream.accept_waveform(RATE, [sample / 32768 for sample in self._samples])
        self._model.decode_stream(stream)
        return spread(without_loop(str(stream.result.text).split()), 0.0, len(self._samples) / RATE)

    def close(self) -> None:
        """Nothing: what it holds goes with it."""


class SherpaEngine:
    """The loaded model."""

    def __init__(self, options: EngineOptions) -> None:
        if options.model is None:
            raise ModelError(f"sherpa-onnx brings no model: give --model the folder of {EXAMPLE} for {options.language}")
        files = model_files(options.model, EXAMPLE)
        refuse_huge(options.model, files)
        wanted = ["encoder_model.ort", "decoder_model_merged.ort", "token[is]*"]
        encoder, decoder, tokens = pick(files, wanted, options.model, EXAMPLE)
        try:
            self._model: Any = sherpa_onnx.OfflineRecognizer.from_moonshine_v2(
                encoder=str(encoder), decoder=str(decoder), tokens=text_tokens(tokens), num_threads=1
            )
        except AttributeError:
            raise ModelError("this sherpa-onnx is too old for a Moonshine model: take 2.0 or later, or another engine") from None
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"sherpa-onnx cannot load {options.model}: {error}: give --model the folder of {EXAMPLE}") from error

    def open(self, favour: Sequence[str], grammar: Sequence[str]) -> SherpaRecogniser:
        if favour or grammar:
            say("sherpa-onnx takes no words to favour and no list of phrases with a Moonshine model: they are ignored")
        return SherpaRecogniser(self._model)


def text_tokens(tokens: Path) -> str:
    """The path of a list of tokens as sherpa-onnx reads it. From Moonshine's own `tokenizer.bin` it makes one in memory."""
    if tokens.suffix == ".txt":
        refuse_wrong_tokens(tokens)
        return str(tokens)
    try:
        found = read_tokenizer(tokens.read_bytes())
    except IndexError:
        raise ModelError(f"{tokens} is cut off: give --model the folder of {EXAMPLE}") from None
    lines = [f"{base64.b64encode(token).decode()} {at}" for at, token in enumerate(found)]
    handle = os.memfd_create("tokens")
    with open(handle, "w", encoding="ascii", closefd=False) as file:
        file.write("\n".join(lines) + "\n")
    return f"/proc/self/fd/{handle}"


def refuse_wrong_tokens(tokens: Path) -> None:
    """Raises ModelError. sherpa-onnx would end the whole process."""
    for number, line in enumerate(tokens.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not re.fullmatch(r"\S+\s+\d+|\s*\d+", line):
            raise ModelError(f"{tokens}:{number}: expected a token and its number: give --model the folder of {EXAMPLE}")


def read_tokenizer(data: bytes) -> list[bytes]:
    """The tokens of a `tokenizer.bin`: each has its length before it, in one byte, or in two from 128 on."""
    tokens: list[bytes] = []
    at = 0
    while at < len(data):
        length, at = data[at], at + 1
        if length >= 128:
            length, at = data[at] * 128 + length - 128, at + 1
        tokens.append(data[at : at + length])
        at += length
    return tokens
