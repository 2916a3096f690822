"""What holds for the whole house: documents that tell the truth, and nothing foreign in it."""

import re
import subprocess
from pathlib import Path

import pytest

from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.calls import events

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


def tracked() -> list[Path]:
    """The files git knows; without git, those a release brings."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        return [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize(
    "page", sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]), ids=lambda p: p.name
)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = [page.parent / target for target in LINK.findall(page.read_text())]
    assert [t for t in targets if not t.exists()] == []


def test_every_room_stands_in_the_plan_of_the_house() -> None:
    rooms = [p.parent.name for p in (ROOT / "screenpop").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}/`" not in ARCHITECTURE] == []


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


def test_every_change_of_a_call_is_a_class_that_says_what_it_means_by_its_name() -> None:
    told = {c.__name__ for c in events.CallEventBase.__subclasses__()}
    assert all(re.match(r"(Call|Caller|Leg)[A-Z]\w+$", name) for name in told)


def test_no_address_of_a_package_index_or_mirror_stands_in_the_repository() -> None:
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


def test_nothing_waits_in_a_way_that_can_lose_a_cancellation() -> None:
    """``asyncio.wait_for`` does before Python 3.12, when it comes with the end of the waiting."""
    files = (ROOT / "screenpop").rglob("*.py")
    assert [path.name for path in files if "asyncio.wait_for(" in path.read_text()] == []
