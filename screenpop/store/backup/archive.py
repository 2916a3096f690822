"""The file of a backup: a compressed tar, encrypted where a passphrase is given.

Members, in this order: ``backup.json`` (what it is), the files, ``checksums.json`` (SHA-256 of each
file). A file without the last member was cut off. Names are those of ``_NAMES`` only.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, cast

from screenpop.store.backup.errors import BackupError
from screenpop.store.backup.sealing import (
    HEAD_BYTES,
    MIN_PASSPHRASE,
    SealedReader,
    SealingWriter,
    is_sealed,
)

_FACTS, _CHECKSUMS = "backup.json", "checksums.json"
_LARGEST_TEXT = 64 * 1024 * 1024
"""Largest ``backup.json`` or ``checksums.json`` that is read; 100 bytes for each attached file."""
_KINDS: dict[object, Literal["sqlite", "postgresql"]] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
}
_COPY_BYTES = 1024 * 1024

DATABASE, SETTINGS = "database", "screenpop.toml"
_NAMES = re.compile(
    r"database|screenpop\.toml|token|document\.key|attachments/[0-9a-f]{32}", re.ASCII
)


@dataclass(frozen=True, slots=True)
class BackupFacts:
    kind: Literal["sqlite", "postgresql"]
    schema: str
    """The revision of the database."""
    version: str
    """The version of Screenpop that made it."""
    made_at: float
    lacks_key: bool = False
    """Whether the key of the numbers of documents was left out."""


def write_archive(
    out: BinaryIO, facts: BackupFacts, files: Iterable[tuple[str, Path]], passphrase: str = ""
) -> int:
    """Write a backup and return the number of files in it.

    ``files``: names as in ``_NAMES`` with their paths; one that is gone by now is left out.
    Raises ``OSError`` and ``BackupError``.
    """
    if passphrase and len(passphrase) < MIN_PASSPHRASE:
        raise BackupError(
            f"The passphrase has fewer than {MIN_PASSPHRASE} characters; choose a longer one."
        )
    checksums: dict[str, str] = {}
    with ExitStack() as closing:
        sink: BinaryIO = out
        if passphrase:
            writer = closing.enter_context(SealingWriter(out, passphrase))
            sink = cast("BinaryIO", writer)
        packed = closing.enter_context(gzip.GzipFile("", "wb", 1, sink, mtime=0))
        tar = closing.enter_context(tarfile.open(fileobj=packed, mode="w|"))
        _add_text(tar, _FACTS, asdict(facts))
        for name, path in files:
            if not _NAMES.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a file in a backup")
            try:
                source = path.open("rb")
            except FileNotFoundError:
                continue
            with source:
                checksums[name] = _add_file(tar, name, source)
        _add_text(tar, _CHECKSUMS, checksums)
    return len(checksums)


def _add_text(tar: tarfile.TarFile, name: str, value: Mapping[str, object]) -> None:
    text = json.dumps(value).encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text), 0o600
    tar.addfile(entry, io.BytesIO(text))


class _Hashed:
    """Passes a file through a hash."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.digest = source, hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        return piece


def _add_file(tar: tarfile.TarFile, name: str, source: BinaryIO) -> str:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = source.seek(0, io.SEEK_END), 0o600
    source.seek(0)
    hashed = _Hashed(source)
    tar.addfile(entry, cast("IO[bytes]", hashed))
    return hashed.digest.hexdigest()


def read_archive(
    source: BinaryIO,
    passphrase: str = "",
    into: Path | None = None,
    only: frozenset[str] | None = None,
) -> BackupFacts:
    """Return what a backup is, after every byte of it was checked.

    ``into``: an empty folder for its files (``only``: those alone); None: they are only checked.
    Its content is to be used after this function has returned. Raises ``BackupError``
    with one sentence for a wrong passphrase, a damaged, cut or foreign file, and ``OSError``.
    """
    start = source.read(HEAD_BYTES)
    source.seek(0)
    try:
        with ExitStack() as closing:
            plain: BinaryIO = source
            if is_sealed(start):
                if not passphrase:
                    raise BackupError(
                        "The backup is encrypted; give its passphrase with --passphrase-file FILE."
                    )
                plain = cast("BinaryIO", io.BufferedReader(SealedReader(source, passphrase)))
            packed = closing.enter_context(gzip.GzipFile("", "rb", fileobj=plain))
            facts = _read_members(closing.enter_context(_open_tar(packed)), into, only)
            while packed.read(_COPY_BYTES):  # what follows the tar is checked too
                pass
            return facts
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise BackupError(
            f"This is no whole backup of Screenpop ({problem}); nothing was changed. Use another"
            " file."
        ) from None


def _open_tar(packed: gzip.GzipFile) -> tarfile.TarFile:
    return tarfile.open(fileobj=packed, mode="r|")


def _read_members(
    tar: tarfile.TarFile, into: Path | None, only: frozenset[str] | None
) -> BackupFacts:
    facts: BackupFacts | None = None
    found: dict[str, str] = {}
    for entry in tar:
        content = tar.extractfile(entry) if entry.isreg() else None
        if content is None:
            raise BackupError(f"The backup holds {entry.name!r}, which is no file; it is refused.")
        if facts is None:
            facts = _facts(entry, content)
        elif entry.name == _CHECKSUMS:
            if _json(entry, content) != found:
                raise BackupError("A file in the backup is not as it was saved. Use another one.")
            return facts
        elif not _NAMES.fullmatch(entry.name) or entry.name in found:
            raise BackupError(f"The backup holds {entry.name!r}, an unknown file; it is refused.")
        else:
            is_wanted = into is not None and (only is None or entry.name in only)
            found[entry.name] = _take(content, into / entry.name if into and is_wanted else None)
    raise BackupError("The backup was cut off; nothing was changed. Use another one.")


def _facts(entry: tarfile.TarInfo, content: IO[bytes]) -> BackupFacts:
    value: Any = _json(entry, content) if entry.name == _FACTS else None
    try:
        return BackupFacts(
            _KINDS[value["kind"]],
            str(value["schema"]),
            str(value["version"]),
            float(value["made_at"]),
            lacks_key=bool(value["lacks_key"]),
        )
    except (KeyError, TypeError, ValueError):
        raise BackupError("This is no backup of Screenpop. Name another file.") from None


def _json(entry: tarfile.TarInfo, content: IO[bytes]) -> object:
    if entry.size > _LARGEST_TEXT:
        raise BackupError(f"{entry.name} in the backup is too large; it is refused.")
    try:
        value: object = json.loads(content.read())
    except (ValueError, RecursionError):
        raise BackupError(f"{entry.name} in the backup is not readable; it is refused.") from None
    return value


def _take(content: IO[bytes], path: Path | None) -> str:
    """Return the SHA-256 of a file, and write it where it is wanted (0600)."""
    digest = hashlib.sha256()
    with ExitStack() as closing:
        out = None
        if path is not None:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.touch(mode=0o600, exist_ok=False)
            out = closing.enter_context(path.open("wb"))
        while piece := content.read(_COPY_BYTES):
            digest.update(piece)
            if out is not None:
                out.write(piece)
    return digest.hexdigest()
