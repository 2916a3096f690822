"""Encryption of a backup with a passphrase: a stream in pieces, never whole in memory.

Format: ``_MAGIC``, 16 bytes of salt, then pieces of ``_PIECE_BYTES`` (the last one shorter), each
sealed with AES-256-GCM. The key is made from the passphrase by scrypt (RFC 7914) with N=2^17, r=8,
p=1, as OWASP's password storage cheat sheet recommends: 128 MiB of memory. The nonce is the number
of the piece and whether it is the last one, so that a cut, swapped or repeated piece does not open.
"""

import io
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from typing_extensions import override

from screenpop.store.backup.errors import BackupError

_MAGIC = b"SPBACKUP1\n"
_SALT_BYTES = 16
_PIECE_BYTES = 1024 * 1024
_TAG_BYTES = 16
_SCRYPT_N = 2**17

MIN_PASSPHRASE = 8
"""Least number of characters of a passphrase."""


def is_sealed(start: bytes) -> bool:
    """Return whether a file that starts so is encrypted. ``start``: at least ``HEAD_BYTES``."""
    return start.startswith(_MAGIC)


HEAD_BYTES = len(_MAGIC)


class SealingWriter(io.RawIOBase):
    """Encrypts what is written to it into ``out``; ``close`` writes the last piece."""

    def __init__(self, out: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(_SALT_BYTES)
        self._out, self._seal = out, AESGCM(_key(passphrase, salt))
        self._waiting, self._number = bytearray(), 0
        out.write(_MAGIC + salt)

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]  # any buffer, as io has it
        self._waiting += piece
        # A full piece waits until more follows: only then is it not the last one.
        while len(self._waiting) > _PIECE_BYTES:
            plain = bytes(self._waiting[:_PIECE_BYTES])
            del self._waiting[:_PIECE_BYTES]
            self._put(plain, is_last=False)
        return len(piece)

    @override
    def close(self) -> None:
        if not self.closed:
            self._put(bytes(self._waiting), is_last=True)
            self._waiting.clear()
        super().close()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        self._out.write(self._seal.encrypt(_nonce(self._number, is_last=is_last), plain, _MAGIC))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Decrypts a file. Raises ``BackupError`` for a wrong passphrase or a damaged file."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        head = source.read(HEAD_BYTES + _SALT_BYTES)
        self._source, self._seal = source, AESGCM(_key(passphrase, head[HEAD_BYTES:]))
        self._number, self._plain, self._is_over = 0, memoryview(b""), False
        self._next = source.read(_PIECE_BYTES + _TAG_BYTES)

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer)  # type: ignore[arg-type]  # any buffer, as io has it
        if not self._plain and not self._is_over:
            self._open_piece()
        taken = min(len(target), len(self._plain))
        target[:taken] = self._plain[:taken]
        self._plain = self._plain[taken:]
        return taken

    def _open_piece(self) -> None:
        sealed, self._next = self._next, self._source.read(_PIECE_BYTES + _TAG_BYTES)
        self._is_over = not self._next
        nonce = _nonce(self._number, is_last=self._is_over)
        try:
            self._plain = memoryview(self._seal.decrypt(nonce, sealed, _MAGIC))
        except InvalidTag:
            raise BackupError(
                "The passphrase does not open this backup; check it, also its small and capital"
                " letters."
                if self._number == 0
                else "The backup is damaged or was cut off; nothing was changed. Use another one."
            ) from None
        self._number += 1


def _key(passphrase: str, salt: bytes) -> bytes:
    if len(salt) != _SALT_BYTES:
        raise BackupError("The backup is cut off at its beginning. Use another one.")
    return Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=8, p=1).derive(passphrase.encode())


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
