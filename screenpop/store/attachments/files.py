"""The encrypted files: written and read in pieces, never whole in memory.

Format: 4 bytes ``SPA1``, then pieces of at most ``PIECE_BYTES``, each sealed with AES-256-GCM
under a key of this file alone. The nonce is the number of the piece and whether it is the last one,
so that a cut, swapped or repeated piece does not open.
"""

import asyncio
import contextlib
import errno
import logging
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screenpop.customers.attachments import HEAD_BYTES, TAIL_BYTES, AttachmentProblem
from screenpop.store.engine.document_key import DocumentKey

log = logging.getLogger(__name__)

NEW = ".new"
"""The ending of a file whose row is not committed yet."""
MAGIC = b"SPA1"
PIECE_BYTES = 256 * 1024
TAG_BYTES = 16
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class AttachmentRefusedError(Exception):
    """A file is not kept; ``problem`` has the reason."""

    def __init__(self, problem: AttachmentProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class AttachmentUnreadableError(Exception):
    """A kept file cannot be opened: it is missing, damaged or encrypted with another key."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    file: str
    """The name in the folder."""
    size: int
    head: bytes
    tail: bytes


async def write_new_file(
    folder: Path, key: DocumentKey, pieces: AsyncIterator[bytes], largest: int
) -> WrittenFile:
    """Write an encrypted file with the ending ``NEW``; nothing stays of it after an error.

    Raises ``AttachmentRefusedError``: too large at the first byte over ``largest``, disk full,
    folder unusable.
    """
    file = secrets.token_hex(16)
    path = folder / (file + NEW)
    try:
        with _refusals():
            handle = await asyncio.to_thread(_create, folder, path)
        with handle:
            return await _write(handle, file, key, pieces, largest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _write(
    out: BinaryIO, file: str, key: DocumentKey, pieces: AsyncIterator[bytes], largest: int
) -> WrittenFile:
    seal, number, size, waiting = AESGCM(key.file_key(file)), 0, 0, bytearray()
    head, tail = b"", b""
    async for piece in pieces:
        size += len(piece)
        if size > largest:
            raise AttachmentRefusedError(AttachmentProblem.TOO_LARGE)
        head = (head + piece[:HEAD_BYTES])[:HEAD_BYTES]
        tail = (tail + piece)[-TAIL_BYTES:]
        waiting += piece
        while len(waiting) > PIECE_BYTES:
            plain = bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
            with _refusals():
                await asyncio.to_thread(
                    write_whole, out, seal.encrypt(nonce_of(number), plain, None)
                )
            number += 1
    with _refusals():
        last = seal.encrypt(nonce_of(number, is_last=True), bytes(waiting), None)
        await asyncio.to_thread(write_whole, out, last, is_last=True)
    return WrittenFile(file, size, head, tail)


@contextlib.contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            log.error("A file of a customer could not be kept: the disk is full")  # noqa: TRY400
            raise AttachmentRefusedError(AttachmentProblem.DISK_FULL) from error
        log.error("A file of a customer could not be kept: %s", error)  # noqa: TRY400
        raise AttachmentRefusedError(AttachmentProblem.FOLDER) from error


def _create(folder: Path, path: Path) -> BinaryIO:
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )
    out = os.fdopen(handle, "wb", buffering=0)
    try:
        write_whole(out, MAGIC)
    except BaseException:
        out.close()
        raise
    return out


def write_whole(out: BinaryIO, data: bytes, *, is_last: bool = False) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(out.fileno(), left) :]
    if is_last:
        os.fsync(out.fileno())


def nonce_of(number: int, *, is_last: bool = False) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


async def read_file(folder: Path, key: DocumentKey, file: str) -> AsyncIterator[bytes]:
    """Return the decrypted pieces of a file; its first one is opened before this returns.

    Raises ``AttachmentUnreadableError``, also while the pieces are read.
    """
    pieces = _pieces(folder, key, file)
    first = await anext(pieces)
    return _chained(first, pieces)


async def _chained(first: bytes, others: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    async with contextlib.aclosing(others):
        yield first
        async for piece in others:
            yield piece


async def _pieces(folder: Path, key: DocumentKey, file: str) -> AsyncGenerator[bytes]:
    seal, number = AESGCM(key.file_key(file)), 0
    try:
        with await asyncio.to_thread(_open, folder, file) as source:
            sealed = await asyncio.to_thread(source.read, PIECE_BYTES + TAG_BYTES)
            is_last = False
            while not is_last:
                after = await asyncio.to_thread(source.read, PIECE_BYTES + TAG_BYTES)
                is_last = not after
                yield seal.decrypt(nonce_of(number, is_last=is_last), sealed, None)
                number, sealed = number + 1, after
    except (OSError, InvalidTag, ValueError) as error:
        log.error("The file %s of a customer cannot be read", folder / file)  # noqa: TRY400
        raise AttachmentUnreadableError(file) from error


def _open(folder: Path, file: str) -> BinaryIO:
    path = folder / file
    # After a crash between the commit of the row and the renaming, until the next start.
    source = path.open("rb") if path.exists() else (folder / (file + NEW)).open("rb")
    if source.read(len(MAGIC)) != MAGIC:
        source.close()
        raise ValueError("not a file of ours")
    return source


def publish_file(folder: Path, file: str) -> None:
    """Give a file its name, after its row was committed."""
    (folder / (file + NEW)).replace(folder / file)
    sync_folder(folder)


def delete_files(folder: Path, files: Sequence[str]) -> list[str]:
    """Delete files under both of their names; return those that are gone now."""
    gone = []
    for file in files:
        try:
            for path in (folder / file, folder / (file + NEW)):
                path.unlink(missing_ok=True)
            gone.append(file)
        except OSError as error:
            log.error("A file of a customer could not be deleted: %s", error)  # noqa: TRY400
    if gone:
        sync_folder(folder)
    return gone


def sync_folder(folder: Path) -> None:
    """Let changes of names survive a power cut."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
