"""
Vosk: models for many languages, word times in partial results. One model for all connections.

Only the library of the package `vosk` is loaded. Its Python part also downloads models, which this server never does.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .engine import RATE, EngineOptions, ModelError, Word, model_files, pick
from .log import say
from .memory import refuse_huge

EXAMPLE = "an unpacked Vosk model (with `am/final.mdl` and `conf/`)"


class VoskRecogniser:
    """Hears one utterance after another. Vosk counts times over all of them; here they count from the utterance's start."""

    cut_after_seconds = 12.0
    short_pause_seconds = 0.1
    longest_seconds = 20.0

    def __init__(self, library: Any, ffi: Any, handle: Any) -> None:
        self._library, self._ffi, self._handle = library, ffi, handle
        self._fed_bytes = 0
        self._start_seconds = 0.0
        # What Vosk has ended by itself within the utterance.
        self._ended: list[Word] = []

    def start(self) -> None:
        self._ended = []
        self._start_seconds = self._fed_bytes / 2 / RATE

    def feed(self, pcm: bytes) -> None:
        self._fed_bytes += len(pcm)
        accepted = self._library.vosk_recognizer_accept_waveform(self._handle, pcm, len(pcm))
        if accepted < 0:
            raise RuntimeError("Vosk cannot process the sound")
        if accepted:
            self._ended += self._words("result", self._library.vosk_recognizer_result(self._handle))

    def partial(self) -> list[Word]:
        answer = self._library.vosk_recognizer_partial_result(self._handle)
        return [*self._ended, *self._words("partial_result", answer)]

    def finish(self) -> list[Word]:
        return [*self._ended, *self._words("result", self._library.vosk_recognizer_final_result(self._handle))]

    def close(self) -> None:
        self._library.vosk_recognizer_free(self._handle)

    def _words(self, key: str, answer: Any) -> list[Word]:
        words = json.loads(self._ffi.string(answer)).get(key, [])
        zero = self._start_seconds
        return [Word(word["word"], word["start"] - zero, word["end"] - zero, word["conf"]) for word in words]


class VoskEngine:
    """The loaded model."""

    def __init__(self, options: EngineOptions) -> None:
        if options.model is None:
            raise ModelError(f"Vosk brings no model: give --model the folder of {EXAMPLE} for {options.language}")
        files = model_files(options.model, EXAMPLE)
        refuse_huge(options.model, files)
        pick(files, ["final.mdl", "HCL*"], options.model, EXAMPLE)
        self._ffi, self._library = load_library()
        self._library.vosk_set_log_level(-1)
        self._model = self._library.vosk_model_new(str(options.model).encode())
        if self._model == self._ffi.NULL:
            raise ModelError(f"Vosk cannot load the model {options.model}: give --model the folder of {EXAMPLE}")

    def open(self, favour: Sequence[str], grammar: Sequence[str]) -> VoskRecogniser:
        if favour:
            say("vosk favours no words; its phrase_list allows only the listed phrases")
        if grammar:
            phrases = json.dumps([*grammar, "[unk]"], ensure_ascii=False).encode()
            handle = self._library.vosk_recognizer_new_grm(self._model, float(RATE), phrases)
        else:
            handle = self._library.vosk_recognizer_new(self._model, float(RATE))
        if handle == self._ffi.NULL:
            raise RuntimeError("Vosk cannot make a recogniser")
        self._library.vosk_recognizer_set_words(handle, 1)
        self._library.vosk_recognizer_set_partial_words(handle, 1)
        return VoskRecogniser(self._library, self._ffi, handle)


def load_library() -> tuple[Any, Any]:
    """The package's library and its declarations."""
    package = importlib.util.find_spec("vosk")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'vosk'", name="vosk")
    folder = Path(package.origin).parent
    declarations = importlib.util.spec_from_file_location("vosk_cffi", folder / "vosk_cffi.py")
    if declarations is None or declarations.loader is None:
        raise ModuleNotFoundError("the package vosk has no vosk_cffi.py", name="vosk")
    module = importlib.util.module_from_spec(declarations)
    declarations.loader.exec_module(module)
    return module.ffi, module.ffi.dlopen(str(folder / "libvosk.so"))
