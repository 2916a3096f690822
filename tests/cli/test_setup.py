"""``screenpop setup`` at a PBX: what it asks, writes, keeps and refuses."""

import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from tests.ami.speaking_server import SpeakingServer
from tests.cli.commands import SETTINGS, Run
from tests.discovery.listing_pbx import FREEPBX_ROWS, ListingPbx

SECRET = "a secret of the office"


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a FreePBX."""
    with SpeakingServer(ListingPbx(secret=SECRET, lists=FREEPBX_ROWS)) as server:
        yield server.port


def set_up(run: Run, port: int, *more: str, stdin: str | None = None) -> Result:
    Path("secret").write_text(f"{SECRET}\n")
    where = ("--port", str(port), "--secret-from", "secret", "--timezone", "Europe/Athens")
    return run("setup", *where, *more, stdin=stdin)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_is_confirmed_at_once_and_users_can_log_in(
    run: Run, port: int, tmp_path: Path
) -> None:
    settings = tmp_path / "screenpop.toml"
    settings.unlink()
    done = set_up(run, port, "--yes", "--logins", "logins.txt", "--data", "data")
    assert done.exit_code == 0, done.output
    assert "It is Asterisk 16.28.0 with FreePBX or Issabel." in done.stdout
    written = tomllib.loads(settings.read_text())
    assert written["number_plan"] == {"region": "GR", "extensions": ["1XX"]}
    [pbx] = written["pbx"]
    assert [one["name"] for one in pbx["trunks"]] == ["a,b)", "otenet"]
    assert pbx["trunks"][1]["lines"] == {"2109100070": "600"}
    assert SECRET not in settings.read_text()
    secret = Path(pbx["secret_file"])
    assert secret.read_text().strip() == SECRET
    assert mode(secret) == mode(settings) == mode(tmp_path / "logins.txt") == 0o600
    logins = (tmp_path / "logins.txt").read_text()
    assert "user name: admin" in logins
    assert "Maryam · user name: maryam · password for the first login: " in logins
    listed = run("user", "list").stdout
    assert "maryam" in listed
    assert "102" in listed

    again = set_up(run, port, "--yes")
    assert again.exit_code == 1
    assert "has a PBX already. Run setup with --replace" in again.stderr
    replaced = set_up(run, port, "--yes", "--replace")
    assert replaced.exit_code == 0, replaced.output
    assert "No user for Maryam: Maryam has the phone 101." in replaced.stderr
    [backup] = tmp_path.glob("screenpop.toml.*.bak")
    assert tomllib.loads(backup.read_text()) == written
    assert mode(backup) == 0o600


def test_each_item_is_asked_and_settings_without_a_pbx_are_kept(
    run: Run, port: int, tmp_path: Path
) -> None:
    settings = tmp_path / "screenpop.toml"
    without = SETTINGS.replace('extensions = ["1XX"]\n', "")
    settings.write_text(without + "# a note of the office\n")
    # Two trunks, two people, one line; there is no queue.
    done = set_up(run, port, stdin="n\ny\n?\ny\nn\na\n")
    assert done.exit_code == 0, done.output
    text = settings.read_text()
    assert "# a note of the office\n" in text
    assert tomllib.loads(text)["number_plan"] == {"region": "GR", "extensions": ["1XX"]}
    [pbx] = tomllib.loads(text)["pbx"]
    assert [one["name"] for one in pbx["trunks"]] == ["otenet"]
    users = run("user", "list").stdout
    assert "maryam" in users
    assert "102" not in users


def test_nothing_is_written_when_the_pbx_refuses_or_settings_are_invalid(
    run: Run, port: int, tmp_path: Path
) -> None:
    settings = tmp_path / "screenpop.toml"
    settings.unlink()
    Path("secret").write_text("another secret")
    refused = run("setup", "--yes", "--port", str(port), "--secret-from", "secret")
    assert refused.exit_code == 1
    assert "does not accept" in refused.stderr or "secret" in refused.stderr
    invalid = set_up(run, port, "--yes", "--region", "XX")
    assert invalid.exit_code == 1
    assert "is not a country" in invalid.stderr
    unknown = run("setup", "--yes", "--port", str(port), "--secret-from", "missing")
    assert "There is no file missing" in unknown.stderr
    Path("secret").write_text("short")
    short = run("setup", "--yes", "--port", str(port), "--secret-from", "secret")
    assert "fewer than 6 characters" in short.stderr
    assert not settings.exists()
    settings.write_text("no toml at all")
    broken = set_up(run, port, "--yes")
    assert broken.exit_code == 1
    assert settings.read_text() == "no toml at all"
