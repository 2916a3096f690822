"""What an installed Screenpop brings along: the wheel, the sdist, and the commands of the pages."""

import re
import shlex
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from screenpop.cli import cli
from screenpop.cli.whose import is_customer_number

PROJECT = Path(__file__).parents[1]
PAGES = [
    "README.md",
    *(f"docs/{name}.md" for name in ("install", "operations", "privacy", "upgrade")),
]
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_NAMED = re.compile(r"(?:^|[\s`/])(?:screenpop|pop) ([a-z][a-z-]+)((?: [^`\n#|]*)?)", re.MULTILINE)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_has_the_files_that_the_pages_promise(built: Path) -> None:
    names = zipfile.ZipFile(next(built.glob("*.whl"))).namelist()
    for name in (
        "screenpop/_data/asterisk_conf/manager.d/screenpop.conf",
        "screenpop/_data/asterisk_conf/README.md",
        "screenpop/_data/packaging/screenpop.service",
        "screenpop/_data/static/js/agent_page.js",
        "screenpop/web/locale/fa/LC_MESSAGES/screenpop.po",
        "screenpop/web/templates/base.html",
    ):
        assert name in names


def test_the_sdist_has_all_that_make_test_and_the_installation_read(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    for name in (
        "Makefile",
        "requirements.lock",
        "requirements-server.lock",
        "packaging/screenpop.service",
        "asterisk_conf/manager.d/screenpop.conf",
        "pbx_lab/unpacking.py",
        "benchmarks/__main__.py",
        "tests/conftest.py",
        "docs/install.md",
        "docs/images/card-en.png",
    ):
        assert name in names
    assert not [name for name in names if name.startswith((".venv", "demo-data", ".cache"))]


def test_commands_of_an_unpacked_wheel_find_its_files(built: Path, tmp_path: Path) -> None:
    """Without the checkout: from another folder, the wheel alone on the path."""
    wheel = next(built.glob("*.whl"))
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")  # noqa: S202 -- our own
    for command, file in (
        ("asterisk-conf", "manager.d/screenpop.conf"),
        ("service-file", "screenpop.service"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "screenpop.cli", command, "--to", "given"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path / "installed"), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "given" / file).is_file()


def test_the_files_for_asterisk_are_printed_and_never_overwrite(tmp_path: Path) -> None:
    printed = CliRunner().invoke(cli, ["asterisk-conf"]).stdout
    assert "[screenpop]" in printed
    assert "eventfilter" in printed
    to = str(tmp_path / "files")
    assert CliRunner().invoke(cli, ["asterisk-conf", "--to", to]).exit_code == 0
    again = CliRunner().invoke(cli, ["asterisk-conf", "--to", to])
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_the_unit_starts_the_screenpop_of_this_installation() -> None:
    unit = CliRunner().invoke(cli, ["service-file"]).stdout
    assert f"ExecStart={Path(sys.executable).with_name('screenpop')} serve" in unit


@pytest.mark.parametrize("page", PAGES)
def test_every_command_a_page_names_exists_with_its_options(page: str) -> None:
    """``--help`` beside it checks the command and the names of its options, and runs nothing."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    known = set(re.findall(r"│ ([a-z-]+) ", CliRunner().invoke(cli, []).output))
    named = [(name, rest) for name, rest in _NAMED.findall(text) if name in known or "--" in rest]
    assert named or page == "docs/privacy.md"
    for name, rest in named:
        options = [
            word for word in shlex.split(rest.split(" [")[0], posix=True) if word[:2] == "--"
        ]
        helped = CliRunner().invoke(cli, [name, "--help"])
        if name == "user":
            verb = rest.split()[0] if rest.split() else ""
            helped = CliRunner().invoke(cli, [name, verb, "--help"])
        assert helped.exit_code == 0, f"{page}: screenpop {name}{rest}"
        for option in options:
            assert option.split("=")[0] in helped.output, f"{page}: screenpop {name}{rest}"


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_commands_is_shell(page: str) -> None:
    for block in _BLOCK.findall((PROJECT / page).read_text(encoding="utf-8")):
        done = subprocess.run(["sh", "-n"], input=block, capture_output=True, text=True)
        assert done.returncode == 0, (block, done.stderr)


def test_the_installation_uses_the_lock_of_the_server_and_that_lock_has_no_tools_of_tests() -> None:
    page = (PROJECT / "docs/install.md").read_text(encoding="utf-8")
    assert "pip install --require-hashes -r requirements-server.lock" in page
    server, whole = (
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (PROJECT / name).read_text(), re.MULTILINE))
        for name in ("requirements-server.lock", "requirements.lock")
    )
    assert server.items() <= whole.items()
    assert {"fastapi", "asyncpg"} <= server.keys()
    assert not {"pytest", "playwright", "mypy", "ruff"} & server.keys()


@pytest.mark.parametrize(
    ("typed", "is_customer"),
    [
        ("1", True),
        ("1000000", True),
        ("123456789", True),
        ("1234567890", False),
        ("0123", False),
        ("+306912345678", False),
        ("٠٩١٢", False),
        ("691 234", False),
    ],
)
def test_a_customers_number_is_distinguished_from_a_phones(typed: str, is_customer: bool) -> None:
    assert is_customer_number(typed) is is_customer
