"""Programs the tests need that are no Python packages: found on the machine, else unpacked.

What is missing is unpacked from Debian's packages into a cache, for a normal user and for root
alike: nothing is installed, so no package lock is waited for. ``python -m tests.tools`` does it
before the tests start (``make test-tools``); a test that asks for a tool does it too. Where it is
impossible the tests are skipped by name with the command that helps, and counted at the end; with
``CI=true`` they fail.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pbx_lab.errors import LabMissingError
from pbx_lab.unpacking import is_unpacked, unpack
from pbx_lab.versions import Root

MISSING = "NOT RUN, "
"""Begins the reason of each skip for want of a tool."""

_C_LIBRARY = ("libc6", "libc-bin", "libc-l10n", "locales")
"""A program must not be started by one C library's loader with the library of another version."""
_FAILURE_HOLDS_S = 15 * 60
_SHELL_NAMES = ("chromium-headless-shell", "chrome-headless-shell")
"""Chromium without the windows and bars of a desktop: a page costs it about half."""
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_REDIS_NAMES = ("redis-server", "valkey-server")
REDIS_ASKED = "SCREENPOP_TEST_REDIS"
"""The environment variable that names one of ``REDIS_KINDS`` for the tests that need Redis."""
_POSTGRES_PROGRAMS = ("initdb", "pg_ctl", "postgres", "pg_dump", "pg_restore")
_SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


class ToolMissingError(Exception):
    """The tool is not here and cannot be unpacked; the text has the reason and the remedy."""


@dataclass(frozen=True)
class Tool:
    """A program, where it is looked for, and the packages that have it."""

    name: str
    packages: tuple[str, ...]
    program: str
    find: Callable[[Path | None], Path | None]
    """Look on the machine (None) or in the unpacked tree."""
    started: str = ""
    """Which program in what is found answers ``--version``; empty where it is the program."""
    find_substitute: Callable[[], Path | None] = lambda: None
    """Look on the machine for what serves too, where the tool itself cannot be unpacked."""
    suite: str = ""
    """The release of Debian whose packages are unpacked, with a C library of their own; empty: that
    of this machine."""

    @property
    def root(self) -> Root:
        """The tree in the cache."""
        return Root(
            self.name,
            self.suite or _release().get("VERSION_CODENAME", ""),
            self.packages,
            self.program,
            leave_out=() if self.suite else _C_LIBRARY,
            folder=cache_folder(),
        )

    def ensure(self, *, retry: bool = False) -> Path:
        """Return where it is, unpacked if need be. Raises ``ToolMissingError``.

        ``retry``: also when it could not be unpacked a moment ago.
        """
        found = self.find(None)
        if found is not None:
            return found
        try:
            return self._unpacked(retry=retry)
        except ToolMissingError:
            substitute = self.find_substitute()
            if substitute is None:
                raise
            return substitute

    def _unpacked(self, *, retry: bool) -> Path:
        root = self.root
        failed = root.path.with_name(f"{self.name}.failed")
        if not is_unpacked(root) and not retry and _age_s(failed) < _FAILURE_HOLDS_S:
            raise ToolMissingError(failed.read_text())
        try:
            _require_debian()
            unpack(root)
        except (LabMissingError, OSError, subprocess.SubprocessError) as problem:
            text = f"no {self.name} here: {self.remedy()} (unpacking it failed: {problem})"
            _write(failed, text)
            raise ToolMissingError(text) from problem
        found = self.find(root.path)
        if found is None or not _runs(found / self.started, environment_of(self, found)):
            text = f"no {self.name} here: {self.remedy()} (the one in {root.path} does not start)"
            raise ToolMissingError(text)
        return found

    def remedy(self) -> str:
        """Return the command that installs it."""
        return f"sudo apt-get install {' '.join(self.packages)}"

    def ensure_for_test(self) -> Path:
        """The same for a test: skip it where the tool is missing, or fail it where CI is."""
        try:
            return self.ensure()
        except ToolMissingError as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{MISSING}{self.name}: {missing}", pytrace=False)
            pytest.skip(f"{MISSING}{self.name}: {missing}")


def _runs(program: Path, environment: dict[str, str]) -> bool:
    if program.is_dir():
        return True
    option = {"nginx": "-v", "caddy": "version"}.get(program.name, "--version")
    tried = subprocess.run(
        [program, option], capture_output=True, env=environment, check=False, timeout=60
    )
    return tried.returncode == 0


def environment_of(tool: Tool, program: Path) -> dict[str, str]:
    """Return the environment in which a tool's program finds its libraries."""
    environment = dict(os.environ)
    # With the C library of another release no program of this machine could be started.
    if tool.root.path in program.parents and not tool.suite:
        environment["LD_LIBRARY_PATH"] = library_path(tool.root.path)
    return environment


def asked_redis() -> Tool:
    """Return the server that ``SCREENPOP_TEST_REDIS`` names, else that of this machine."""
    name = os.environ.get(REDIS_ASKED)
    return REDIS_KINDS[name] if name else REDIS


def missing_tool(reason: str) -> str:
    """Return the tool whose want is why a test was skipped or failed; empty for another reason."""
    _, found, rest = reason.partition(MISSING)
    return rest.partition(":")[0] if found else ""


def cache_folder() -> Path:
    """Return where trees are kept: readable for all users where root unpacks them, because
    PostgreSQL does not run as root."""
    named = os.environ.get("SCREENPOP_CACHE")
    if named:
        return Path(named) / "tools"
    if os.geteuid() == 0:
        return Path("/var/cache/screenpop/tools")
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "screenpop" / "tools"


def library_path(tree: Path) -> str:
    """Return the folders of a tree's shared libraries, as ``LD_LIBRARY_PATH`` wants them."""
    # Some packages keep libraries in a folder of their own that they name by its absolute path.
    libraries = (tree / "usr/lib").glob("*-linux-gnu*/**/lib*.so*")
    folders = sorted({library.parent for library in libraries})
    return os.pathsep.join(str(folder) for folder in folders)


def _find_chromium(tree: Path | None) -> Path | None:
    if tree is None:
        named = os.environ.get("CHROMIUM")
        if named:
            return Path(named) if Path(named).is_file() else None
        return _on_path(_SHELL_NAMES)
    program = tree / "usr/lib/chromium/chromium-headless-shell"
    return _with_libraries(program, tree) if program.is_file() else None


def _find_whole_chromium() -> Path | None:
    """A browser with windows, unless another one is named."""
    return None if os.environ.get("CHROMIUM") else _on_path(_CHROMIUM_NAMES)


def _on_path(names: Iterable[str]) -> Path | None:
    path = next((path for name in names if (path := shutil.which(name))), None)
    return Path(path) if path else None


def _with_libraries(program: Path, tree: Path) -> Path:
    """Return a script that starts the unpacked browser with its libraries and fonts."""
    fonts = tree / "etc/fonts/unpacked.conf"
    rules = tree / "usr/share/fontconfig/conf.avail"
    _write(
        fonts,
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"<dir>{tree}/usr/share/fonts</dir>\n<dir>/usr/share/fonts</dir>\n"
        f"<cachedir>{tree}/var/cache/fontconfig</cachedir>\n"
        + "".join(
            f'<include ignore_missing="yes">{rules}/{name}</include>\n'
            for name in ("45-latin.conf", "49-sansserif.conf", "60-latin.conf")
        )
        + "</fontconfig>\n",
    )
    script = tree / "chromium.sh"
    _write(
        script,
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{library_path(tree)}"\nexport FONTCONFIG_FILE="{fonts}"\n'
        f'exec "{program}" "$@"\n',
        mode=0o755,
    )
    return script


def _find_postgres(tree: Path | None) -> Path | None:
    """The folder of the programs, the newest version first."""
    base = _SYSTEM_POSTGRES if tree is None else tree / "usr/lib/postgresql"
    folders = sorted(base.glob("*/bin"), key=lambda f: _number(f.parent.name), reverse=True)
    if tree is None:
        folders += [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    complete = (f for f in folders if all((f / name).exists() for name in _POSTGRES_PROGRAMS))
    return next(complete, None)


def _finder(place: str) -> Callable[[Path | None], Path | None]:
    """Return how a program is found that lies at one place of a tree, and on the path."""

    def find(tree: Path | None) -> Path | None:
        if tree is not None:
            return tree / place
        path = shutil.which(Path(place).name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        return Path(path) if path else None

    return find


def _find_node_libraries(tree: Path | None) -> Path | None:
    """The tree whose libraries Playwright's node needs; any folder when it needs none."""
    from playwright._impl._driver import compute_driver_executable

    environment = dict(os.environ)
    if tree is not None:
        environment["LD_LIBRARY_PATH"] = library_path(tree)
    node, _ = compute_driver_executable()
    tried = subprocess.run([node, "--version"], capture_output=True, env=environment, check=False)
    if tried.returncode:
        return None
    return tree if tree is not None else Path("/")


def _find_faketime(tree: Path | None) -> Path | None:
    base = Path("/") if tree is None else tree
    found = next(base.glob("usr/lib/*/faketime/libfaketimeMT.so.1"), None)
    return None if found is None else found.parent


def _find_redis(tree: Path | None) -> Path | None:
    if tree is None:
        path = f"{os.environ.get('PATH', '')}:/usr/sbin"
        found = next((f for name in _REDIS_NAMES if (f := shutil.which(name, path=path))), None)
        return Path(found) if found else None
    programs = (tree / "usr/bin" / name for name in _REDIS_NAMES)
    return next((program for program in programs if program.is_file()), None)


def _find_foreign_redis(tree: Path | None) -> Path | None:
    """Return a script that starts the server of another release of Debian; none of the machine."""
    program = None if tree is None else _find_redis(tree)
    if tree is None or program is None:
        return None
    loader = next(iter(sorted(tree.glob("usr/lib/*/ld-linux-*.so.*"))), None)
    if loader is None:
        return None
    script = tree / "start.sh"
    start = f'exec "{loader}" --library-path "{library_path(tree)}" "{program}" "$@"'
    _write(script, f"#!/bin/sh\n{start}\n", mode=0o755)
    return script


CHROMIUM = Tool(
    "chromium",
    ("chromium-headless-shell", "fonts-dejavu-core"),
    "usr/lib/chromium/chromium-headless-shell",
    _find_chromium,
    find_substitute=_find_whole_chromium,
)
POSTGRES = Tool("postgresql", ("postgresql",), "usr/lib/postgresql/*/bin/postgres", _find_postgres)
NGINX = Tool("nginx", ("nginx",), "usr/sbin/nginx", _finder("usr/sbin/nginx"))
CADDY = Tool("caddy", ("caddy",), "usr/bin/caddy", _finder("usr/bin/caddy"))
PROMTOOL = Tool("prometheus", ("prometheus",), "usr/bin/promtool", _finder("usr/bin/promtool"))
LOGROTATE = Tool("logrotate", ("logrotate",), "usr/sbin/logrotate", _finder("usr/sbin/logrotate"))
NODE_LIBRARIES = Tool(
    "libatomic1", ("libatomic1", "libstdc++6"), "usr/lib/*/libatomic.so.1*", _find_node_libraries
)
FAKETIME = Tool(
    "faketime", ("libfaketime",), "usr/lib/*/faketime/libfaketimeMT.so.1", _find_faketime
)
"""A library that gives a process another clock; ``ensure`` returns its folder."""
REDIS = Tool("redis", ("redis-server",), "usr/bin/redis-server", _find_redis)
_FOREIGN_REDIS = (
    ("redis-6.0", "redis-server", "bullseye"),
    ("redis-7.0", "redis-server", "bookworm"),
    ("redis-8.0", "redis-server", "trixie"),
    ("valkey-8.1", "valkey-server", "trixie"),
)
REDIS_KINDS = {
    name: Tool(name, (package,), f"usr/bin/{package}", _find_foreign_redis, suite=suite)
    for name, package, suite in _FOREIGN_REDIS
}
"""By name: the servers that releases of Debian have, each started with its own C library."""
TOOLS = (NODE_LIBRARIES, CHROMIUM, POSTGRES, REDIS)


def prepare_playwright() -> None:
    """Let Playwright's node find its libraries in this process's children. Raises
    ``ToolMissingError``."""
    tree = NODE_LIBRARIES.ensure()
    if tree != Path("/"):
        os.environ["LD_LIBRARY_PATH"] = library_path(tree)


def main() -> int:
    """Make every tool ready and report those that are missing; give the exit status."""
    missing = 0
    for tool in TOOLS:
        began = time.monotonic()
        try:
            place = tool.ensure(retry=True)
        except ToolMissingError as problem:
            missing += 1
            print(f"MISSING {tool.name}: {problem}", file=sys.stderr)  # noqa: T201
            continue
        if cache_folder() in place.parents or place.parent == cache_folder():
            print(f"{tool.name}: unpacked in {place} ({time.monotonic() - began:.0f} s)")  # noqa: T201
    if missing:
        print(f"{missing} of {len(TOOLS)} tools are missing: their tests will not run.")  # noqa: T201
    return int(bool(missing) and os.environ.get("CI") == "true")


def _require_debian() -> None:
    release = _release()
    if release.get("ID") != "debian" or not release.get("VERSION_CODENAME"):
        raise LabMissingError("this machine is not Debian")


def _release() -> dict[str, str]:
    """The content of ``/etc/os-release``."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip('"') for name, _, value in pairs}


def _age_s(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return float("inf")


def _write(file: Path, text: str, mode: int = 0o644) -> None:
    """Whole or not at all: several processes of the tests may write the same."""
    if file.is_file() and file.read_text() == text and not file.name.endswith(".failed"):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.chmod(mode)
    fresh.rename(file)


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0


if __name__ == "__main__":
    sys.exit(main())
