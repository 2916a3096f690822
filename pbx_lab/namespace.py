"""Runs the lab in namespaces of its own: nothing reaches the outside, nothing is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from pbx_lab.errors import LabMissingError

INSIDE = "PBX_LAB_INSIDE"
# Process ids of its own too: when the first process ends, the kernel ends all that it started.
UNSHARE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
# A user who is not root is root inside a user namespace, where the kernel allows those.
AS_USER = ("--user", "--map-root-user")


def unshare() -> tuple[str, ...]:
    """Return the command that makes the namespaces as this user."""
    return UNSHARE if os.geteuid() == 0 else (*UNSHARE, *AS_USER)


def inside() -> bool:
    """Whether this process already lives in the lab's namespace."""
    return os.environ.get(INSIDE) == "1"


def start_inside(arguments: Sequence[str], output: int | None = None) -> subprocess.Popen[bytes]:
    """Start this package's command line again, inside a fresh namespace.

    ``output``: as of ``subprocess.Popen``, for both its outputs; shown as it comes if not given.
    """
    require_namespaces()
    return subprocess.Popen(
        [*unshare(), sys.executable, "-m", "pbx_lab", *arguments],
        env={**os.environ, INSIDE: "1"},
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
    )


def wake_loopback() -> None:
    """A fresh network namespace has one device, lo, and it is down."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def require_namespaces() -> None:
    """Refuse early, naming the remedy, when namespaces cannot be made."""
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2"), ("mount", "mount")):
        if shutil.which(tool) is None:
            raise LabMissingError(
                f"{tool} is missing. On Debian and Ubuntu: apt-get install {package}"
            )
    tried = subprocess.run([*unshare(), "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise LabMissingError(
            f"This user may not make namespaces ({tried.stderr.strip()}). Allow them: "
            "sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000; "
            "or run as root: sudo make test-pbx"
        )
