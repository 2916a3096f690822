"""Checksums of packages and their signature, checked by the commands of the document."""

import shutil
import subprocess
from pathlib import Path

import pytest

from release.__main__ import main
from tests.install.document_blocks import Way, blocks
from tests.tools import MISSING


@pytest.fixture
def key(tmp_path: Path) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip(f"{MISSING}ssh-keygen: sudo apt-get install openssh-client")
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    (block,) = (one for one in blocks("install") if one.way is Way.SIGNATURE)
    command = ["sh", "-ec", block.text]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_signed_packages_pass_and_changed_ones_do_not(key: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    package, sums = folder / "screenpop_1_amd64.deb", folder / "SHA256SUMS"
    package.write_bytes(b"package")
    public = key.with_suffix(".pub").read_text()
    (tmp_path / "screenpop-signers").write_text(f'release namespaces="screenpop-release" {public}')
    signed = ["sums", "--to", str(folder), "--sign-with", str(key)]
    for _ in ("first", "again"):
        assert main(signed) == 0
    shutil.copy(tmp_path / "screenpop-signers", folder)
    done = check(folder)
    assert done.returncode == 0, done.stderr
    assert "screenpop_1_amd64.deb: OK" in done.stdout

    package.write_bytes(b"changed")
    done = check(folder)
    assert done.returncode == 1
    assert "screenpop_1_amd64.deb: FAILED" in done.stdout
    # With checksums of the changed file, the signature does not fit.
    main(["sums", "--to", str(folder)])
    assert not (folder / "SHA256SUMS.sig").exists()
    written = sums.read_text()
    package.write_bytes(b"package")
    (folder / "screenpop-signers").unlink()
    main(signed)
    shutil.copy(tmp_path / "screenpop-signers", folder)
    sums.write_text(written)
    done = check(folder)
    assert done.returncode != 0
    assert "incorrect signature" in done.stderr.lower() or "could not verify" in done.stderr.lower()


def test_a_key_that_cannot_sign_is_refused(key: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    with pytest.raises(SystemExit, match="is not signed"):
        main(["sums", "--to", str(folder), "--sign-with", str(tmp_path / "none")])
