"""What one connection hears: the voice gate, and the engine's recogniser behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .engine import RATE, Recogniser, Word
from .gate import Begin, GateEvent, Speech, VoiceGate


@dataclass
class Heard:
    """What a piece of sound brought. Times count from the stream's start."""

    final: list[Word] = field(default_factory=list)
    """Words that are new and will not change."""
    partial: Sequence[Word] = ()
    """Words of the utterance that is being said; they may change."""
    settled: float = 0.0
    """Nothing will change or come any more for the time before this, in seconds."""


class Hearing:
    """One stream of sound. Used by one thread at a time."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._gate = VoiceGate(recogniser.cut_after_seconds, recogniser.short_pause_seconds, recogniser.longest_seconds)
        self._start = 0.0
        self._is_speaking = False

    def hear(self, pcm: bytes) -> Heard:
        """The next piece of sound. Raises what the engine raises."""
        return self._follow(self._gate.hear(pcm))

    def end(self) -> Heard:
        """Ends the utterance that is being said. More sound may follow; times go on."""
        return self._follow(self._gate.end())

    def close(self) -> None:
        """Gives the recogniser back."""
        self._recogniser.close()

    def _follow(self, events: Sequence[GateEvent]) -> Heard:
        heard = Heard()
        for event in events:
            if isinstance(event, Begin):
                self._recogniser.start()
                self._start = event.start / RATE
                self._is_speaking = True
            elif isinstance(event, Speech):
                self._recogniser.feed(event.pcm)
            else:
                self._is_speaking = False
                heard.final += self._placed(self._recogniser.finish())
        if self._is_speaking:
            heard.partial = self._placed(self._recogniser.partial())
        heard.settled = self._gate.settled / RATE
        return heard

    def _placed(self, words: Sequence[Word]) -> list[Word]:
        return [Word(word.text, self._start + word.start, self._start + word.end, word.confidence) for word in words]
