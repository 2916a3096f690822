"""The office's key for the numbers of travel documents: a file beside the database.

Numbers are sealed with AES-256-GCM and found through an HMAC-SHA256 of the normalised number. Both
keys derive from the 32 bytes of the file. The database keeps a fingerprint of the key, so that a
missing or exchanged file is noticed and never replaced by a new key.
"""

import base64
import binascii
import contextlib
import hmac
import os
import secrets
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screenpop.customers.documents import normalize_number

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = "1:"


class KeyProblem(StrEnum):
    MISSING = "missing"
    WRONG = "wrong"
    """Another key than the one that sealed the numbers, or no key at all in the file."""
    UNREADABLE = "unreadable"
    """This user may not read or write the file, or no file is configured."""
    EXCHANGE = "exchange"
    """The exchange for a new key was begun and is not finished."""


class DocumentKeyError(Exception):
    """The key cannot be used; the message is one sentence with the remedy."""

    def __init__(self, code: KeyProblem, path: Path | None) -> None:
        super().__init__(_SENTENCES[code].format(path=path or "The key file of the documents"))
        self.code = code


_SENTENCES = {
    KeyProblem.MISSING: "{path} is missing: the numbers of passports and other documents cannot be"
    " read or stored until this file is brought back from the backup; everything else works.",
    KeyProblem.WRONG: "{path} is not the key of this database: the numbers of passports and other"
    " documents cannot be read or stored until the right file is brought back from the backup;"
    " everything else works.",
    KeyProblem.EXCHANGE: "{path} is being exchanged for a new key: the numbers of passports and"
    " other documents cannot be read or stored until `screenpop rotate-key` has finished on"
    " the stopped server; everything else works.",
    KeyProblem.UNREADABLE: "{path} cannot be read: the numbers of passports and other documents"
    " cannot be read or stored until the user that runs Screenpop may read this file; everything"
    " else works.",
}


class DocumentKey:
    """Seals, opens and marks numbers."""

    def __init__(self, secret: bytes) -> None:
        self._seal = AESGCM(_derive(secret, b"seal"))
        self._find = _derive(secret, b"find")
        self._files = _derive(secret, b"files")
        self.fingerprint = _derive(secret, b"fingerprint").hex()[:32]

    def seal(self, number: str) -> str:
        """Return a number encrypted, different each time; empty for no number."""
        if not number:
            return ""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._seal.encrypt(nonce, number.encode(), None)
        return _VERSION + base64.b64encode(sealed).decode()

    def unseal(self, sealed: str) -> str | None:
        """Return the number; None when it was not sealed with this key or is damaged."""
        if not sealed:
            return ""
        try:
            data = base64.b64decode(sealed.removeprefix(_VERSION), validate=True)
            return self._seal.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError, binascii.Error):
            return None

    def mark(self, number: str) -> str:
        """Return what a number is found by; empty for no number."""
        plain = normalize_number(number)
        return hmac.digest(self._find, plain.encode(), "sha256").hex() if plain else ""

    def file_key(self, file: str) -> bytes:
        """Return the key of one attached file; ``file``: its random name."""
        return hmac.digest(self._files, file.encode(), "sha256")


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, b"screenpop documents " + purpose, "sha256")


def read_key_file(path: Path, *, create: bool) -> DocumentKey:
    """Return the key of a file; ``create``: make the file if there is none.

    Raises ``DocumentKeyError``.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        if not create:
            raise DocumentKeyError(KeyProblem.MISSING, path) from None
        text = _create(path)
    except OSError:
        raise DocumentKeyError(KeyProblem.UNREADABLE, path) from None
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != _KEY_BYTES:
        raise DocumentKeyError(KeyProblem.WRONG, path)
    return DocumentKey(secret)


def next_key_file(path: Path) -> Path:
    """Return the file of the new key during an exchange."""
    return path.with_name(f"{path.name}.next")


def finish_exchange(path: Path) -> None:
    """Put the new key in the place of the old one, which is gone then. Raises ``OSError``."""
    next_key_file(path).replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _create(path: Path) -> bytes:
    """Make the file with a new key, whole or not at all; return what the file holds.

    Another process may be first: then its key counts (link(2) never replaces a file).
    """
    text = base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n"
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, text)
            os.fsync(handle)
        finally:
            os.close(handle)
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        return path.read_bytes()
    except OSError:
        raise DocumentKeyError(KeyProblem.UNREADABLE, path) from None
    finally:
        temporary.unlink(missing_ok=True)
