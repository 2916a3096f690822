"""The sample for logrotate, on a log that a program holds open."""

import gzip
import os
import subprocess
from pathlib import Path

import pytest

from tests.tools import LOGROTATE, environment_of

ROOT = Path(__file__).parents[2]


def rotate(config: Path, state: Path) -> None:
    program = LOGROTATE.ensure_for_test()
    done = subprocess.run(
        [program, "--force", "--state", state, config],
        capture_output=True,
        text=True,
        check=False,
        env=environment_of(LOGROTATE, program) | {"PATH": "/usr/bin:/bin"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The sample, for a folder of this user; systemd opens the log as root, whose folder it is."""
    text = (ROOT / "packaging/logrotate-screenpop").read_text(encoding="utf-8")
    logs = tmp_path / "logs"
    logs.mkdir(mode=0o750)
    # logrotate refuses a folder that others can write to.
    text = text.replace("/var/log/screenpop", str(logs))
    file = tmp_path / "logrotate.conf"
    file.write_text(text)
    file.chmod(0o644)
    return file


def test_a_log_that_is_held_open_goes_on_in_the_emptied_file_and_fourteen_stay(
    config: Path, tmp_path: Path
) -> None:
    log = tmp_path / "logs" / "screenpop.log"
    with log.open("a", buffering=1) as held:
        os.fchmod(held.fileno(), 0o600)
        for day in range(17):
            held.write(f'{{"event": "day {day}"}}\n')
            rotate(config, tmp_path / "state")
        held.write('{"event": "today"}\n')
    assert log.read_text() == '{"event": "today"}\n'
    old = sorted((tmp_path / "logs").glob("screenpop.log.*"))
    assert len(old) == 14
    assert {file.stat().st_mode & 0o777 for file in old} == {0o600}
    assert "day 16" in (tmp_path / "logs" / "screenpop.log.1").read_text()
    with gzip.open(tmp_path / "logs" / "screenpop.log.14.gz", "rt") as oldest:
        assert "day 3" in oldest.read()


def test_the_documentation_has_the_sample_as_it_is() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert (ROOT / "packaging/logrotate-screenpop").read_text(encoding="utf-8") in page
