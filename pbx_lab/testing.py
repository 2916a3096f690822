"""Plays the tests on both versions: several namespaces side by side, each with a PBX of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from pbx_lab import namespace
from pbx_lab.errors import LabMissingError
from pbx_lab.versions import cache_folder
from tests.browser.chromium import find_chromium

TESTS = "tests/pbx"
LONG = f"{TESTS}/test_every_way_of_a_call.py"
PARTS = {
    "every way of a call": (LONG,),
    "cards before pickup, links": (TESTS, f"--ignore={LONG}"),
}
CHROMIUM = "CHROMIUM"


@dataclass(frozen=True)
class Job:
    """One part of the tests on one version."""

    version: str
    part: str

    @property
    def title(self) -> str:
        """For people."""
        return f"Asterisk {self.version}: {self.part}"

    def play(self) -> tuple[int, str, float]:
        """Gives the exit status, all that was printed, and the seconds it took."""
        begun = time.monotonic()
        process = namespace.start_inside(
            ("test-one", self.version, "--", *PARTS[self.part]), output=subprocess.PIPE
        )
        said, _ = process.communicate()
        return process.returncode, said.decode("utf-8", "replace"), time.monotonic() - begun


def play_all(versions: Sequence[str], at_once: int) -> int:
    """Everything, the newest version first; gives the exit status."""
    jobs = [Job(version, part) for version in versions for part in PARTS]
    print(f"{len(jobs)} parts, {at_once} side by side: this takes minutes", flush=True)
    with ThreadPoolExecutor(at_once) as workers:
        results = []
        for job, done in zip(jobs, workers.map(Job.play, jobs), strict=True):
            status, said, seconds = done
            print(f"\n== {job.title} ({seconds:.0f} s)\n{said.strip()}", flush=True)
            results.append(status)
    return max(results)


def play_some(versions: Sequence[str], what: Sequence[str]) -> int:
    """What pytest is told, on one version after the other, seen as it runs."""
    return max(
        namespace.start_inside(("test-one", version, "--", *what)).wait() for version in versions
    )


def play_one(version: str, what: Sequence[str]) -> int:
    """Run pytest here, in the namespace."""
    namespace.wake_loopback()
    os.environ["PBX_LAB_VERSION"] = version
    return int(pytest.main(["-q", "-p", "no:cacheprovider", *what]))


def prepare() -> None:
    """What must be there before anything is cut off from the network; forgets old failures."""
    try:
        os.environ[CHROMIUM] = find_chromium()
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        raise LabMissingError(str(missing)) from None
    shutil.rmtree(failures(), ignore_errors=True)


def failures() -> Path:
    """Where pictures and traces of failed tests are kept."""
    return cache_folder() / "failures"


def parallel() -> int:
    """A part keeps half a core busy, and whoever rings must not wait for a core."""
    return min(len(PARTS) * 2, os.cpu_count() or 1)
