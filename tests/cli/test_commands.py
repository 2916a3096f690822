"""Commands: version and help, numbers, settings, migrations, simulated and recorded calls."""

import json
import re
from pathlib import Path

from screenpop import __version__
from tests.cli.commands import SETTINGS, Run

RECORDINGS = Path(__file__).parents[1] / "scenarios" / "22"


def test_it_knows_its_version(run: Run) -> None:
    assert run("--version").stdout.strip() == f"screenpop {__version__}"


def test_without_a_command_it_lists_them(run: Run) -> None:
    printed = run().output
    for command in ("demo", "serve", "simulate", "replay", "number", "user", "import", "doctor"):
        assert command in printed


def test_each_command_explains_itself(run: Run) -> None:
    for command in ("demo", "serve", "migrate", "doctor", "number", "simulate", "replay", "import"):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) > 5


def test_a_number_is_explained_by_the_region_given(run: Run) -> None:
    result = run("number", "09123456789", "--region", "IR")
    assert result.exit_code == 0
    assert re.search(r"E\.164\s+\+989123456789", result.stdout)
    assert "+98 912 345 6789" in result.stdout


def test_a_number_is_explained_by_the_settings(run: Run) -> None:
    assert "+306912345678" in run("number", "691 234 5678").stdout


def test_a_number_that_is_none_is_explained_too(run: Run) -> None:
    assert re.search(r"understood as\s+withheld", run("number", "anonymous").stdout)
    assert re.search(r"understood as\s+extension", run("number", "101").stdout)


def test_a_number_needs_no_settings_when_the_region_is_given(run: Run, tmp_path: Path) -> None:
    (tmp_path / "screenpop.toml").unlink()
    assert run("number", "2101234567", "--region", "GR").exit_code == 0
    result = run("number", "2101234567")
    assert result.exit_code == 1
    assert "number_plan is not set" in result.stderr


def test_an_unknown_region_is_reported(run: Run) -> None:
    result = run("number", "1", "--region", "XX")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "'XX' is not a country" in result.stderr


def test_a_settings_mistake_stops_every_command_with_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "screenpop.toml").write_text(SETTINGS + '\n[[pbx]]\nid = "x"\nport = 0\n')
    for words in (("serve",), ("migrate",), ("doctor",), ("user", "list")):
        result = run(*words)
        assert result.exit_code == 1
        assert "pbx[1].port is 0: give a port from 1 to 65535." in result.stderr
        assert "Traceback" not in result.output


def test_a_database_without_tables_is_reported_with_the_command_that_makes_them(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    result = run("user", "list")
    assert result.exit_code == 1
    assert "screenpop migrate" in result.stderr


def test_migrating_twice_is_as_good_as_once(migrated: Run) -> None:
    assert migrated("migrate").exit_code == 0


def test_a_recording_is_printed_as_changes_without_any_database(run: Run, tmp_path: Path) -> None:
    path = str(RECORDINGS / "queue_ringall.ami")
    result = run("replay", path, "--changes", "--phones", "101,102")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines[-1]["kind"] == "row"
    assert lines[-1]["answered_by"] == ["102"]
    assert "events read" in result.stderr
    assert "left out" in result.stderr
    assert not (tmp_path / "data").exists()


def test_a_copy_of_a_recording_is_written_without_its_numbers_and_never_over_a_file(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "call.ami").write_bytes((RECORDINGS / "queue_ringall.ami").read_bytes())
    result = run("replay", "--anonymise", "call.ami")
    assert result.exit_code == 0
    assert "call.anonymised.ami" in result.stdout
    copy = (tmp_path / "call.anonymised.ami").read_bytes()
    assert b"09123456789" not in copy
    assert b"Agent 101" not in copy
    again = run("replay", "--anonymise", "call.ami")
    assert again.exit_code == 1
    assert "call.anonymised.ami exists already" in again.stderr
    assert (tmp_path / "call.anonymised.ami").read_bytes() == copy
    assert run("replay", "--anonymise", "call.ami", "--output", "b.ami").exit_code == 0
    assert run("replay", "call.ami", "--output", "c.ami").exit_code == 2


def test_a_missing_recording_is_reported(run: Run) -> None:
    for more in ((), ("--changes",), ("--anonymise",)):
        result = run("replay", "nope.ami", *more)
        assert result.exit_code == 1
        assert "nope.ami" in result.stderr
        assert "Traceback" not in result.output


def test_a_file_without_events_is_not_played(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.ami").write_bytes(b"")
    for more in ((), ("--changes",)):
        result = run("replay", "empty.ami", *more)
        assert result.exit_code == 1
        assert "0 events were read" in result.stderr
        assert not result.stdout


def test_without_a_server_a_call_cannot_be_played(run: Run) -> None:
    result = run("simulate", "--from", "0912", "--to", "101")
    assert result.exit_code == 1
    assert "--data" in result.stderr


def test_an_impossible_call_is_refused_before_any_request(run: Run) -> None:
    result = run("simulate", "--from", "0912", "--to", "")
    assert result.exit_code == 1
    assert "to: no phone given" in result.stderr
    result = run("simulate", "--from", "0912", "--to", "101", "--outcome", "eaten")
    assert "outcome: 'eaten' is none of" in result.stderr
