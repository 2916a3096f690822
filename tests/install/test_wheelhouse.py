"""The wheelhouse, installed without network by its own script."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from release.targets import this_architecture
from screenpop import __version__
from tests.install.document_blocks import Way, blocks
from tests.install.fresh_debian import fresh_debian, require_namespaces


@pytest.fixture(scope="module")
def unpacked(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(wheelhouse) as archive:
        archive.extractall(folder, filter="data")
    return folder / wheelhouse.stem


def install(unpacked: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the installer where no address but the loopback's can be reached."""
    require_namespaces()
    return subprocess.run(
        ["unshare", "--net", "--map-root-user", "sh", unpacked / "install.sh", folder],
        capture_output=True,
        text=True,
    )


def test_it_is_installed_and_updated_without_network(unpacked: Path, tmp_path: Path) -> None:
    for _ in ("install", "update"):
        done = install(unpacked, tmp_path / "screenpop")
        assert done.returncode == 0, done.stderr
        assert done.stdout == "screenpop 0.1.0\n"


def test_it_is_installed_in_a_fresh_debian_by_the_commands_of_the_document(
    suite: str, wheelhouse: Path
) -> None:
    (block,) = (one for one in blocks("install") if one.way is Way.WHEELHOUSE)
    with fresh_debian(suite, offline=False) as root:
        root.run("apt-get -qq update; apt-get -qq install python3-venv")
        root.give(wheelhouse, f"/root/{wheelhouse.name}")
        root.enter(offline=True)
        named = block.text.replace("amd64", this_architecture())
        assert f"screenpop {__version__}" in root.run(f"cd /root\n{named}")


def test_a_wheel_that_was_changed_is_refused(unpacked: Path, tmp_path: Path) -> None:
    wheel = next((unpacked / "wheels").glob("fastapi-*.whl"))
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[:-1])
    try:
        done = install(unpacked, tmp_path / "screenpop")
    finally:
        wheel.write_bytes(whole)
    assert done.returncode == 1
    assert "fastapi" in done.stdout + done.stderr
    assert not (tmp_path / "screenpop").exists()
