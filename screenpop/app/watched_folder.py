"""Imports the sheets of a watched folder again whenever they change."""

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from screenpop.app.import_jobs.files import new_folder, remove_folder, save_upload
from screenpop.app.import_jobs.service import ImportConfig
from screenpop.common.text import display_text
from screenpop.importing.client import ImportDiedError, ImportProcess
from screenpop.importing.messages import ImportFinished, Progress
from screenpop.importing.remembered_columns import remembered_mappings
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.store.imports.watched_sheets import list_watched_sheets, save_watched_sheet
from screenpop.web.imports.port import FileTooLargeError

_log = structlog.get_logger()

LOOK_EVERY_S = 5.0
"""Seconds between checks; a file that is equal at two checks is not being written."""
KINDS = frozenset((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt", ".vcf"))
_MOST_FILES = 200
_READ_AT_ONCE = 256 * 1024
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class FileState:
    """Size, time and identity of a file: differs when the file has changed."""

    size: int
    changed_ns: int
    file: int


class WatchedFolder:
    """Checks the folder regularly; ``look`` is one check."""

    def __init__(self, bureau: ImportConfig, folder: Path) -> None:
        self._bureau = bureau
        self.folder = folder
        self._seen: dict[Path, FileState] = {}
        self._read: dict[Path, FileState] = {}
        self._reported = ""

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
            except Exception as problem:  # noqa: BLE001 -- the next check finds the rest
                _log.warning("The watched folder could not be read", why=str(problem))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """Import files that changed and are no longer being written; return how many were read."""
        found = await asyncio.to_thread(self._files)
        quiet = [path for path, state in found.items() if self._seen.get(path) == state]
        self._seen = found
        due = [path for path in quiet if self._read.get(path) != found[path]]
        count = 0
        for path in due:
            if await self._refresh(path, found[path]):
                self._read[path] = found[path]
                count += 1
        return count

    def _files(self) -> dict[Path, FileState]:
        try:
            entries = sorted(os.scandir(self.folder), key=lambda entry: entry.name)
        except OSError as problem:
            if str(problem) != self._reported:
                _log.warning("The watched folder cannot be read", why=str(problem))
            self._reported = str(problem)
            return {}
        self._reported = ""
        found: dict[Path, FileState] = {}
        for entry in entries:
            state = _state(Path(entry.path)) if _is_sheet(entry) else None
            if state is not None and len(found) < _MOST_FILES:
                found[Path(entry.path)] = state
        return found

    async def _refresh(self, path: Path, state: FileState) -> bool:
        """Import one file; return False if it changed meanwhile, so that it is checked again."""
        folder = new_folder(self._bureau.folder)
        try:
            return await self._read_copy(path, state, folder / "sheet")
        finally:
            await asyncio.to_thread(remove_folder, folder)

    async def _read_copy(self, path: Path, state: FileState, copy: Path) -> bool:
        try:
            digest = await _copied(path, copy, self._bureau.largest)
        except FileTooLargeError:
            limit = self._bureau.largest // 1024 // 1024
            await self._note(path, None, "too_big", {"limit": limit})
            return True
        except OSError as problem:
            params = {"file": path.name, "reason": problem.strerror or str(problem)}
            await self._note(path, None, "unreadable", params)
            return True
        if await asyncio.to_thread(_state, path) != state:
            return False
        known = {one.path: one for one in await list_watched_sheets(self._bureau.database)}
        if (before := known.get(str(path))) is not None and before.sha256 == digest:
            return True
        ended = await self._ended(path, copy)
        if ended is None or ended.failed or ended.cancelled:
            return False
        await self._note(path, digest, ended.refused, ended.params or {})
        _report_result(path, ended)
        return True

    async def _ended(self, path: Path, copy: Path) -> ImportFinished | None:
        bureau = self._bureau
        choices = await remembered_mappings(bureau.database)
        ask = ImportRequest(
            ImportTask.REFRESH,
            bureau.address,
            str(bureau.lock),
            sheet=ReadRequest(
                str(copy), bureau.import_context(""), only_look=False, remembered=choices
            ),
            filename=display_text(path.name, _LONGEST_NAME),
            watched=str(path),
            fence=bureau.database.fence,
        )
        try:
            return await ImportProcess(ask, _ignore).run()
        except ImportDiedError as problem:
            _log.warning("A watched sheet could not be read", file=path.name, why=str(problem))
            return None

    async def _note(self, path: Path, digest: str | None, code: str, params: object = None) -> None:
        await save_watched_sheet(
            self._bureau.database,
            str(path),
            now=self._bureau.clock(),
            sha256=digest,
            problem={"code": code, "params": params} if code else None,
        )


def _is_sheet(entry: os.DirEntry[str]) -> bool:
    """Return whether it is a sheet; ``~$list.xlsx`` and ``.~lock.list.ods#`` are lock files."""
    hidden = entry.name.startswith(("~", "."))
    return not hidden and Path(entry.name).suffix.lower() in KINDS


def _state(path: Path) -> FileState | None:
    """Return the state of a file; None if it is no regular file. Links are not followed."""
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return FileState(found.st_size, found.st_mtime_ns, found.st_ino)


async def _copied(path: Path, copy: Path, largest: int) -> str:
    """Copy the file and return the digest of the copy."""
    digest = hashlib.sha256()
    handle = await asyncio.to_thread(os.open, path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)

    async def pieces() -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(os.read, handle, _READ_AT_ONCE):
            digest.update(piece)
            yield piece

    try:
        await save_upload(copy, pieces(), largest)
    finally:
        os.close(handle)
    return digest.hexdigest()


def _ignore(_: Progress) -> None:
    pass


def _report_result(path: Path, ended: ImportFinished) -> None:
    if ended.refused:
        _log.warning("A watched sheet is no list of customers", file=path.name, why=ended.refused)
    elif ended.batch:
        new, changed = ended.counts.new, ended.counts.changed
        _log.info("A watched sheet came in", file=path.name, new=new, changed=changed)
