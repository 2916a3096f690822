"""The folder with the certificates of an office: made once, renewed, never overwritten."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from screenpop.app.office_certificate import (
    AUTHORITY,
    AUTHORITY_KEY,
    SERVER,
    SERVER_BEFORE,
    SERVER_KEY,
    CertificateFolderError,
    make_certificates,
    renew_certificate,
)
from screenpop.cli import cli

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


def test_keys_are_secret_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tls"
    made = make_certificates(folder, ["pop.lan"], NOW)
    assert (made.is_new, str(made.server.names)) == (True, "pop.lan")
    assert folder.stat().st_mode & 0o777 == 0o700
    public, secret = dict.fromkeys((AUTHORITY, SERVER), 0o644), (AUTHORITY_KEY, SERVER_KEY)
    assert modes(folder) == public | dict.fromkeys(secret, 0o600)
    before = contents(folder)
    with pytest.raises(CertificateFolderError, match="--renew"):
        make_certificates(folder, ["pop.lan"], NOW)
    assert contents(folder) == before


def test_a_second_certificate_is_of_the_authority_that_is_there(tmp_path: Path) -> None:
    first = make_certificates(tmp_path, ["pop.lan"], NOW)
    (tmp_path / SERVER).unlink()
    (tmp_path / SERVER_KEY).unlink()
    second = make_certificates(tmp_path, ["www.pop.lan"], NOW)
    assert second.authority == first.authority
    (tmp_path / SERVER).unlink()
    (tmp_path / SERVER_KEY).unlink()
    (tmp_path / AUTHORITY_KEY).unlink()
    with pytest.raises(CertificateFolderError, match="only one of"):
        make_certificates(tmp_path, ["pop.lan"], NOW)


def test_a_certificate_is_renewed_when_it_is_due_and_the_one_before_stays(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, ["pop.lan", "10.0.0.5"], NOW)
    before = contents(tmp_path)
    assert not renew_certificate(tmp_path, NOW + timedelta(days=100)).is_new
    assert contents(tmp_path) == before
    renewed = renew_certificate(tmp_path, NOW + timedelta(days=350))
    assert renewed.is_new
    assert renewed.server.names == made.server.names
    after = contents(tmp_path)
    assert after.pop(SERVER_BEFORE) == before[SERVER]
    assert {name for name in before if before[name] != after[name]} == {SERVER}
    (tmp_path / AUTHORITY_KEY).unlink()
    with pytest.raises(CertificateFolderError, match="missing"):
        renew_certificate(tmp_path, NOW)


def test_the_command_names_files_devices_and_errors(tmp_path: Path) -> None:
    folder = str(tmp_path / "tls")
    done = CliRunner().invoke(cli, ["certificate", "pop.lan", "--to", folder])
    assert done.exit_code == 0, done.output
    for word in ("server.key", "screenpop-ca.crt", "Windows", "Android", "iOS", "Firefox"):
        assert word in done.output
    assert "PRIVATE KEY" not in done.output
    again = CliRunner().invoke(cli, ["certificate", "--renew", "--to", folder])
    assert "Nothing to renew" in again.output
    for arguments in (["pop.lan"], ["--renew", "pop.lan"], ["no name"], []):
        refused = CliRunner().invoke(cli, ["certificate", *arguments, "--to", folder])
        assert refused.exit_code != 0
        assert "Traceback" not in refused.output
