"""Which Asterisk versions the lab has, and where their packages come from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Root:
    """A tree of unpacked Debian packages. ``at_least``: the first package's major version."""

    name: str
    suite: str
    packages: tuple[str, ...]
    program: str
    at_least: int

    @property
    def path(self) -> Path:
        """Where the tree lies in the cache."""
        return cache_folder() / self.name


@dataclass(frozen=True)
class Version:
    """One Asterisk the lab can run."""

    name: str
    root: Root
    modules: str


SIPP = Root("sipp", "bookworm", ("sip-tester",), "usr/bin/sipp", 3)
ASTERISK_22 = Version(
    "22",
    Root("asterisk-22", "forky", ("asterisk",), "usr/sbin/asterisk", 22),
    "/usr/lib/x86_64-linux-gnu/asterisk/modules",
)
ASTERISK_16 = Version(
    "16",
    Root("asterisk-16", "bullseye", ("asterisk", "asterisk-voicemail"), "usr/sbin/asterisk", 16),
    "/usr/lib/asterisk/modules",
)
VERSIONS = {version.name: version for version in (ASTERISK_22, ASTERISK_16)}


def cache_folder() -> Path:
    """Where unpacked packages are kept between runs."""
    base = os.environ.get("SCREENPOP_CACHE")
    return (Path(base) if base else PROJECT / ".cache") / "pbx_lab"
