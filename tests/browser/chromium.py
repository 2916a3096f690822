"""The system's Chromium: found, or installed where we may."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]


def find_chromium() -> str:
    """Its path. Without one: skip and name the command, or fail where a skip would hide it."""
    found = _found() or (_installed() if _may_install() else None)
    if found is not None:
        return found
    remedy = "no Chromium here; install it with: sudo " + " ".join(_INSTALL)
    if os.environ.get("CI") == "true":
        pytest.fail(remedy, pytrace=False)
    pytest.skip(remedy)


def _found() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _installed() -> str | None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], _INSTALL):
        done = subprocess.run(command, env=environment, capture_output=True, timeout=600)
        if done.returncode:
            return None
    return _found()
