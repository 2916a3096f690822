"""Checks over the whole repository: documents match the code, nothing foreign is in it."""

import re
import subprocess
from pathlib import Path

import pytest

from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.calls import events

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CODE = re.compile(r"`([^`\n]+)`")
PYTHON_FILE = re.compile(r"[\w./-]*\w\.py\b")
DOTTED = re.compile(r"(?:screenpop\.)?([a-z]\w*(?:\.\w+)+)(?:\(\))?")


def tracked() -> list[Path]:
    """The files git knows; without git, those a release brings."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        return [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = [page.parent / target for target in LINK.findall(page.read_text())]
    assert [t for t in targets if not t.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_python_file_and_module_named_in_a_page_exists(page: Path) -> None:
    missing = []
    for code in CODE.findall(page.read_text()):
        missing += [name for name in PYTHON_FILE.findall(code) if not python_file_exists(name)]
        dotted = DOTTED.fullmatch(code.strip())
        if dotted and not code.endswith(".py") and not dotted_name_exists(dotted[1]):
            missing.append(code)
    assert missing == []


@pytest.mark.parametrize(
    ("name", "exists"),
    [
        ("store.lookup.caller_lookup", True),
        ("asterisk.tracker.CallTracker", True),
        ("asterisk.tracker.CallTrackerOfOld", False),
        ("asterisk.tracking", False),
        ("number_plan.region", True),  # no package of ours: a setting
    ],
)
def test_a_dotted_name_exists_if_its_module_has_it_or_it_is_no_package(
    name: str, exists: bool
) -> None:
    assert dotted_name_exists(name) is exists


def test_a_python_file_is_found_by_a_path_within_the_package_only() -> None:
    assert python_file_exists("screenpop/cards/alerts.py")
    assert python_file_exists("cards/alerts.py")
    assert not python_file_exists("cards/now.py")
    assert not python_file_exists("screenpop/alerts.py")


def python_file_exists(name: str) -> bool:
    """Return whether a path names a file, from the root, from ``screenpop/`` or by its end."""
    if name.startswith(("screenpop/", "tests/", "benchmarks/", "pbx_lab/", "release/")):
        return (ROOT / name).is_file()
    return any(f"/{path.as_posix()}".endswith(f"/{name}") for path in tracked())


def dotted_name_exists(name: str) -> bool:
    """Return whether ``package.module.name`` resolves; True where no package of ours is named."""
    parts = name.split(".")
    root = ROOT if parts[0] in {"benchmarks", "pbx_lab", "release", "tests"} else ROOT / "screenpop"
    if not (root / parts[0]).is_dir():
        return True
    path = root
    for position, part in enumerate(parts):
        if (path / part).is_dir():
            path /= part
            continue
        module = path / f"{part}.py"
        rest = parts[position + 1 :]
        if not module.is_file():
            module, rest = path / "__init__.py", parts[position:]
        text = module.read_text() if module.is_file() else ""
        return not rest or re.search(rf"\b{re.escape(rest[0])}\b", text) is not None
    return True


def test_every_package_is_in_the_plan_of_the_architecture() -> None:
    rooms = [p.parent.name for p in (ROOT / "screenpop").glob("*/__init__.py")]
    assert [package for package in rooms if f"`{package}/`" not in ARCHITECTURE] == []


def test_every_decision_is_one_page_with_context_decision_and_price() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(p.name[:4]) for p in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text()
        assert "**Context.**" in text, page.name
        assert "**Decision.**" in text, page.name
        assert "**What we gave up.**" in text, page.name


def test_the_filter_for_asterisk_lets_every_event_through_that_is_read() -> None:
    conf = (ROOT / "asterisk_conf" / "manager.d" / "screenpop.conf").read_text()
    filters = [line for line in conf.splitlines() if line.startswith("eventfilter = ^Event:")]
    named = set(re.findall(r"\w+", " ".join(f.partition("^Event:")[2] for f in filters)))
    assert WANTED_EVENTS.issubset(named)


def test_every_change_of_a_call_is_a_class_named_by_its_meaning() -> None:
    reported = {c.__name__ for c in events.CallEventBase.__subclasses__()}
    assert all(re.match(r"(Call|Caller|Leg)[A-Z]\w+$", name) for name in reported)


def test_no_address_of_a_package_index_or_mirror_is_in_the_repository() -> None:
    # Written in pieces, or this file would hold what it forbids.
    hosts = [
        "py" + "pi.org",
        "python" + "hosted.org",
        "registry.npm" + "js.org",
        "deb.deb" + "ian.org",
        "ftp.deb" + "ian.org",
    ]
    found = []
    for path in tracked():
        if path.suffix in {".md", ".py", ".toml", ".lock", ".json", ".sh", ".txt", ""}:
            text = path.read_text(errors="replace")
            found += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host in text]
    assert found == []


def test_no_package_and_no_file_above_one_mebibyte_is_in_the_repository() -> None:
    packages = {".whl", ".deb", ".tar", ".gz", ".zip", ".zst"}
    large = [p for p in tracked() if p.suffix in packages or p.stat().st_size > 1 << 20]
    assert [str(path.relative_to(ROOT)) for path in large] == []


def test_nothing_waits_in_a_way_that_can_lose_a_cancellation() -> None:
    """``asyncio.wait_for`` does before Python 3.12, when it comes with the end of the waiting."""
    files = (ROOT / "screenpop").rglob("*.py")
    assert [path.name for path in files if "asyncio.wait_for(" in path.read_text()] == []


MOST_LINES = 400


def test_no_python_file_is_longer_than_four_hundred_lines() -> None:
    """Of the product, the tests, the benchmarks and the lab; migrations stay as they were run."""
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in tracked()
        if path.suffix == ".py" and "migrations" not in path.parts
    }
    assert len(lengths) > 500
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_what_benchmarks_and_fault_tests_share_imports_no_benchmark() -> None:
    files = [
        one for name in ("whole_office", "faults") for one in (ROOT / "tests" / name).iterdir()
    ]
    sources = {one.name: one.read_text() for one in files if one.suffix == ".py"}
    assert "simulated_pbx.py" in sources
    assert [name for name, text in sources.items() if "from benchmarks" in text] == []
