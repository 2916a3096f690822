"""A PostgreSQL of the tests' own: made in a temporary folder, on a socket there, gone at the end.

It listens on no network address. PostgreSQL refuses to run as root, so root hands it to the user
``nobody``.
"""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.tools import POSTGRES, ToolMissingError, library_path

_USER = "nobody"


class NoPostgresError(Exception):
    """There is no PostgreSQL on this machine; the text names the command that mends it."""


def ensure_binaries() -> Path:
    """Return the folder of ``initdb``, ``pg_ctl``, ``pg_dump`` and others, unpacked where they are
    missing. Raises ``NoPostgresError``."""
    try:
        return POSTGRES.ensure()
    except ToolMissingError as missing:
        raise NoPostgresError(str(missing)) from missing


def program_environment(binaries: Path) -> dict[str, str]:
    """With the libraries of an unpacked PostgreSQL."""
    tree = POSTGRES.root.path
    if tree not in binaries.parents:
        return dict(os.environ)
    return {**os.environ, "LD_LIBRARY_PATH": library_path(tree)}


# Waits until its input ends, which it also does when the tests are killed, then clears up.
_WATCH = 'cat > /dev/null; "$1" -D "$2/data" -m immediate -w stop > /dev/null; rm -rf "$2"'


@contextmanager
def throwaway_postgres(connections: int = 60) -> Generator[str]:
    """Start one and give the URL of its database ``postgres``; stop and remove it at the end."""
    binaries = ensure_binaries()
    place = Path(tempfile.mkdtemp(prefix="screenpop-pg-"))
    data, sockets = place / "data", place / "sockets"
    for folder in (data, sockets):
        folder.mkdir(mode=0o700)
    user = _drop_to(place, data, sockets)
    watch = subprocess.Popen(
        ["sh", "-c", _WATCH, "sh", str(binaries / "pg_ctl"), str(place)],
        stdin=subprocess.PIPE,
        user=user,
        cwd="/",
        env=program_environment(binaries),
        start_new_session=True,
    )
    try:
        _start(binaries, data, sockets, user, connections)
        yield f"postgresql://tests@/postgres?host={quote(str(sockets))}"
    finally:
        watch.communicate(timeout=60)


def _start(binaries: Path, data: Path, sockets: Path, user: str | None, connections: int) -> None:
    _run(
        *(binaries / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8"),
        *("--locale=C", "--no-sync"),
        user=user,
    )
    options = (
        f"-k {sockets} -c listen_addresses='' -c max_connections={connections} -c fsync=off"
        " -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
    )
    _run(
        *(binaries / "pg_ctl", "-D", data, "-o", options, "-l", data / "log"),
        *("-w", "-t", "60", "start"),
        user=user,
    )


def _drop_to(*folders: Path) -> str | None:
    if os.geteuid() != 0:
        return None
    owner = pwd.getpwnam(_USER)
    for folder in folders:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return _USER


def _run(*command: str | Path, user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        env=program_environment(Path(command[0]).parent),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}")
