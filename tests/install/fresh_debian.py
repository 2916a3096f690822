"""A fresh Debian in namespaces of its own: a folder with the base system, and a shell inside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pbx_lab.unpacking import debian_mirror
from tests.tools import MISSING, Tool, ToolMissingError, cache_folder

PACKAGES = ("python3", "ca-certificates", "adduser")
"""What is in the base system beside what Debian calls required, and apt."""
_SYSTEMCTL = Path(__file__).with_name("systemctl.sh")
_NETWORK_FILES = (
    Path("/etc/resolv.conf"),
    Path("/etc/pip.conf"),
    Path("/etc/ssl/certs/ca-certificates.crt"),
)
_NETWORK_OPTIONS = re.compile(r"Acquire::(https?::Proxy|Check-|Retries)")
_END = "@@ended@@"
_NAMESPACES = ("unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child")
# Users of the root need numbers of their own, so a range of them, from /etc/subuid.
_AS_USER = ("--user", "--map-root-user", "--map-auto")
_ENTER = """
set -e
mount --make-rprivate /
mount --bind "$0" "$0"
mount -t proc proc "$0/proc"
mount -t tmpfs -o mode=755 dev "$0/dev"
# What ran has ended with its namespace.
rm -rf "$0/run/units" "$0/run/nginx.pid"
mkdir "$0/dev/shm" && chmod 1777 "$0/dev/shm"
for name in null zero full random urandom tty; do
    : > "$0/dev/$name" && mount --bind "/dev/$name" "$0/dev/$name"
done
ln -s /proc/self/fd "$0/dev/fd"
[ "$1" = offline ] && ip link set lo up
exec chroot "$0" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt HOME=/root \\
    LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh -s
"""


def _find_mmdebstrap(tree: Path | None) -> Path | None:
    if tree is not None:
        return tree / "usr/bin/mmdebstrap"
    found = shutil.which("mmdebstrap")
    return Path(found) if found else None


MMDEBSTRAP = Tool("mmdebstrap", ("mmdebstrap",), "usr/bin/mmdebstrap", _find_mmdebstrap)


class FreshDebian:
    """A shell in a root of its own; commands run one after another, as root of that system."""

    def __init__(self, suite: str, folder: Path) -> None:
        self.folder = folder / "root"
        self._suite = suite
        self._shell: subprocess.Popen[str] | None = None

    def unpack(self) -> None:
        """Unpack the base system."""
        self._unpack_base(PACKAGES)
        # As if systemd ran: maintainer scripts ask for this folder.
        _as_root(["mkdir", "-p", f"{self.folder}/run/systemd/system"])
        # Scripts of Debian look in the second folder only.
        for place in ("/usr/local/bin/systemctl", "/usr/bin/systemctl"):
            self.give(_SYSTEMCTL, place)

    def enter(self, *, offline: bool) -> None:
        """Begin a shell; one that runs already is ended, with all that it started.

        ``offline``: in a network of its own that has the loopback only. Otherwise with this
        machine's network and the settings by which its own apt and pip reach their servers.
        """
        self._end()
        net = ("--net",) if offline else ()
        mode = "offline" if offline else "online"
        if not offline:
            self._give_network()
        self._begin_shell([*_namespaces(), *net, "sh", "-c", _ENTER, str(self.folder), mode])

    def give(self, source: Path, place: str) -> None:
        """Copy a file from outside into the root, readable for all."""
        target = f"{self.folder}{place}"
        _as_root(["install", "-D", "-m", "755", str(source), target])

    def run(self, commands: str) -> str:
        """Run commands of sh; return what they print. Raises ``AssertionError`` if one fails."""
        status, text = self.attempt(commands)
        assert status == 0, f"{commands}\nended with {status}:\n{text}"
        return text

    def attempt(self, commands: str) -> tuple[int, str]:
        """Run commands of sh; return the exit status and what they print."""
        assert self._shell is not None
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(
            f"( set -e\n{commands}\n) </dev/null 2>&1; printf '\\n{_END} %s\\n' $?\n"
        )
        self._shell.stdin.flush()
        lines: list[str] = []
        for line in self._shell.stdout:
            if line.startswith(_END):
                return int(line.split()[1]), "".join(lines).removesuffix("\n")
            lines.append(line)
        raise AssertionError(f"the shell of the root ended:\n{''.join(lines)}")

    def stop(self) -> None:
        """End the shell with all it started, and remove the root."""
        self._end()
        _as_root(["rm", "-rf", "--one-file-system", str(self.folder)])

    def _unpack_base(self, packages: tuple[str, ...]) -> None:
        self.folder.mkdir()
        # A user who is not root makes no devices; the shell gets those of this machine.
        base = str(base_system(self._suite, packages))
        _as_root(["tar", "-C", str(self.folder), "--exclude=./dev/*", "-xf", base])
        # This system survives no power cut: dpkg need not wait for the disk after each file.
        chosen = self.folder.with_name("dpkg.cfg")
        chosen.write_text("force-unsafe-io\n")
        self.give(chosen, "/etc/dpkg/dpkg.cfg.d/test")

    def _begin_shell(self, command: list[str]) -> None:
        self._shell = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _end(self) -> None:
        if self._shell is not None:
            self._shell.kill()
            self._shell.communicate()
            self._shell = None

    def _give_network(self) -> None:
        for place in _NETWORK_FILES:
            if place.is_file():
                self.give(place, str(place))
        asked = subprocess.run(
            ["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True
        )
        lines = [line for line in asked.stdout.splitlines() if _NETWORK_OPTIONS.match(line)]
        chosen = self.folder.with_name("apt.conf")
        chosen.write_text("\n".join([*lines, 'APT::Get::Assume-Yes "true";', ""]))
        self.give(chosen, "/etc/apt/apt.conf.d/90machine")


@contextmanager
def fresh_debian(
    suite: str, *, offline: bool, kind: type[FreshDebian] = FreshDebian
) -> Iterator[FreshDebian]:
    """Give a running root; ``offline``: with a network of its own that has the loopback only."""
    with tempfile.TemporaryDirectory(prefix=f"fresh-{suite}-") as folder:
        # Inside the namespace another user walks through it.
        Path(folder).chmod(0o755)
        root = kind(suite, Path(folder))
        try:
            root.unpack()
            root.enter(offline=offline)
            yield root
        finally:
            root.stop()


@contextmanager
def skipped_without(what: str) -> Iterator[None]:
    """Skip the test, or fail it in CI, where ``ToolMissingError`` is raised within."""
    try:
        yield
    except ToolMissingError as missing:
        text = f"{MISSING}{what}: {missing}"
        if os.environ.get("CI") == "true":
            pytest.fail(text, pytrace=False)
        pytest.skip(text)


def base_system(suite: str, packages: tuple[str, ...] = PACKAGES) -> Path:
    """Return the tar file of a base system, made from Debian's mirror where it is not in the cache.

    ``packages``: what it has beside what Debian calls required, and apt.

    Raises ``ToolMissingError``.
    """
    folder = cache_folder()
    kept = folder / f"debian-{suite}-{'-'.join(packages)}.tar"
    if kept.is_file():
        return kept
    require_namespaces()
    program = MMDEBSTRAP.ensure()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_name(f"{kept.name}.{os.getpid()}.tar")
    libraries = program.parents[1] / "share/perl5"
    mode = "root" if os.geteuid() == 0 else "unshare"
    done = subprocess.run(
        [
            *("perl", program, f"--mode={mode}", "--variant=minbase"),
            f"--include={','.join(packages)}",
            *(suite, fresh, debian_mirror()),
        ],
        env={**os.environ, "PERL5LIB": str(libraries)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        fresh.unlink(missing_ok=True)
        raise ToolMissingError(f"Debian {suite} cannot be made here: {done.stderr[-2000:]}")
    fresh.rename(kept)
    return kept


def require_namespaces() -> None:
    """Refuse early, naming the remedy. Raises ``ToolMissingError``."""
    tried = subprocess.run([*_namespaces(), "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise ToolMissingError(
            f"this user may not make namespaces with many users ({tried.stderr.strip()}): "
            "sudo apt-get install uidmap, and a range for this user in /etc/subuid and /etc/subgid"
        )


def _namespaces() -> tuple[str, ...]:
    return _NAMESPACES if os.geteuid() == 0 else (*_NAMESPACES, *_AS_USER)


def _as_root(command: list[str]) -> None:
    """Run a command as the root of the namespaces, to whom the files of a root belong."""
    prefix = () if os.geteuid() == 0 else ("unshare", *_AS_USER)
    subprocess.run([*prefix, *command], check=True)
