"""A colleague asks for an agent while a caller waits: by the phone (REFER) or by ``*2``."""

from pathlib import Path
from typing import Any

import pytest

from screenpop.calls.events import StopReason
from screenpop.simulator.replay_report import replay_changes
from screenpop.telephony.identifiers import CallId
from tests.asterisk.recordings import SCENARIOS, phones_of
from tests.service.event_script import Story
from tests.service.recorded import Heard, hear
from tests.service.service_under_test import ELENI, MARYAM, Office

STRANGER = SCENARIOS / "strangers" / "feature_code_consultation_broken_off.ami"


def lab(version: str, name: str) -> Path:
    return SCENARIOS / "lab" / version / f"{name}.ami"


def first_card_of_eleni(heard: Heard) -> dict[str, Any]:
    return next(card for card in heard.cards(ELENI) if card["state"] == "ringing")


def whose_it_is(card: dict[str, Any]) -> dict[str, Any]:
    """What an agent reads before picking up; not when and how long."""
    transfer = {**card["transfer"], "talked_s": card["transfer"]["talked_s"] is not None}
    names = ("state", "direction", "match", "match_reason", "person", "caller", "line", "trips")
    card = {**card, "line": {**card["line"], "waited_s": None}}
    return {**{name: card[name] for name in names}, "transfer": transfer}


@pytest.mark.parametrize("version", ["16", "22"])
def test_refer_and_feature_code_give_the_same_card(version: str) -> None:
    by_phone = first_card_of_eleni(hear(lab(version, "attended_transfer_refer")))
    by_code = first_card_of_eleni(hear(lab(version, "attended_transfer_feature_code")))
    assert whose_it_is(by_phone) == whose_it_is(by_code)
    assert by_code["transfer"]["origin"] == "Maryam"
    assert by_code["caller"]["display"]


@pytest.mark.parametrize(
    "path",
    [
        *(lab(v, "attended_transfer_broken_off") for v in ("16", "22")),
        *(lab(v, "consultation_broken_off") for v in ("16", "22")),
        STRANGER,
    ],
    ids=str,
)
def test_a_consultation_broken_off_is_a_missed_call_of_no_agent(path: Path) -> None:
    cards = hear(path).cards(ELENI)
    assert [card["state"] for card in cards] == ["ringing", "gone"]
    assert cards[0]["transfer"]["origin"] == "Maryam"
    assert cards[-1]["reason"] == {"code": "consultation_ended", "params": {"name": "Maryam"}}
    assert "missed" not in {card["state"] for card in hear(path).cards(MARYAM)}


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize(
    "name", ["attended_transfer_to_queue_ringing", "attended_transfer_feature_code_to_queue"]
)
def test_a_queue_entered_by_an_attended_transfer_stays_with_the_card_and_the_row(
    version: str, name: str
) -> None:
    heard = hear(lab(version, name))
    (entry,) = [r.entry for r in heard.office.kept if r.entry.direction == "inbound"]
    assert entry.queue == "702"
    assert [(t.origin, t.target) for t in entry.transfers] == [("102", "702")]
    assert entry.answered_by == ("102", "101")
    talking = [card for card in heard.cards(MARYAM) if card["state"] == "talking"]
    assert {(c["line"]["queue"], c["transfer"]["origin"]) for c in talking} == {("702", "Eleni")}


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_queue_asked_in_a_consultation_that_is_broken_off_is_not_the_customers(
    version: str,
) -> None:
    """The same recording without its end: the transfer never came."""
    path = lab(version, "attended_transfer_feature_code_to_queue")
    blocks = path.read_bytes().split(b"\r\n\r\n")
    kept = [block for block in blocks if b"Event: AttendedTransfer" not in block]
    rows = [
        r for r in replay_changes([b"\r\n\r\n".join(kept)], phones_of(path)) if r["kind"] == "row"
    ]
    assert [(row["queue"], row["transfers"]) for row in rows] == [(None, [])]


def test_a_caller_changing_after_a_consultation_ended_forgets_it_once() -> None:
    office = Office()
    caller, consultation = Story(CallId("1.1")), Story(CallId("2.1"))
    office.handles(caller.arrives(), caller.rings("101"), caller.answers("101"))
    office.handles(consultation.calls_colleague("101", "102"), consultation.rings("102"))
    office.handles(consultation.stops("102", StopReason.CANCELLED), consultation.ends())
    assert office.screen_pop.calls == 1

    pbx = caller.arrives().pbx
    office.does(
        lambda screen_pop: screen_pop.note_changed(pbx, caller.call, MARYAM, "wants a visa")
    )

    assert office.card(MARYAM)["note"] == "wants a visa"
    assert office.sees_nothing(ELENI)
    assert office.screen_pop.calls == 1
