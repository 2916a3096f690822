"""Encrypts attached files again under another key of the documents, one whole file at a time."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screenpop.store.attachments.files import (
    MAGIC,
    NEW,
    PIECE_BYTES,
    TAG_BYTES,
    nonce_of,
    sync_folder,
    write_whole,
)
from screenpop.store.engine.document_key import DocumentKey

_HALF = ".resealed"
"""The ending of a file that is being written."""


def names_of_files(folder: Path) -> list[str]:
    """Return the names of all kept files; what a killed exchange left half-written is removed."""
    if not folder.is_dir():
        return []
    for half in folder.glob(f"*{_HALF}"):
        half.unlink()
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def reseal_file(folder: Path, name: str, old: DocumentKey, new: DocumentKey) -> bool:
    """Encrypt a file under the new key; it is whole under one of both at every moment.

    ``name``: with its ending. Returns whether the new key opens it now. Raises ``OSError``.
    """
    path, file = folder / name, name.removesuffix(NEW)
    keys = {key: AESGCM(key.file_key(file)) for key in (old, new)}
    with path.open("rb") as source:
        if source.read(len(MAGIC)) != MAGIC:
            return False
        start = source.tell()
        if _opens_all(source, keys[new]):
            return True
        source.seek(start)
        half = path.with_name(name + _HALF)
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb", buffering=0) as out:
                write_whole(out, MAGIC)
                for number, plain, is_last in _opened(source, keys[old]):
                    sealed = keys[new].encrypt(nonce_of(number, is_last=is_last), plain, None)
                    write_whole(out, sealed, is_last=is_last)
        except InvalidTag:
            half.unlink()
            return False
    half.replace(path)
    sync_folder(folder)
    return True


def _opens_all(source: BinaryIO, seal: AESGCM) -> bool:
    try:
        for _ in _opened(source, seal):
            pass
    except InvalidTag:
        return False
    return True


def _opened(source: BinaryIO, seal: AESGCM) -> Iterator[tuple[int, bytes, bool]]:
    """Yield number, content and whether it is the last of each piece. Raises ``InvalidTag``."""
    sealed, number, is_last = source.read(PIECE_BYTES + TAG_BYTES), 0, False
    while not is_last:
        after = source.read(PIECE_BYTES + TAG_BYTES)
        is_last = not after
        yield number, seal.decrypt(nonce_of(number, is_last=is_last), sealed, None), is_last
        number, sealed = number + 1, after
