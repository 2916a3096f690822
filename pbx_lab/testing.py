"""Plays the tests on both versions: several namespaces side by side, each with a PBX of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from pbx_lab import namespace
from pbx_lab.errors import LabMissingError
from pbx_lab.versions import PROJECT, cache_folder
from tests.browser.chromium import find_chromium

TESTS = "tests/pbx"
FIRST_CARD = f"{TESTS}/test_first_card.py"
LONG = f"{TESTS}/test_every_way_of_a_call.py"
PARTS = {
    "every way of a call": (LONG,),
    "cards before pickup, links": (TESTS, f"--ignore={LONG}"),
}
CHROMIUM = "CHROMIUM"
FEW = 6
"""More failures than this in one part are no accident of a busy machine."""
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/[^\s\[]+::[^\s\[]+(?:\[[^\]]*\])?)", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """How a run of pytest went."""

    status: int
    output: str
    seconds: float

    def failed(self) -> tuple[str, ...]:
        """Which tests, as pytest names them."""
        return tuple(dict.fromkeys(_FAILED.findall(self.output)))


@dataclass(frozen=True)
class Job:
    """One part of the tests on one version."""

    version: str
    part: str

    @property
    def title(self) -> str:
        """For people."""
        return f"Asterisk {self.version}: {self.part}"

    def play(self) -> Done:
        """All tests of it."""
        return self.play_only(PARTS[self.part])

    def play_only(self, tests: Sequence[str]) -> Done:
        """Only these."""
        begun = time.monotonic()
        process = namespace.start_inside(
            ("test-one", self.version, "--", *tests), output=subprocess.PIPE
        )
        output, _ = process.communicate()
        text = output.decode("utf-8", "replace")
        return Done(process.returncode, text, time.monotonic() - begun)


def play_all(versions: Sequence[str], at_once: int) -> int:
    """Run everything, the newest version first, and return the exit status.

    Phones do not wait for tests: where a busy machine let one ring too long or too short, the few
    tests that failed are run once more alone, and the output mentions it.
    """
    jobs = [Job(version, part) for version in versions for part in PARTS]
    print(f"{len(jobs)} parts, {at_once} side by side: this takes minutes", flush=True)
    results = dict[Job, Done]()
    with ThreadPoolExecutor(at_once) as workers:
        for job, done in zip(jobs, workers.map(Job.play, jobs), strict=True):
            print(f"\n== {job.title} ({done.seconds:.0f} s)\n{done.output.strip()}", flush=True)
            results[job] = done
    return max(_played_again(job, done) for job, done in results.items())


def _played_again(job: Job, done: Done) -> int:
    failed = done.failed()
    if not done.status or not 0 < len(failed) <= FEW:
        return done.status
    print(f"\n== {job.title}: {len(failed)} once more, alone\n" + "\n".join(failed), flush=True)
    again = job.play_only(failed)
    print(again.output.strip(), flush=True)
    return again.status


def play_some(versions: Sequence[str], what: Sequence[str]) -> int:
    """Run pytest with these arguments on one version after the other, with its output visible."""
    return max(
        namespace.start_inside(("test-one", version, "--", *what)).wait() for version in versions
    )


def play_first_card(version: str, *, is_installed: bool) -> int:
    """Count commands and minutes to the first card; by default with a fresh installation."""
    with tempfile.TemporaryDirectory(prefix="first-card-") as folder:
        if not is_installed:
            begun = time.monotonic()
            pip = f"{folder}/bin/pip"
            for command in (
                [sys.executable, "-m", "venv", folder],
                [pip, "install", "-q", "--require-hashes", "-r", "requirements-server.lock"],
                [pip, "install", "-q", "--no-deps", "."],
            ):
                subprocess.run(command, cwd=PROJECT, check=True)
            os.environ["SCREENPOP"] = f"{folder}/bin/screenpop"
            os.environ["FIRST_CARD_INSTALL_S"] = f"{time.monotonic() - begun:.1f}"
        return play_some([version], ["-s", FIRST_CARD])


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
    """Return how many parts run at once: each takes half a core, and a ringing phone must not wait
    for a core."""
    return min(len(PARTS) * 2, os.cpu_count() or 1)
