"""A fresh Debian whose first process is its own systemd, in namespaces and a control group."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from typing_extensions import override

from tests.install.fresh_debian import PACKAGES, FreshDebian
from tests.tools import ToolMissingError

_SYSTEMD = (*PACKAGES, "systemd", "systemd-sysv")
_BOOT_S = 60.0
# Its socket is not there at once.
_BOOTED = """
for attempt in $(seq 300); do
    state=$(systemctl is-system-running --wait 2>&1 || true)
    case "$state" in running | degraded) exit 0 ;; esac
    sleep 0.1
done
echo "$state"
exit 1
"""
_ROOT_ONLY = "a systemd of its own needs root and a writable control group (cgroup2)"
_IN_GROUP = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
_NAMESPACES = ("--mount", "--pid", "--ipc", "--uts", "--net", "--cgroup", "--fork", "--kill-child")
# What belongs to the whole machine stays out of reach: its clock, modules, and /proc/sys.
_BOOT = """
set -e
mount --make-rprivate /
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 dev dev
mkdir dev/shm dev/pts
chmod 1777 dev/shm
for name in null zero full random urandom tty; do
    : > "dev/$name" && mount --bind "/dev/$name" "dev/$name"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
ip link set lo up
hostname fresh
mkdir outside
pivot_root . outside
exec chroot . sh -c 'umount -l /outside && rmdir /outside && exec env -i container=test \\
    PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
    setpriv --bounding-set -sys_time,-sys_module,-sys_boot,-sys_rawio \\
    /lib/systemd/systemd --log-target=console --show-status=no --unit=multi-user.target'
"""


class SystemdDebian(FreshDebian):
    """A booted system without network; commands run beside its systemd, as root."""

    def __init__(self, suite: str, folder: Path) -> None:
        super().__init__(suite, folder)
        self._group = _own_group() / f"screenpop-test-{os.getpid()}-{suite}"
        self._console = folder / "console"
        self._first: subprocess.Popen[bytes] | None = None

    @override
    def unpack(self) -> None:
        """Unpack a base system with systemd."""
        self._unpack_base(_SYSTEMD)

    @override
    def enter(self, *, offline: bool) -> None:
        """Boot, and begin a shell. Raises ``ToolMissingError`` where systemd does not start."""
        assert offline
        try:
            self._group.mkdir()
        except OSError as error:
            raise ToolMissingError(f"{_ROOT_ONLY}: {error}") from None
        with self._console.open("wb") as console:
            self._first = subprocess.Popen(
                [
                    *("sh", "-c", _IN_GROUP, str(self._group)),
                    *("unshare", *_NAMESPACES, "sh", "-c", _BOOT, str(self.folder)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        first = self._first_process()
        self._begin_shell(
            [
                *("nsenter", "--target", first, "--all", "env", "-i", "HOME=/root"),
                *("LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "container=test"),
                *("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-s"),
            ]
        )
        status, state = self.attempt(_BOOTED)
        if status:
            self._refuse(state)

    @override
    def stop(self) -> None:
        """End all processes of the system, and remove it with its control group."""
        self._end()
        if self._first is not None:
            self._first.kill()
            self._first.wait()
        if self._group.is_dir():
            events = self._group / "cgroup.events"
            while "populated 1" in events.read_text():
                time.sleep(0.05)
            for folder, _, _ in os.walk(self._group, topdown=False):
                Path(folder).rmdir()
        super().stop()

    def _first_process(self) -> str:
        """Wait until systemd runs, and return its number outside."""
        assert self._first is not None
        children = Path(f"/proc/{self._first.pid}/task/{self._first.pid}/children")
        end = time.monotonic() + _BOOT_S
        while self._first.poll() is None and time.monotonic() < end:
            found = children.read_text().split()
            if found and Path(f"/proc/{found[0]}/comm").read_text() == "systemd\n":
                return found[0]
            time.sleep(0.05)
        self._refuse("not started")
        raise AssertionError

    def _refuse(self, state: str) -> None:
        printed = self._console.read_text(errors="replace")[-2000:]
        raise ToolMissingError(f"systemd does not run here ({state.strip()}): {printed}")


def _own_group() -> Path:
    """Return the control group of this process, of version 2. Raises ``ToolMissingError``."""
    mounts = Path("/proc/self/mountinfo").read_text()
    mounted = re.search(r"^\d+ \d+ \S+ \S+ (\S+) .* - cgroup2 ", mounts, re.MULTILINE)
    own = re.search(r"^0::(\S+)$", Path("/proc/self/cgroup").read_text(), re.MULTILINE)
    if os.geteuid() or mounted is None or own is None:
        raise ToolMissingError(_ROOT_ONLY)
    return Path(mounted[1] + own[1].rstrip("/"))
