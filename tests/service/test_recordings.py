"""Every recorded call, through the tracker onto the screens: whose card came, and that it left."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.recordings import PLAIN, WITH_TRUTH, name_of
from tests.each import each
from tests.service.recorded import hear, truth_of

_ON = {"ringing", "talking", "held", "dialling"}


@each(WITH_TRUTH, name_of)
def test_every_rung_agent_had_a_card_and_no_other_agent_did(path: Path) -> None:
    heard, truth = hear(path), truth_of(path)
    assert truth.rang <= heard.holders()
    assert heard.holders() <= truth.reached


@pytest.mark.slow
@each([*PLAIN, *WITH_TRUTH], name_of)
def test_no_card_rings_or_talks_once_the_calls_are_over(path: Path) -> None:
    office = hear(path).office
    left = [card["state"] for cards in office.screens.values() for card in cards.values()]
    assert not _ON & {str(state) for state in left}
    assert office.board == {}
    assert office.screen_pop.calls == 0


@each(WITH_TRUTH, name_of)
def test_each_call_is_kept_once(path: Path) -> None:
    kept = Counter(record.entry.call for record in hear(path).office.kept)
    assert set(kept.values()) <= {1}
    assert len(kept) == truth_of(path).calls


@pytest.mark.slow
@each(WITH_TRUTH, name_of)
def test_a_card_that_left_comes_back_only_when_the_phone_rings_anew(path: Path) -> None:
    for cards in (cards for call in hear(path).seen.values() for cards in call.values()):
        for before, after in pairwise(cards):
            if before["state"] == "gone":
                assert after["state"] == "ringing"
            if _caller_is_gone(before):
                assert _caller_is_gone(after) or after["state"] in {"ringing", "gone"}


def _caller_is_gone(card: dict[str, Any]) -> bool:
    return card["reason"] is not None and card["reason"]["code"] == "caller_gave_up"
