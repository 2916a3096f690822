"""Programs the tests need: found, unpacked or skipped by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pbx_lab import unpacking
from pbx_lab.errors import LabMissingError
from pbx_lab.unpacking import unpack
from pbx_lab.versions import Root
from tests import tools
from tests.tools import CHROMIUM, POSTGRES, Tool, ToolMissingError, missing_tool

PROGRAMS = tools._POSTGRES_PROGRAMS


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with nothing in it, on a machine that has none of the programs and no index."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SCREENPOP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(tools, "_SYSTEM_POSTGRES", tmp_path / "none")
    return tmp_path


def _programs_in(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("tool", [CHROMIUM, POSTGRES], ids=lambda tool: tool.name)
def test_a_missing_tool_is_named_with_the_command_that_installs_it(
    tool: Tool, nowhere: Path
) -> None:
    with pytest.raises(ToolMissingError) as missing:
        tool.ensure()
    assert f"sudo apt-get install {tool.packages[0]}" in str(missing.value)


def test_a_test_that_wants_a_missing_tool_is_skipped_and_can_be_counted_by_its_name(
    nowhere: Path,
) -> None:
    with pytest.raises(pytest.skip.Exception) as skipped:
        POSTGRES.ensure_for_test()
    assert missing_tool(str(skipped.value)) == "postgresql"


def test_in_ci_a_missing_tool_is_a_failure(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
        POSTGRES.ensure_for_test()


def test_a_failure_is_remembered_so_that_not_every_process_tries_again(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Root] = []

    def refuse(root: Root) -> None:
        tries.append(root)
        raise LabMissingError("no index")

    monkeypatch.setattr(tools, "unpack", refuse)
    monkeypatch.setattr(tools, "_require_debian", lambda: None)
    for _ in range(3):
        with pytest.raises(ToolMissingError, match="no index"):
            POSTGRES.ensure()
    assert len(tries) == 1
    with pytest.raises(ToolMissingError):
        POSTGRES.ensure(retry=True)
    assert len(tries) == 2


def test_a_whole_browser_serves_where_its_headless_part_cannot_be_unpacked(nowhere: Path) -> None:
    whole = nowhere / "chromium"
    whole.touch(mode=0o755)
    assert CHROMIUM.ensure() == whole


def test_the_headless_part_of_a_browser_is_preferred(nowhere: Path) -> None:
    (nowhere / "chromium").touch(mode=0o755)
    headless = nowhere / "chromium-headless-shell"
    headless.touch(mode=0o755)
    assert CHROMIUM.ensure() == headless


def test_a_browser_that_is_named_and_missing_is_not_replaced(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "chromium").touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(nowhere / "gone"))
    with pytest.raises(ToolMissingError):
        CHROMIUM.ensure()


def test_postgresql_is_looked_for_on_the_path_too(nowhere: Path) -> None:
    _programs_in(nowhere)
    assert POSTGRES.ensure() == nowhere


def test_the_newest_postgresql_is_taken(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9.6", "15", "16beta", "17"):
        _programs_in(nowhere / "lib" / version / "bin")
    monkeypatch.setattr(tools, "_SYSTEM_POSTGRES", nowhere / "lib")
    assert POSTGRES.ensure() == nowhere / "lib" / "17" / "bin"


def test_root_keeps_trees_where_postgresql_which_is_not_root_can_read_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SCREENPOP_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert tools.cache_folder() == Path("/var/cache/screenpop/tools")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert tools.cache_folder() == Path.home() / ".cache/screenpop/tools"


def test_processes_that_want_the_same_tree_unpack_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits for the lock and finds the tree whole."""
    program = (
        "import sys, pathlib\n"
        "from pbx_lab import unpacking\n"
        "from pbx_lab.versions import Root\n"
        "root = Root('r', 's', ('p',), 'bin/x', folder=pathlib.Path(sys.argv[1]))\n"
        "def now(root):\n"
        "    print('unpacks', flush=True)\n"
        "    (root.path / 'bin').mkdir(parents=True)\n"
        "    (root.path / 'bin/x').touch()\n"
        "    (root.path / 'PACKAGES').write_text(unpacking.receipt(root))\n"
        "unpacking.unpack_now = now\n"
        "unpacking.unpack(root)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    working = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
        for _ in range(4)
    ]
    output = [process.communicate(timeout=60)[0] for process in working]
    assert sorted(output) == ["", "", "", "unpacks\n"]
    assert [process.returncode for process in working] == [0] * 4


def test_a_tree_is_laid_without_the_packages_that_must_be_the_machines_own(tmp_path: Path) -> None:
    archives = tmp_path / "var/cache/apt/archives"
    archives.mkdir(parents=True)
    for name in ("libc6", "chromium"):
        content = tmp_path / name
        (content / "DEBIAN").mkdir(parents=True)
        (content / "usr/share").mkdir(parents=True)
        (content / "usr/share" / name).touch()
        control = f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: n\nDescription: d\n"
        (content / "DEBIAN/control").write_text(control)
        built = subprocess.run(
            ["dpkg-deb", "--build", content, archives / f"{name}_1_all.deb"], capture_output=True
        )
        assert built.returncode == 0, built.stderr
    unpacking.merge(tmp_path, tmp_path / "tree", ("libc6",))
    assert os.listdir(tmp_path / "tree/usr/share") == ["chromium"]


def test_what_is_whole_is_not_unpacked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Root("r", "s", ("p",), "bin/x*", folder=tmp_path)
    (root.path / "bin").mkdir(parents=True)
    (root.path / "bin/x1").touch()
    (root.path / "PACKAGES").write_text(unpacking.receipt(root))
    monkeypatch.setenv("PATH", str(tmp_path))  # nothing there to unpack with
    unpack(root)
    assert unpacking.is_unpacked(root)
