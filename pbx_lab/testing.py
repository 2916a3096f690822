"""Plays the tests on both versions: several namespaces side by side, each with a PBX of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from pbx_lab import namespace
from pbx_lab.errors import LabMissingError
from pbx_lab.versions import PROJECT, cache_folder
from tests.browser.chromium import find_chromium

TESTS = "tests/pbx"
FIRST_CARD = f"{TESTS}/test_first_card.py"
LONG = f"{TESTS}/test_every_way_of_a_call.py"
LINKS = f"{TESTS}/test_when_the_pbx_goes_away.py"
CHROMIUM = "CHROMIUM"
OFFICE = "PBX_LAB_OFFICE"
"""The environment variable with a folder of the product that is set up, for every part to copy."""
SHARE = "PBX_LAB_SHARE"
"""The environment variable with the share of the tests to play; as ``share_of`` reads it."""
ALL = "1/1"
FEW = 3
"""More failures than this in one part are no accident of a busy machine."""
_T = TypeVar("_T")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/[^\s\[]+::[^\s\[]+(?:\[[^\]]*\])?)", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """Tests for one PBX of their own."""

    arguments: tuple[str, ...]
    """Of pytest."""
    share: str = ALL
    """Which of their tests; as ``share_of`` reads it."""


PARTS = {
    "cards before pickup": Part((TESTS, f"--ignore={LONG}", f"--ignore={LINKS}")),
    "every way of a call, 1 of 3": Part((LONG,), "1/3"),
    "every way of a call, 2 of 3": Part((LONG,), "2/3"),
    "every way of a call, 3 of 3": Part((LONG,), "3/3"),
    "links": Part((LINKS,)),
}
"""All tests, in the order in which they are begun: the longest first."""


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
        part = PARTS[self.part]
        return self.play_only(part.arguments, part.share)

    def play_only(self, tests: Sequence[str], share: str = ALL) -> Done:
        """Only these."""
        begun = time.monotonic()
        process = namespace.start_inside(
            ("test-one", "--share", share, self.version, "--", *tests), output=subprocess.PIPE
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


@contextmanager
def office_set_up() -> Iterator[None]:
    """Set the product up once by its own commands, for the offices of all parts to copy."""
    from tests.pbx.product import Product
    from tests.pbx.staff import PEOPLE

    with tempfile.TemporaryDirectory(prefix="pbx-lab-office-") as folder:
        Product(Path(folder), PEOPLE).set_up()
        os.environ[OFFICE] = folder
        try:
            yield
        finally:
            del os.environ[OFFICE]


def _played_again(job: Job, done: Done) -> int:
    failed = done.failed()
    if not done.status or not 0 < len(failed) <= FEW:
        return done.status
    print(f"\n== {job.title}: {len(failed)} once more, alone\n" + "\n".join(failed), flush=True)
    again = job.play_only(failed)
    print(again.output.strip(), flush=True)
    return again.status


def share_of(tests: Sequence[_T], share: str) -> list[_T]:
    """Return a share of the tests: "1/2" is every second one from the first.

    So each share has tests of every family, and takes about as long. ValueError for a share that
    does not exist, "3/2".
    """
    number, count = (int(part) for part in share.split("/"))
    if not 1 <= number <= count:
        raise ValueError(f"{share} is no share of the tests")
    return list(tests[number - 1 :: count])


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


def play_one(version: str, what: Sequence[str], share: str = ALL) -> int:
    """Run pytest here, in the namespace."""
    namespace.wake_loopback()
    os.environ["PBX_LAB_VERSION"] = version
    os.environ[SHARE] = share
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
    """Return how many parts run at once: each takes a third of a core, because phones ring and
    people talk most of the time, and a ringing phone must not wait for a core."""
    return min(len(PARTS) * 2, 2 * (os.cpu_count() or 1))
