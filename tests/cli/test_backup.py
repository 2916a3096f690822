"""``screenpop backup`` and ``restore`` as an administrator types them."""

from pathlib import Path

import pytest

from screenpop.store.backup import sealing
from tests.cli.commands import Run


@pytest.fixture(autouse=True)
def a_quick_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_SCRYPT_N", 2)


def test_a_new_machine_needs_the_backup_alone(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("a long passphrase\nsecond line\n")
    done = migrated("backup", "one.backup", "--passphrase-file", "passphrase")
    assert done.exit_code == 0
    assert "read again whole" in done.stdout
    assert "not encrypted" not in done.output
    (tmp_path / "screenpop.toml").rename(tmp_path / "old.toml")
    (tmp_path / "data").rename(tmp_path / "lost")

    done = migrated("restore", "one.backup", "--passphrase-file", "passphrase")
    assert done.exit_code == 0, done.output
    assert "screenpop.toml is from the backup" in done.stdout
    assert (tmp_path / "screenpop.toml").read_text() == (tmp_path / "old.toml").read_text()
    assert (tmp_path / "data" / "screenpop.db").exists()
    again = migrated("restore", "one.backup", "--passphrase-file", "passphrase")
    assert again.exit_code == 1
    assert "--replace" in again.stderr
    done = migrated("restore", "one.backup", "--passphrase-file", "passphrase", "--replace")
    assert done.exit_code == 0
    assert "What was there before is in" in done.stdout


def test_a_backup_is_described_with_what_is_missing_in_it(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "document.key").write_text("key")
    done = migrated("backup", ".", "--keep", "1", "--without-document-key")
    assert "not encrypted" in done.stderr
    assert "document.key is not in it" in done.stderr
    (file,) = tmp_path.glob("screenpop-*.backup")
    done = migrated("restore", file.name, "--check")
    assert done.exit_code == 0
    assert "is whole: Screenpop" in done.stdout
    file.write_bytes(file.read_bytes()[:-20])
    done = migrated("restore", file.name, "--check")
    assert done.exit_code == 1
    assert "no whole backup" in done.stderr
    (tmp_path / "empty").write_text("\n")
    assert migrated("backup", "x", "--passphrase-file", "empty").exit_code == 2
