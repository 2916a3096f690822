"""The data folder: its file permissions, and the token and address files for the command line."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from screenpop.accounts.api_token import is_usable_api_token
from screenpop.app.secret_files import write_secret_file
from screenpop.simulator.api_client import TOKEN_FILE, URL_FILE

_log = structlog.get_logger()

_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
_SUBFOLDERS = ("imports", "attachments")
"""Subfolders of the data folder that are closed with all their contents."""


class DataDirError(Exception):
    """The data folder cannot be used; the message has the remedy."""


def prepare_data_dir(folder: Path) -> None:
    """Create the data folder, or remove other users' rights on an existing one (0700, files 0600).

    Raises ``DataDirError``.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise DataDirError(
            f"data_dir is {str(folder)!r}: it cannot be made ({problem.strerror}). Name a folder"
            " that this user can write."
        ) from None
    _close_to_others(folder)


def _close_to_others(folder: Path) -> None:
    """Remove all rights of other users; log it once if they had any."""
    mode = folder.stat().st_mode
    if mode & stat.S_ISVTX or folder.resolve() == Path("/"):
        raise DataDirError(
            f"data_dir is {str(folder)!r}, which is a folder for other things too. Give Screenpop"
            " a folder of its own, which only its user can read."
        )
    closed, still_open = [], []
    for path in (folder, *_own_files(folder)):
        status = path.lstat()
        if not status.st_mode & _FOR_OTHERS:
            continue
        try:
            path.chmod(stat.S_IMODE(status.st_mode) & ~_FOR_OTHERS)
            closed.append(path)
        except OSError:
            still_open.append(path)
    if closed:
        _log.warning(
            "Other users of this machine could read the data folder or files in it. They are closed"
            " now (0700, files 0600)",
            folder=str(folder),
            closed=len(closed),
        )
    if still_open:
        _log.warning(
            "Other users of this machine can read the data folder or files in it, and this user"
            " may not close them. Run as their owner: chmod -R go-rwx",
            folder=str(folder),
            open=", ".join(str(path) for path in still_open[:5]),
        )


def _own_files(folder: Path) -> Iterator[Path]:
    """Return the data files in the folder: no links, programs or other folders."""
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and not mode & _EXECUTABLE:
            yield path
    for name in _SUBFOLDERS:
        own = folder / name
        if own.is_dir() and not own.is_symlink():
            yield own
            yield from (path for path in own.rglob("*") if not path.is_symlink())


def read_or_create_token(folder: Path) -> str:
    """Return the API token of the folder; a missing, empty or truncated one is replaced.

    Raises ``DataDirError`` when it cannot be read or written.
    """
    with _locked(folder):
        return _read_or_create(folder / TOKEN_FILE)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep out other processes that start at the same time: two would make two tokens."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read_or_create(path: Path) -> str:
    token = _read_token(path)
    if token is not None and is_usable_api_token(token):
        return token
    if token is not None:
        _log.warning(
            "The token file was empty or cut off, as after a full disk or a power cut. A new token"
            " is made; give it to the programs that used the old one",
            file=str(path),
        )
    token = secrets.token_urlsafe(32)
    _write(path, token + "\n")
    return token


def _read_token(path: Path) -> str | None:
    """Return the token file's text; empty if it is not text, None if there is no file."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return ""
    except OSError as problem:
        raise DataDirError(
            f"{path} cannot be read ({problem.strerror}). Give the file to the user that runs the"
            " server, or remove it: the server makes a new one."
        ) from None


def _write(path: Path, text: str) -> None:
    try:
        write_secret_file(path, text.encode())
    except OSError as problem:
        raise DataDirError(
            f"{path} cannot be written ({problem.strerror}). Free some space on the disk and check"
            f" that this user may write the folder, then start again."
        ) from None


@contextmanager
def publish_address(folder: Path, url: str) -> Iterator[None]:
    """Keep a file with the server's address in the folder while the block runs."""
    path = folder / URL_FILE
    _write(path, url + "\n")
    try:
        yield
    finally:
        # Another process of the same folder may have written its own since.
        with suppress(OSError):
            if path.read_text(encoding="utf-8").strip() == url:
                path.unlink()
