"""Which Asterisk versions the lab has, and where their packages come from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Root:
    """A tree of unpacked Debian packages."""

    name: str
    suite: str
    packages: tuple[str, ...]
    program: str
    """A file that is in the tree when it is whole; a pattern where it has a version."""
    at_least: int = 0
    """The first package's major version; 0 for any."""
    leave_out: tuple[str, ...] = ()
    """Packages not unpacked: what the machine itself has, and must be the machine's own."""
    folder: Path | None = None
    """Where the tree is kept; None for the lab's own cache."""

    @property
    def path(self) -> Path:
        """Where the tree lies in the cache."""
        return (self.folder or cache_folder()) / self.name


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
