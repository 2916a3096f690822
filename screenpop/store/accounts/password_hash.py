"""Password hashing: argon2id, off the loop, two at a time (each takes 64 MB and a core)."""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_LENGTH = 256
"""Characters: a longer text is not a real password but an attempt to cause load."""

_hasher = PasswordHasher()  # argon2id with the second recommended parameters of RFC 9106
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


@cache
def _dummy_hash() -> str:
    # Verified when there is no such user, so that the answer takes as long.
    return _hasher.hash(secrets.token_bytes(16))


class PasswordRefusedError(ValueError):
    """The password cannot be used; ``code`` is ``empty`` or ``too_long``."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


async def hash_password(password: str) -> str:
    """Return the argon2id hash to store. Raises ``PasswordRefusedError``."""
    if not password.strip():
        raise PasswordRefusedError("empty", "The password is empty. Choose one.")
    if len(password) > MAX_LENGTH:
        raise PasswordRefusedError(
            "too_long",
            f"The password is longer than {MAX_LENGTH} characters. Choose a shorter one.",
        )
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _hasher.hash, _as_typed(password))


async def check_password(stored: str | None, password: str) -> bool:
    """Return whether the password matches the hash; takes as long when there is no hash."""
    if len(password) > MAX_LENGTH:
        return False
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(_threads, _matches, stored, _as_typed(password))
    return right and stored is not None


def needs_rehash(stored: str) -> bool:
    """Return whether the hash was made with weaker parameters than the current ones."""
    return _hasher.check_needs_rehash(stored)


def _matches(stored: str | None, password: bytes) -> bool:
    spare = (
        _dummy_hash()
    )  # made here in any case, so that the first unknown user takes no longer than others
    try:
        return _hasher.verify(stored or spare, password)
    except (VerificationError, InvalidHashError):
        return False


def _as_typed(password: str) -> bytes:
    # RFC 8265, OpaqueString: the same password from another keyboard is the same bytes.
    spaces = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", spaces).encode("utf-8", "surrogatepass")
