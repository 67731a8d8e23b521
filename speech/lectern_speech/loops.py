"""Models that write text token by token sometimes fall into a loop: "to be able to be able to be able", up to the end of the utterance."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_PHRASE = 8
# People also say a word again and again, but hardly so often.
FEWEST_WORDS = 12
FEWEST_TIMES = 3


def without_loop(words: Sequence[str]) -> Sequence[str]:
    """The words without a phrase that the end of the utterance only repeats; its first time stays."""
    plain = [word.strip(".,;:?!").lower() for word in words]
    for phrase in range(1, LONGEST_PHRASE + 1):
        repeated = 0
        while repeated + phrase < len(plain) and plain[-1 - repeated] == plain[-1 - repeated - phrase]:
            repeated += 1
        if repeated >= max(FEWEST_WORDS, FEWEST_TIMES * phrase):
            return words[: len(words) - repeated]
    return words
