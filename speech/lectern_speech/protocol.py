"""The messages of Vosk's websocket protocol."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .engine import RATE, Word
from .hearing import Heard

LONGEST_MESSAGE_BYTES = 2 * 1024 * 1024
"""About a minute of sound."""
LONGEST_CONFIG_CHARACTERS = 100_000
MOST_PHRASES = 500
LONGEST_PHRASE_CHARACTERS = 200

# Vosk's server compares these byte for byte.
END = '{"eof" : 1}'
RESET = '{"reset" : 1}'


class ProtocolError(Exception):
    """A message that the protocol does not know. The text says what is expected."""


@dataclass(frozen=True)
class Config:
    """What a client asks for."""

    favour: Sequence[str] = ()
    grammar: Sequence[str] = ()


def read_config(text: str) -> Config:
    """Reads `{"config" : {...}}`. Raises ProtocolError. Keys that it does not know are ignored, like in Vosk's server."""
    if len(text) > LONGEST_CONFIG_CHARACTERS:
        raise ProtocolError(f"a configuration has at most {LONGEST_CONFIG_CHARACTERS} characters")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError(f'expected {{"config" : {{"sample_rate" : {RATE}}}}}, {END} or {RESET}') from None
    config = message.get("config") if isinstance(message, dict) else None
    if not isinstance(config, dict):
        raise ProtocolError(f'expected {{"config" : {{"sample_rate" : {RATE}}}}}, {END} or {RESET}')
    rate = config.get("sample_rate", RATE)
    if isinstance(rate, bool) or rate != RATE:
        raise ProtocolError(f"sample_rate must be {RATE}: send mono sound of {RATE} samples a second")
    return Config(favour=phrases(config, "favour"), grammar=phrases(config, "phrase_list"))


def phrases(config: dict[str, Any], key: str) -> list[str]:
    """A list of phrases in a configuration."""
    value = config.get(key, [])
    if not isinstance(value, list) or len(value) > MOST_PHRASES:
        raise ProtocolError(f"{key} must be a list of at most {MOST_PHRASES} phrases")
    if not all(isinstance(phrase, str) and 0 < len(phrase) <= LONGEST_PHRASE_CHARACTERS for phrase in value):
        raise ProtocolError(f"each phrase of {key} must have 1 to {LONGEST_PHRASE_CHARACTERS} characters")
    return value


def answer(heard: Heard, is_end: bool = False) -> str:
    """
    The one answer to a piece of sound: a result if words are final, else the partial result. `settled` is not Vosk's: nothing will
    change or come for the time before it.
    """
    settled = {"settled": round(heard.settled, 3)}
    if heard.final or is_end:
        return as_text({"result": as_json(heard.final), "text": text_of(heard.final), **settled} if heard.final else {"text": "", **settled})
    partial = {"partial_result": as_json(heard.partial)} if heard.partial else {}
    return as_text({"partial": text_of(heard.partial), **partial, **settled})


def text_of(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def as_json(words: Sequence[Word]) -> list[dict[str, Any]]:
    """Words as Vosk writes them."""
    return [
        {"conf": round(word.confidence, 6), "end": round(word.end, 3), "start": round(word.start, 3), "word": word.text}
        for word in words
    ]


def as_text(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, indent=2, separators=(",", " : "))
