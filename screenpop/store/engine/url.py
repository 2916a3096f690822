"""The database URL of the settings: parsing and checks."""

import inspect
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from screenpop.store.engine.errors import DatabaseProblemError

Kind = Literal["sqlite", "postgresql"]

_KINDS: dict[str, Kind] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
}
_DRIVERS: dict[Kind, str] = {"sqlite": "aiosqlite", "postgresql": "asyncpg"}

# File systems on which a lock of one machine may not be visible to another.
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "davfs"})

_EXAMPLES = "sqlite:////var/lib/screenpop/screenpop.db or postgresql://user:password@host/screenpop"


_TLS_WORDS = (
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version"),
)
"""Words of libpq that asyncpg reads in a DSN only
(https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS)."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """One database address; ``path`` is set for SQLite only; ``shown`` hides the password."""

    kind: Kind
    url: URL
    path: Path | None
    tls: Mapping[str, str] = field(default_factory=dict)
    """For PostgreSQL: what the address has of libpq's words for TLS, such as ``sslmode``."""

    @property
    def connect_args(self) -> dict[str, object]:
        """Return the driver's arguments beside those in ``url``."""
        return {"dsn": f"postgresql:///?{urlencode(self.tls)}"} if self.tls else {}

    @property
    def shown(self) -> str:
        return self.url.render_as_string(hide_password=True)


def parse_database_url(text: str) -> DatabaseUrl:
    """Return the parsed database URL; touches no database. Raises ``DatabaseProblemError``."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise DatabaseProblemError(
            "bad_url", f"The database setting is not a database URL. Write {_EXAMPLES}."
        ) from error
    name = url.drivername.partition("+")[0]
    kind = _KINDS.get(name)
    if kind is None:
        raise DatabaseProblemError(
            "bad_url",
            f"Screenpop keeps its records in SQLite or PostgreSQL, not in {name!r}."
            f" Write {_EXAMPLES}.",
        )
    url = url.set(drivername=f"{kind}+{_DRIVERS[kind]}")
    return _sqlite(url) if kind == "sqlite" else _postgresql(url)


def _sqlite(url: URL) -> DatabaseUrl:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise DatabaseProblemError(
            "bad_url",
            "SQLite needs the path of a file here, because several connections share it."
            f" Write {_EXAMPLES}.",
        )
    path = Path(url.database).absolute()
    return DatabaseUrl("sqlite", url.set(database=str(path)), path)


def _postgresql(url: URL) -> DatabaseUrl:
    if not url.database:
        raise DatabaseProblemError(
            "bad_url",
            f"The database URL {url.render_as_string(hide_password=True)} names no database."
            f" Write {_EXAMPLES}.",
        )
    if find_spec("asyncpg") is None:
        raise DatabaseProblemError(
            "no_driver",
            f"PostgreSQL needs the driver asyncpg. Run: {sys.executable} -m pip install asyncpg",
        )
    tls = {word: str(url.query[word]) for word in _TLS_WORDS if word in url.query}
    address = DatabaseUrl("postgresql", url.difference_update_query(tls), None, tls)
    if unknown := sorted(set(address.url.query) - _driver_words()):
        raise DatabaseProblemError(
            "bad_url",
            f"The database URL has the unknown word {unknown[0]!r} after its question mark."
            f" Screenpop takes {', '.join(_TLS_WORDS)}, host, port and the arguments of asyncpg's"
            " connect.",
        )
    return address


def _driver_words() -> set[str]:
    import asyncpg

    return {*inspect.signature(asyncpg.connect).parameters, "prepared_statement_cache_size"}


def check_sqlite_location(path: Path) -> None:
    """Raise when an SQLite file cannot live at this path."""
    folder = path.parent
    if not folder.is_dir():
        raise DatabaseProblemError(
            "no_folder",
            f"The folder {folder} for the database does not exist. Make it, or set another path.",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DatabaseProblemError(
            "not_writable",
            f"The folder {folder} cannot be written by this user. SQLite writes files of its own"
            f" beside {path.name}: give the user the folder, not only the file.",
        )
    if path.is_dir():
        raise DatabaseProblemError(
            "bad_url", f"{path} is a folder. The database needs a file name, such as screenpop.db."
        )
    if path.exists() and not os.access(path, os.W_OK):
        raise DatabaseProblemError(
            "not_writable",
            f"The file {path} cannot be written by this user. Give the user the file.",
        )
    kind = filesystem_type(folder)
    if kind in _NETWORK:
        raise DatabaseProblemError(
            "network_drive",
            f"{folder} is on a network drive ({kind}), where SQLite loses data. Put the file on a"
            " disk of this machine, or use PostgreSQL.",
        )


def filesystem_type(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return the file system type of a folder, or empty where the system does not report it."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    here = folder.resolve()
    best, kind = "", ""
    for line in lines:
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = parts[1].replace("\\040", " ")
        if len(point) >= len(best) and here.is_relative_to(point):
            best, kind = point, parts[2]
    return kind
