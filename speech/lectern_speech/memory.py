"""Whether a model fits into memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .engine import ModelError, size_of

# A model in memory takes at least its size on disk.
MEMORY_SHARE = 0.8
GIB = 1024**3


def refuse_huge(model: Path, files: Sequence[Path]) -> None:
    """Raises ModelError if the model cannot fit into memory: loading it would stop other programs."""
    size, free = sum(map(size_of, files)), free_bytes()
    if size > MEMORY_SHARE * free:
        raise ModelError(
            f"the model {model} has {size / GIB:.1f} GiB, and {free / GIB:.1f} GiB of memory are free: take a smaller model"
        )


def free_bytes() -> int:
    """The memory that this process may still take."""
    return min(machine_free_bytes(), group_free_bytes())


def machine_free_bytes() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return 1 << 62


def group_free_bytes() -> int:
    """What the control group of a unit or container leaves (version 2); much, without one."""
    try:
        group = Path("/proc/self/cgroup").read_text(encoding="utf-8").strip().rpartition("::")[2]
        folder = Path("/sys/fs/cgroup") / group.lstrip("/")
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        return 1 << 62 if limit == "max" else int(limit) - int((folder / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 1 << 62
