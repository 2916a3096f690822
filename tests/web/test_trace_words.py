"""Every step of a call's trace has words on the pages, in each language."""

import re
from pathlib import Path

import pytest

from screenpop.calls.events import Direction, Disposition, EndReason, StopReason, TransferKind
from screenpop.cards.card import CardState, MatchKind
from screenpop.customers.match import Sureness
from screenpop.protocol.client_messages import Stage
from screenpop.service.commands import ANSWERS
from screenpop.service.trace import STEPS
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.web.translations import Catalogue, read_catalogues

ROOT = Path(__file__).parents[2]
CATALOGUES = read_catalogues(ROOT / "screenpop/web/locale")
ADDED = re.compile(r"trace\.add\(\s*[^,()]+,\s*\"(\w+)\"")
HOW = re.compile(r"CallerIdKind\.\w+,\s*\"(\w+)\"")
WHY = re.compile(r"Sureness\.\w+, MatchReason\(\"(\w+)\"")
FOUND = re.compile(r"code: (?:pages \? )?\"(\w+)\"|: \"(no_browser)\"|\? \"(\w+)\" : \"(\w+)\"")


def _found(pattern: re.Pattern[str], folder: str) -> set[str]:
    files = (ROOT / "screenpop" / folder).glob("*.py")
    return {code for file in files for code in pattern.findall(file.read_text(encoding="utf-8"))}


def steps() -> set[str]:
    """Every code of a step: of changes, of receipts, and of what the service adds itself."""
    own = _found(ADDED, "service")
    assert {"caller", "matched", "card", "browsers"} <= own
    return {*STEPS, *own, *(stage.value for stage in Stage), "more_left_out"}


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=list(CATALOGUES))
def test_each_step_has_words(catalogue: Catalogue) -> None:
    assert [step for step in sorted(steps()) if not _has_text(catalogue, f"trace.{step}")] == []


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=list(CATALOGUES))
def test_each_coded_value_of_a_step_has_words(catalogue: Catalogue) -> None:
    how = _found(HOW, "telephony")
    why = _found(WHY, "customers")
    assert "withheld_word" in how
    assert "not_on_file" in why
    codes = [
        *(f"direction.{one}" for one in Direction),
        *(f"disposition.{one}" for one in Disposition),
        *(f"end_reason.{one}" for one in EndReason),
        *(f"outcome.{one}" for one in StopReason),
        *(f"transfer_kind.{one}" for one in TransferKind),
        *(f"state.{one}" for one in CardState),
        *(f"sure.{one}" for one in {*MatchKind, *Sureness}),
        *(f"caller_kind.{one}" for one in CallerIdKind),
        *(f"offer_answer.{one}" for one in ANSWERS),
        *(f"how.{one}" for one in how),
        *(f"why_matched.{one}" for one in why),
    ]
    assert [code for code in codes if not _has_text(catalogue, code)] == []


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=list(CATALOGUES))
def test_each_finding_has_words(catalogue: Catalogue) -> None:
    script = (ROOT / "static/js/trace_findings.js").read_text(encoding="utf-8")
    codes = {code for found in FOUND.findall(script) for code in found if code}
    codes -= {"alarm", "good"}
    assert {"nobody_sits", "not_received", "no_browser"} <= codes
    assert [code for code in sorted(codes) if not _has_text(catalogue, f"why.{code}")] == []


def _has_text(catalogue: Catalogue, code: str) -> bool:
    return catalogue.gettext(code) != code
