"""What a server leaves in its data folder for the command line: its token and its address."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screenpop.simulator.remote import TOKEN_FILE, URL_FILE


class FolderError(Exception):
    """The data folder cannot be used. The text says what to do."""


def prepare_folder(folder: Path) -> None:
    """Make the data folder if it is not there, for this user only. Raises ``FolderError``."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise FolderError(
            f"data_dir is {str(folder)!r}: it cannot be made ({problem.strerror}). Name a folder"
            " that this user can write."
        ) from None


def token_in(folder: Path) -> str:
    """The token; whoever can read the folder may ask the server for anything. Made if missing."""
    path = folder / TOKEN_FILE
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    token = secrets.token_urlsafe(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return token


@contextmanager
def address_told_in(folder: Path, url: str) -> Iterator[None]:
    """For as long as the server runs its address stands in the folder."""
    path = folder / URL_FILE
    path.write_text(url + "\n", encoding="ascii")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
