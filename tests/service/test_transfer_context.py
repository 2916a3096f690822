"""The card follows the call: what its next agent sees before pickup."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from screenpop.calls.events import CallerInfo, EndReason, TransferKind
from screenpop.service.effects import LogNote
from screenpop.telephony.identifiers import CallId, Endpoint
from tests.asterisk.recordings import SCENARIOS, name_of
from tests.each import each
from tests.service.event_script import DID, Story
from tests.service.recorded import hear
from tests.service.service_under_test import ELENI, LALEH, MARYAM, NIKOS, Office


def consultation() -> Story:
    return Story(CallId("consult"), at=1_795_315_100.0, caller=CallerInfo("101"))


def talking_to_maryam() -> tuple[Office, Story]:
    office, story = Office(), Story()
    office.handles(story.arrives(), story.queues("sales"), story.rings("101", queue="sales"))
    office.handles(story.answers("101"))
    office.asks(MARYAM, "note", card=office.card(MARYAM)["id"], text="wants a refund")
    return office, story


def test_a_consulted_colleague_sees_before_pickup_the_caller_it_is_about() -> None:
    office, story = talking_to_maryam()
    office.handles(story.holds("101"))
    asked = consultation()
    office.handles(asked.calls_colleague("101", "102"), asked.rings("102"))
    card = office.card(ELENI)
    assert card["state"] == "ringing"
    assert card["person"]["id"] == 7  # type: ignore[index]
    assert card["caller"]["e164"] == LALEH  # type: ignore[index]
    assert card["line"]["did"] == DID  # type: ignore[index]
    assert card["line"]["queue"] == "sales"  # type: ignore[index]
    transfer = card["transfer"]
    assert isinstance(transfer, dict)
    assert (transfer["origin"], transfer["note"]) == ("Maryam", "wants a refund")
    assert transfer["talked_s"] == pytest.approx(87, abs=1)


def test_a_note_written_while_the_colleague_rings_reaches_them() -> None:
    office, _ = talking_to_maryam()
    asked = consultation()
    office.handles(asked.calls_colleague("101", "102"), asked.rings("102"))
    office.asks(MARYAM, "note", card=office.card(MARYAM)["id"], text="and is in a hurry")
    assert office.card(ELENI)["transfer"]["note"] == "and is in a hurry"  # type: ignore[index]


def test_a_colleague_ringing_without_a_consulted_call_is_just_a_colleague() -> None:
    office, story = talking_to_maryam()
    office.handles(story.hangs_up("101"), story.ends())
    asked = consultation()
    office.handles(asked.calls_colleague("101", "102"), asked.rings("102"))
    card = office.card(ELENI)
    assert (card["match"], card["person"], card["transfer"]) == ("colleague", None, None)


def test_a_consultation_is_kept_as_the_internal_call_it_was() -> None:
    office, _ = talking_to_maryam()
    asked = consultation()
    office.handles(asked.calls_colleague("101", "102"), asked.rings("102"), asked.answers("102"))
    office.handles(asked.hangs_up("102"), asked.ends())
    (record,) = office.kept
    assert (record.entry.direction.value, record.customer) == ("internal", None)


def test_what_was_noted_in_the_consultation_goes_with_the_caller() -> None:
    office, story = talking_to_maryam()
    asked = consultation()
    office.handles(asked.calls_colleague("101", "102"), asked.rings("102"), asked.answers("102"))
    consulted = office.card(ELENI)["id"]
    office.asks(ELENI, "note", card=consulted, text="knows the hotel")
    office.handles(story.rings("102"), story.answers("102"))
    merged = asked.ends(None, EndReason.MERGED)
    office.handles(
        replace(merged, into=story.call),
        story.passes_on("101", "102", TransferKind.ATTENDED),
        story.hangs_up("101"),
    )
    assert office.card(ELENI)["note"] == "knows the hotel"
    kept = [one for one in office.effects if isinstance(one, LogNote) and one.agent == ELENI]
    assert (kept[-1].call, kept[-1].text) == (story.call, "knows the hotel")


def test_an_announced_transfer_leaves_one_card_to_talk_with_and_one_for_notes() -> None:
    office, story = talking_to_maryam()
    asked = consultation()
    office.handles(asked.calls_colleague("101", "102"), asked.rings("102"), asked.answers("102"))
    office.handles(
        asked.ends(None, EndReason.MERGED),
        story.passes_on("101", "102", TransferKind.ATTENDED),
        story.hangs_up("101"),
        story.rings("102"),
        story.answers("102"),
    )
    assert office.card(ELENI)["state"] == "talking"
    assert office.card(ELENI)["transfer"]["origin"] == "Maryam"  # type: ignore[index]
    assert office.card(MARYAM)["state"] == "wrap_up"
    assert office.card(MARYAM)["reason"]["params"] == {"name": "Eleni"}  # type: ignore[index]


def test_a_call_sent_on_to_a_second_queue_names_the_queue_it_came_by() -> None:
    office, story = talking_to_maryam()
    office.handles(
        story.passes_on("101", "support"),
        story.hangs_up("101"),
        story.queues("support"),
        story.rings("103", queue="support"),
    )
    card = office.card(NIKOS)
    assert card["line"]["queue"] == "support"  # type: ignore[index]
    assert card["transfer"]["queue"] == "sales"  # type: ignore[index]


def test_a_withheld_number_is_in_no_step_of_the_trace() -> None:
    office = Office()
    story = Story(caller=CallerInfo(LALEH, "Laleh"))
    office.handles(story.arrives())
    withheld = Story(story.call, at=story.at, caller=CallerInfo(LALEH, "", withheld=True))
    office.handles(withheld.rings("101"), withheld.ends())
    (record,) = office.kept
    assert b"9123456789" not in orjson.dumps(record.trace)


_LAB = SCENARIOS / "lab" / "22"


def test_a_queue_that_tries_again_and_again_leaves_one_missed_call() -> None:
    heard = hear(_LAB / "freepbx_queue_rings_again.ami")
    assert [card["state"] for card in heard.office.screens[MARYAM].values()] == ["missed"]
    assert len(heard.office.kept) == 1


def test_a_call_to_two_devices_of_one_agent_is_one_card() -> None:
    heard = hear(_LAB / "freepbx_two_devices.ami")
    assert len({card["id"] for card in heard.cards(MARYAM)}) == 1
    assert {leg["endpoint"] for leg in heard.cards(MARYAM)[-1]["legs"]} == {"101", "99101"}


def test_dialling_out_shows_the_called_customer_from_the_first_moment() -> None:
    first = hear(_LAB / "freepbx_outbound_answered.ami").cards(MARYAM)[0]
    assert (first["state"], first["match"]) == ("dialling", "certain")


def test_a_call_between_colleagues_has_no_customer_and_is_kept() -> None:
    heard = hear(_LAB / "internal_answered.ami")
    assert {card["match"] for card in heard.cards(ELENI)} == {"colleague"}
    (record,) = heard.office.kept
    assert (record.entry.direction.value, record.customer) == ("internal", None)


_TRANSFERS = (
    "blind_transfer_refer",
    "blind_transfer_ami",
    "blind_transfer_feature_code",
    "redirect_ami",
    "attended_transfer_refer",
    "attended_transfer_refer_other_leg",
    "attended_transfer_feature_code",
    "attended_transfer_ami",
    "attended_transfer_while_ringing",
    "queue_blind_transfer_refer",
    "queue_attended_transfer_refer",
    "chan_sip_blind_transfer_refer",
    "chan_sip_attended_transfer_refer",
)
RECORDED_TRANSFERS = sorted(
    path for path in (SCENARIOS / "lab").glob("*/*.ami") if path.stem in _TRANSFERS
)


def test_every_kind_of_transfer_is_among_the_recordings() -> None:
    assert {path.stem for path in RECORDED_TRANSFERS} == set(_TRANSFERS)


@each(RECORDED_TRANSFERS, name_of)
def test_the_target_of_a_recorded_transfer_sees_the_caller_before_pickup(path: Path) -> None:
    heard = hear(path)
    before_pickup = [card for card in heard.cards(ELENI) if card["state"] == "ringing"][-1]
    assert before_pickup["caller"]["e164"] == LALEH
    assert before_pickup["match"] == "certain"
    assert before_pickup["line"]["did"] == heard.cards(MARYAM)[0]["line"]["did"] != ""
    transfer = before_pickup["transfer"]
    assert transfer["origin"] == "Maryam"
    assert transfer["talked_s"] > 0
    first_queue = heard.cards(MARYAM)[0]["line"]["queue"]
    assert transfer["queue"] == first_queue


@each(RECORDED_TRANSFERS, name_of)
def test_the_agent_transferring_a_recorded_call_keeps_a_card_for_notes(path: Path) -> None:
    card = hear(path).cards(MARYAM)[-1]
    assert card["state"] == "wrap_up"
    assert card["reason"] == {"code": "transferred_to", "params": {"name": "Eleni"}}


_FORWARDED = sorted((SCENARIOS / "lab").glob("*/forward_302_to_agent.ami"))


@each(_FORWARDED, name_of)
def test_the_target_of_a_forwarded_call_sees_before_pickup_the_forwarding_phone(path: Path) -> None:
    heard = hear(path)
    ringing = [card for card in heard.cards(ELENI) if card["state"] == "ringing"]
    assert ringing[0]["match"] == "certain"
    assert ringing[0]["transfer"] == {
        "origin": "Maryam",
        "kind": "forward",
        "talked_s": None,
        "note": "",
        "queue": "",
    }
    left = heard.cards(MARYAM)[-1]
    assert (left["state"], left["reason"]) == (
        "gone",
        {"code": "forwarded_to", "params": {"target": "Eleni"}},
    )


@pytest.mark.parametrize("version", ["16", "22"])
def test_an_agent_forwarding_to_a_mobile_sees_its_number(version: str) -> None:
    left = hear(SCENARIOS / "lab" / version / "forward_302_to_mobile.ami").cards(MARYAM)[-1]
    assert left["reason"] == {"code": "forwarded_to", "params": {"target": "09121112233"}}


def test_a_transfer_to_a_phone_that_forwards_still_names_the_previous_agent() -> None:
    office, story = talking_to_maryam()
    office.handles(story.passes_on("101", "103"), story.hangs_up("101"), story.rings("103"))
    forwarded = replace(story.rings("102"), forwarded_from=Endpoint("103"))
    office.handles(story.forwards("103", "102"), forwarded)
    transfer = office.card(ELENI)["transfer"]
    assert isinstance(transfer, dict)
    assert (transfer["origin"], transfer["note"]) == ("Maryam", "wants a refund")
