"""How much free disk an upgrade of the schema needs; checked before it begins."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from screenpop.settings import Settings
from screenpop.store.backup.database_copy import database_bytes
from screenpop.store.engine.database import ATTACHMENTS
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.url import parse_database_url

GROWTH = 1.5
"""The most that an upgrade adds, in sizes of the database (``python -m benchmarks.upgrade``)."""
NEW_TABLES = 10_000_000
"""Bytes of new tables, however small the database is."""
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class UpgradeSpace:
    database: int
    """Its size in bytes, as are all figures."""
    growth: int
    """What the upgrade needs beside the database, where the database lies."""
    needed: tuple[tuple[Path, int, int], ...]
    """Folder, need and free space, of each disk of this machine that is written to."""


def upgrade_space(settings: Settings, *, with_backup: bool) -> UpgradeSpace:
    """Return what an upgrade needs. The disk of a PostgreSQL server cannot be seen from here."""
    address = parse_database_url(settings.database_address)
    size = database_bytes(settings.database_address)
    growth = int(size * GROWTH) + NEW_TABLES
    home = None if address.path is None else address.path.parent
    data = settings.data_dir.absolute()
    upgrade = growth if home is not None else 0
    needs: dict[int, tuple[Path, int]] = {}
    if with_backup:
        # The copy beside the archive is removed before the upgrade begins.
        archive = size + _attached_bytes((home or data) / ATTACHMENTS)
        same_disk = home is not None and os.stat(home).st_dev == os.stat(data).st_dev
        after = upgrade if same_disk else 0
        needs[os.stat(data).st_dev] = (data, archive + max(size, after))
    if home is not None:
        needs.setdefault(os.stat(home).st_dev, (home, upgrade))
    return UpgradeSpace(
        size,
        growth,
        tuple((folder, need, shutil.disk_usage(folder).free) for folder, need in needs.values()),
    )


def refuse_too_little(space: UpgradeSpace) -> None:
    """Raise ``DatabaseProblemError`` where less is free than the upgrade needs."""
    for folder, need, free in space.needed:
        if free < need:
            raise DatabaseProblemError(
                "disk_full",
                f"The upgrade needs {megabytes(need)} of free disk in {folder}, and"
                f" {megabytes(free)} are free; nothing was changed. Free some space. Or save the"
                " data on another disk (screenpop backup FOLDER), then run: screenpop migrate"
                " --no-backup",
            )


def megabytes(size: int) -> str:
    """Return a size in whole megabytes, rounded up."""
    return f"{-(-size // _MEGABYTE):,} MB"


def _attached_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0
