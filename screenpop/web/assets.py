"""Static files of the pages: read once at start, versioned by their content."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str
    version: str
    """Hash of the content."""
    gzipped: bytes | None
    """The compressed content; None if that saves nothing."""


class Assets:
    """All files of one folder, in memory; no other file can be requested."""

    def __init__(self, root: Path) -> None:
        self._assets = {
            path.relative_to(root).as_posix(): _read(path)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        }
        self.version = short_hash(
            "".join(f"{path}={asset.version};" for path, asset in self._assets.items()).encode()
        )

    def find(self, path: str) -> Asset | None:
        return self._assets.get(path)

    def url(self, path: str) -> str:
        """Return the file's address, whose content never changes.

        The version of all files is before the path, so that relative imports of modules and
        style sheets have it too. A missing file raises ``KeyError``.
        """
        if path not in self._assets:
            raise KeyError(path)
        return f"/static/v-{self.version}/{path}"


def find_static() -> Path:
    """Return the static folder of the installed package, else of the checkout."""
    packaged = Path(str(files("screenpop"))) / "_data" / "static"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "static"


def short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@lru_cache(maxsize=512)
def gzipped(content: bytes) -> bytes | None:
    """Return the compressed content; None if that saves less than a tenth (images, fonts)."""
    packed = gzip.compress(content, 9, mtime=0)
    return packed if len(packed) < len(content) * 0.9 else None


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(
        content,
        _TYPES.get(path.suffix.lower(), "application/octet-stream"),
        short_hash(content),
        gzipped(content),
    )
