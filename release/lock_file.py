"""Packages of a pip lock file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-server.lock"

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class LockedPackage:
    name: str
    version: str
    marker: str
    """Where it is installed, such as ``sys_platform == 'win32'``; empty: everywhere."""
    hashes: tuple[str, ...]
    """SHA-256 of each file that pip accepts for this version."""


def read_lock(text: str) -> Iterator[LockedPackage]:
    """Yield the packages of a lock file that was written with hashes.

    Raises:
        ValueError: a line is neither a pinned package nor a hash of one.
    """
    blocks = re.split(r"\n(?=\S)", text.strip())
    for block in blocks:
        first, *rest = block.split("\n")
        pin = _PIN.match(first)
        hashes = tuple(found for line in rest for found in _HASH.findall(line))
        if pin is None or not hashes or len(hashes) != len(rest):
            raise ValueError(f"not a pinned package with hashes: {first}")
        yield LockedPackage(pin[1], pin[2], pin[3] or "", hashes)
