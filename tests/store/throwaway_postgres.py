"""A PostgreSQL of the tests' own: made in a temporary folder, on a socket there, gone at the end.

It listens on no network address unless it is asked to. PostgreSQL refuses to run as root, so root
hands it to the user ``nobody``.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.tools import POSTGRES, ToolMissingError, library_path

_USER = "nobody"
_QUICK = (
    "-c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
    " -c autovacuum=off"
)


@dataclass(frozen=True, slots=True)
class ServerTls:
    port: int
    certificate: bytes
    key: bytes
    login: str = "trust"
    """The method of pg_hba.conf for connections over the port, such as ``scram-sha-256``."""


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
def throwaway_postgres(connections: int = 60, tls: ServerTls | None = None) -> Generator[str]:
    """Start one and give the URL of its database ``postgres``; stop and remove it at the end.

    ``tls``: it listens on a port of the loopback too, with TLS only.
    """
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
        _make(binaries, data, user)
        listens = "-c listen_addresses=''" if tls is None else _listen_with_tls(tls, data, user)
        options = f"-k {sockets} {listens} -c max_connections={connections} {_QUICK}"
        _run(
            *(binaries / "pg_ctl", "-D", data, "-o", options, "-l", data / "log"),
            *("-w", "-t", "60", "start"),
            user=user,
        )
        port = "" if tls is None else f"&port={tls.port}"
        yield f"postgresql://tests@/postgres?host={quote(str(sockets))}{port}"
    finally:
        watch.communicate(timeout=60)


def _make(binaries: Path, data: Path, user: str | None) -> None:
    _run(
        *(binaries / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8"),
        *("--locale=C", "--no-sync"),
        user=user,
    )


def _listen_with_tls(tls: ServerTls, data: Path, user: str | None) -> str:
    """Write certificate, key and who may connect; return the options."""
    hosts = f"local all all trust\nhostssl all all 127.0.0.1/32 {tls.login}\n".encode()
    files = {"server.crt": tls.certificate, "server.key": tls.key, "pg_hba.conf": hosts}
    for name, content in files.items():
        (data / name).write_bytes(content)
        (data / name).chmod(0o600)
        if user is not None:
            shutil.chown(data / name, user)
    return f"-c listen_addresses=127.0.0.1 -c port={tls.port} -c ssl=on"


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
