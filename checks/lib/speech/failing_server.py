"""The speech server with PocketSphinx, whose decoder fails at the first sound of a voice: a fault for tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "speech"))

from lectern_speech.command import main
from lectern_speech.pocketsphinx_engine import PocketSphinxRecogniser


def fail(_recogniser: PocketSphinxRecogniser, _pcm: bytes) -> None:
    raise RuntimeError("the decoder is broken")


PocketSphinxRecogniser.feed = fail  # type: ignore[method-assign]
main()
