"""The log: one line for each event, on standard error. It never has sound or words of it."""

import sys


def say(line: str) -> None:
    """Writes a line."""
    print(line, file=sys.stderr, flush=True)
