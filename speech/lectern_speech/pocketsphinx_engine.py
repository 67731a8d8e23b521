"""PocketSphinx: small, English by itself, word times in partial results. One decoder for each connection (about 120 MB)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pocketsphinx import Decoder, get_model_path

from .engine import RATE, EngineOptions, ModelError, Word, model_files, pick
from .log import say
from .memory import refuse_huge

FRAMES_A_SECOND = 100
EXAMPLE = "a PocketSphinx model: an acoustic model's folder (with `mdef`), one *.lm.bin and one *.dict"
# How wide its search may be at each frame. PocketSphinx's own 30,000 take a whole processor over loud music, and hear no more
# (docs/captions-engines.md). Clean speech needs fewer.
MOST_MODELS_A_FRAME = 5000
# A pronunciation's number: `the(2)`.
VARIANT = re.compile(r"\(\d+\)$")
# Silence, noises and breaths: <sil>, [NOISE], ++SMACK++.
FILLER = re.compile(r"^[<\[+]")


class PocketSphinxRecogniser:
    """Hears one utterance after another."""

    # The result of a whole utterance is better than the partial ones: an early one still reaches the captions.
    cut_after_seconds = 3.0
    # A comma.
    short_pause_seconds = 0.13
    longest_seconds = 20.0

    def __init__(self, decoder: Any, give_back: Callable[[Any], None]) -> None:
        self._decoder = decoder
        self._give_back = give_back
        self._is_open = False

    def start(self) -> None:
        self._decoder.start_utt()
        self._is_open = True

    def feed(self, pcm: bytes) -> None:
        self._decoder.process_raw(pcm, False, False)

    def partial(self) -> list[Word]:
        return words_of(self._decoder.seg() or [])

    def finish(self) -> list[Word]:
        self._is_open = False
        self._decoder.end_utt()
        return words_of(self._decoder.seg() or [])

    def close(self) -> None:
        if self._is_open:
            self.finish()
        self._give_back(self._decoder)


class PocketSphinxEngine:
    """The files of a model."""

    def __init__(self, options: EngineOptions) -> None:
        model = own_model(options.language) if options.model is None else options.model
        files = model_files(model, EXAMPLE)
        refuse_huge(model, files)
        definition, self._language, self._dictionary = pick(files, ["mdef", "*.lm.bin", "*.dict"], model, EXAMPLE)
        self._acoustic = definition.parent
        # Checks the model, and serves the first connection. A decoder takes a second to load, so one is kept for the next.
        first = self._load()
        self._spare: list[Any] = [first]
        self._means: str = first.get_cmn()

    def open(self, favour: Sequence[str], grammar: Sequence[str]) -> PocketSphinxRecogniser:
        try:
            # Connections have threads of their own: no two may get the same decoder.
            decoder = self._spare.pop()
        except IndexError:
            decoder = self._load()
        taken = [word for word in favour if add_word(decoder, word.lower())]
        if grammar:
            say("pocketsphinx takes no list of phrases: it is ignored")
        if len(taken) < len(favour):
            say(f"pocketsphinx favours {len(taken)} of {len(favour)} words; it does not know how the others are spoken")
        return PocketSphinxRecogniser(decoder, self._forget if favour else self._keep)

    def _keep(self, decoder: Any) -> None:
        # What it learnt of the voice and the room belongs to the connection that has ended.
        decoder.set_cmn(self._means)
        self._spare[:] = [decoder]

    def _forget(self, decoder: Any) -> None:
        """Drops a decoder with added words."""

    def _load(self) -> Any:
        files = {"hmm": str(self._acoustic), "lm": str(self._language), "dict": str(self._dictionary)}
        try:
            return Decoder(samprate=RATE, loglevel="FATAL", maxhmmpf=MOST_MODELS_A_FRAME, **files)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"PocketSphinx cannot load {self._acoustic}: {error}: give --model the folder of {EXAMPLE}") from error


def own_model(language: str) -> Path:
    """The English model of the Python package."""
    if language.split("-")[0] != "en":
        raise ModelError(f"PocketSphinx brings a model for en only, not for {language}: give --model the folder of {EXAMPLE}")
    return Path(get_model_path()) / "en-us"


def words_of(segments: Iterable[Any]) -> list[Word]:
    """The words of a decoder's segments."""
    return [
        Word(
            VARIANT.sub("", segment.word),
            segment.start_frame / FRAMES_A_SECOND,
            (segment.end_frame + 1) / FRAMES_A_SECOND,
            min(1.0, max(0.0, segment.prob)),
        )
        for segment in segments
        if not FILLER.match(segment.word)
    ]


def add_word(decoder: Any, word: str) -> bool:
    """Adds a word that the dictionary lacks, if it is made of two that it has. Returns whether the decoder knows the word now."""
    if decoder.lookup_word(word) is not None:
        return True
    for at in range(2, len(word) - 1):
        head, tail = decoder.lookup_word(word[:at]), decoder.lookup_word(word[at:])
        if head is not None and tail is not None:
            decoder.add_word(word, f"{head} {tail}", True)
            return True
    return False
