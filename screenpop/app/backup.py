"""Saves a running server's data into one file, and brings it back.

A backup holds the database, the settings file, the token, the key of the numbers of documents and
the attached files. Files that the settings name elsewhere (secrets, certificates) are not in it.
"""

import asyncio
import errno
import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from screenpop.app.task_times import record_backup
from screenpop.settings import Settings
from screenpop.simulator.api_client import TOKEN_FILE, URL_FILE
from screenpop.store.backup.archive import (
    DATABASE,
    SETTINGS,
    BackupFacts,
    read_archive,
    write_archive,
)
from screenpop.store.backup.database_copy import (
    check_dump,
    check_sqlite,
    copy_database,
    database_revision,
    erasures_since,
    replace_postgresql,
    replace_sqlite,
)
from screenpop.store.backup.errors import BackupError
from screenpop.store.document_key_exchange import ExchangeReport, Reached, exchange_document_key
from screenpop.store.engine.database import ATTACHMENTS, KEY_FILE, migrate, opened
from screenpop.store.engine.document_key import next_key_file
from screenpop.store.engine.migrate import is_known_revision, newest_revision
from screenpop.store.engine.url import DatabaseUrl, parse_database_url

_FILE_NAME = re.compile(r"(screenpop|before-schema)-[0-9a-z-]{1,40}\.backup")
_ATTACHED = re.compile(r"[0-9a-f]{32}")
_STAMP = "%Y%m%d-%H%M%S"
KEPT_BEFORE_MIGRATIONS = 3
"""Backups that ``migrate`` made and that are kept."""
_CONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class SavedBackup:
    file: Path
    size: int
    """In bytes."""
    files: int
    facts: BackupFacts
    removed: tuple[Path, ...] = ()
    """Older backups that ``keep`` removed."""


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    facts: BackupFacts
    schema: str
    """The revision now: that of this program."""
    aside: Path | None
    """The folder with what was there before; None if there was nothing."""
    erased_since: int
    """Customers erased after the backup was made, who are back now."""


def save_backup(
    settings: Settings,
    target: Path,
    *,
    settings_file: Path | None = None,
    passphrase: str = "",
    with_key: bool = True,
    keep: int = 0,
) -> SavedBackup:
    """Write a backup, read it again to the last byte, and return what it is.

    ``target``: a new file, or a folder, in which it is named by its time (UTC); there ``keep``, if
    not 0, is the number of such backups that stay. The server may run. Blocks. Raises
    ``BackupError``, ``DatabaseProblemError`` and ``OSError``; an unfinished file is removed.
    """
    folder = None
    if target.is_dir():
        folder, stamp = target, datetime.now(UTC).strftime(_STAMP)
        target = folder / f"screenpop-{stamp}.backup"
    _refuse_half_exchanged(settings)
    if target.exists():
        raise BackupError(f"{target} exists already; name another file, or a folder.")
    saved = _write(settings, target, settings_file, passphrase, with_key=with_key)
    with suppress(OSError):  # only a figure for monitoring
        record_backup(settings.data_dir)
    removed = _remove_old(folder, "screenpop-", keep) if folder is not None and keep else ()
    return SavedBackup(target, target.stat().st_size, saved[0], saved[1], removed)


def save_before_migration(settings: Settings) -> Path | None:
    """Save the data before ``migrate`` changes the schema; None if it will change nothing.

    The file lies in ``backups`` of the data folder. Raises as ``save_backup``.
    """
    revision = database_revision(settings.database_address)
    if revision is None or revision == newest_revision():
        return None
    folder = settings.data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = datetime.now(UTC).strftime(_STAMP)
    target = folder / f"before-schema-{newest_revision()}-{stamp}.backup"
    _write(settings, target, None, "", with_key=True)
    _remove_old(folder, "before-schema-", KEPT_BEFORE_MIGRATIONS)
    return target


def check_backup(file: Path, passphrase: str = "") -> BackupFacts:
    """Return what a backup is, after every byte of it was read. Raises ``BackupError``."""
    with file.open("rb") as source:
        return read_archive(source, passphrase)


def take_settings(file: Path, to: Path, passphrase: str = "") -> bool:
    """Write the settings of a backup into a new file (0600); return whether it has any.

    Raises ``BackupError`` and ``OSError``.
    """
    with _work_folder(to.absolute().parent) as work:
        with file.open("rb") as source:
            read_archive(source, passphrase, work, only=frozenset({SETTINGS}))
        if not (work / SETTINGS).exists():
            return False
        (work / SETTINGS).rename(to)
        return True


def restore_backup(
    settings: Settings, file: Path, *, passphrase: str = "", replace: bool = False
) -> RestoredBackup:
    """Bring back the data of a backup and migrate it to this program's schema.

    All of the backup is checked first. ``replace``: allow it where there is data already, which
    goes into a folder of its own in the data folder. Blocks. Raises ``BackupError``,
    ``DatabaseProblemError`` and ``OSError``; what was there before stays or is put back.
    """
    address = parse_database_url(settings.database_address)
    home = _home(settings, address)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_running_server(settings.data_dir)
    with _work_folder(home) as work:
        with file.open("rb") as source:
            facts = read_archive(source, passphrase, work)
        _check_content(facts, work, address, settings.database_address)
        aside, erased = None, 0
        if _has_data(address, settings.database_address, home):
            if not replace:
                raise BackupError(
                    f"There is data in {home} already. To replace it, add --replace: what is there"
                    " now is kept in a folder beside it."
                )
            erased = erasures_since(settings.database_address, facts.made_at)
            stamp = datetime.now(UTC).strftime(_STAMP)
            aside = home / f"before-restore-{stamp}"
            aside.mkdir(mode=0o700)
        _exchange(address, settings, work, home, aside)
    schema = migrate(settings.database_address)
    return RestoredBackup(facts, schema, aside, erased)


def _write(
    settings: Settings,
    target: Path,
    settings_file: Path | None,
    passphrase: str,
    *,
    with_key: bool,
) -> tuple[int, BackupFacts]:
    address = parse_database_url(settings.database_address)
    home = _home(settings, address)
    with _work_folder(target.absolute().parent) as work:
        copy, partial = work / DATABASE, work / "partial"
        schema = copy_database(settings.database_address, copy)
        lacks_key = not with_key and (home / KEY_FILE).exists()
        made_at = time.time()
        facts = BackupFacts(
            address.kind, schema, version("screenpop"), made_at, lacks_key=lacks_key
        )
        # The database is first: what is attached while the rest is written has no row in it.
        files = [(DATABASE, copy), (TOKEN_FILE, settings.data_dir / TOKEN_FILE)]
        files += [(SETTINGS, settings_file)] if settings_file is not None else []
        files += [(KEY_FILE, home / KEY_FILE)] if with_key else []
        files += _attached(home / ATTACHMENTS)
        with open(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
            count = write_archive(out, facts, files, passphrase)
            out.flush()
            os.fsync(out.fileno())
            copy.unlink()
            out.seek(0)
            read_archive(out, passphrase)
        partial.rename(target)
    return count, facts


def _attached(folder: Path) -> list[tuple[str, Path]]:
    if not folder.is_dir():
        return []
    return [
        (f"{ATTACHMENTS}/{path.name}", path)
        for path in sorted(folder.iterdir())
        if _ATTACHED.fullmatch(path.name)
    ]


def _remove_old(folder: Path, start: str, keep: int) -> tuple[Path, ...]:
    """Remove all but the newest ``keep`` backups with this start of the name; return those.

    Those named by a time to come are neither counted nor removed: a clock that was ahead made them,
    or one that is behind now would remove the newest.
    """
    stamp = datetime.now(UTC).strftime(_STAMP)
    # Their names end in their time, so that the newest is the last.
    found = sorted(
        (path for path in folder.glob(f"{start}*.backup") if _FILE_NAME.fullmatch(path.name)),
        key=_time_in_name,
    )
    old = [path for path in found if _time_in_name(path) <= stamp][:-keep]
    for path in old:
        path.unlink()
    return tuple(old)


def _time_in_name(path: Path) -> str:
    return path.name.removesuffix(".backup")[-len("20000101-000000") :]


def _home(settings: Settings, address: DatabaseUrl) -> Path:
    """Return the folder of the key and of the attached files."""
    return settings.data_dir.absolute() if address.path is None else address.path.parent


def _refuse_half_exchanged(settings: Settings) -> None:
    home = _home(settings, parse_database_url(settings.database_address))
    if next_key_file(home / KEY_FILE).exists():
        raise BackupError(
            "document.key is half exchanged, and a backup would hold only one of both keys. Finish"
            " it first: screenpop rotate-key."
        )


@contextmanager
def _work_folder(beside: Path) -> Iterator[Path]:
    """Yield a new folder on the disk of ``beside``, for this user only; remove it at the end."""
    folder = beside / f".screenpop-backup-{secrets.token_hex(6)}"
    try:
        folder.mkdir(mode=0o700)
        yield folder
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise BackupError(
                f"The disk of {beside} is full; nothing was changed. It needs room for the database"
                " twice: free some, or name a folder on another disk."
            ) from problem
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rotate_document_key(settings: Settings, reached: Reached) -> ExchangeReport | None:
    """Exchange the key of the documents on a stopped server; None where nothing is sealed yet.

    Blocks. Raises ``BackupError``, ``DatabaseProblemError``, ``DocumentKeyError``, ``OSError``.
    """
    _refuse_running_server(settings.data_dir)

    async def exchange() -> ExchangeReport | None:
        async with opened(settings.database_address, settings.data_dir) as database:
            return await exchange_document_key(database, reached)

    return asyncio.run(exchange())


def _refuse_running_server(data_dir: Path) -> None:
    try:
        parts = urlsplit((data_dir / URL_FILE).read_text(encoding="ascii").strip())
        with socket.create_connection((parts.hostname or "", parts.port or 0), _CONNECT_S):
            pass
    except (OSError, ValueError):
        return  # no file, or one that a killed server left
    raise BackupError(
        f"Screenpop runs with the data folder {data_dir}. Stop it (systemctl stop screenpop), then"
        " try again."
    )


def _check_content(facts: BackupFacts, work: Path, address: DatabaseUrl, url: str) -> None:
    if facts.kind != address.kind:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise BackupError(
            f"The backup is of {names[facts.kind]}, and database_url names"
            f" {names[address.kind]}. Set database_url to a database of the backup's kind."
        )
    if not is_known_revision(facts.schema):
        raise BackupError(
            f"The backup was made by Screenpop {facts.version} (schema {facts.schema}), which is"
            f" newer than this one (schema {newest_revision()}). Install that version first."
        )
    if not (work / DATABASE).exists():
        raise BackupError("There is no database in the backup. Use another one.")
    if address.path is None:
        check_dump(work / DATABASE, url)
    elif check_sqlite(work / DATABASE) != facts.schema:
        raise BackupError("The database in the backup is not the one it names. Use another one.")


def _has_data(address: DatabaseUrl, url: str, home: Path) -> bool:
    if (home / KEY_FILE).exists() or (home / ATTACHMENTS).exists():
        return True
    return database_revision(url) is not None if address.path is None else address.path.exists()


def _exchange(
    address: DatabaseUrl, settings: Settings, work: Path, home: Path, aside: Path | None
) -> None:
    """Move the files, then the database; each move is taken back if a later one fails."""
    url, folders = settings.database_address, {TOKEN_FILE: settings.data_dir}
    with ExitStack() as undo:
        for name in (KEY_FILE, TOKEN_FILE, ATTACHMENTS):
            place, is_new = folders.get(name, home) / name, (work / name).exists()
            # Attached files belong to the database's rows; a key or token that is not new stays.
            if aside is not None and place.exists() and (is_new or name == ATTACHMENTS):
                _move(place, aside / name, undo)
            if is_new:
                _move(work / name, place, undo)
        if address.path is not None:
            old = None if aside is None else aside / address.path.name
            replace_sqlite(work / DATABASE, address.path, old)
        else:
            _exchange_postgresql(url, work / DATABASE, aside)
        undo.pop_all()


def _exchange_postgresql(url: str, dump: Path, aside: Path | None) -> None:
    before = None
    if aside is not None and database_revision(url) is not None:
        before = aside / "database.dump"
        copy_database(url, before)
    try:
        replace_postgresql(url, dump)
    except BackupError:
        if before is not None:
            replace_postgresql(url, before)
        raise


def _move(source: Path, target: Path, undo: ExitStack) -> None:
    shutil.move(source, target)
    undo.callback(shutil.move, target, source)
