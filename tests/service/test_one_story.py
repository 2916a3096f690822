"""Card, board, log and trace agree on every recorded call: answers and ends of each phone."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import CallRecord, LegOutcome
from screenpop.calls.events import Direction
from screenpop.service.ports import LoggedCall
from tests.asterisk.recordings import PLAIN, WITH_TRUTH, WITHOUT_EVENTS, name_of
from tests.each import each
from tests.service.recorded import AGENT_AT, PHONES_OF_AGENTS, Heard, hear
from tests.service.service_under_test import people

STRANGERS = sorted((Path(__file__).parents[1] / "scenarios" / "strangers").glob("*.ami"))
ALL = [*PLAIN, *WITH_TRUTH, *STRANGERS]
NAMES = {
    agent.id: agent.display_name for agent in people(phones=PHONES_OF_AGENTS).roster.agents.values()
}

# Reason of a card that is no longer rung → outcomes of that agent's legs that allow it.
ALLOWED = {
    "answered_by": {"answered_elsewhere", "no_answer", "cancelled", "unreachable"},
    "picked_up_by": {"answered_elsewhere"},
    "caller_gave_up": {"cancelled", "answered_elsewhere"},
    "not_answered": {"no_answer"},
    "voicemail": {"no_answer", "cancelled", "answered_elsewhere"},
    "consultation_ended": {"cancelled"},
    "busy": {"busy"},
    "declined": {"declined"},
    "unreachable": {"unreachable"},
    "forwarded_to": {"forwarded"},
}


def display_name_at(entry: CallRecord, phone: str) -> str:
    agent = AGENT_AT.get(phone)
    legs = [leg.dialled for leg in entry.legs if leg.endpoint == phone and leg.dialled]
    return legs[-1] if legs else NAMES[agent] if agent is not None else phone  # type: ignore[index]


def last_views(heard: Heard) -> dict[str, dict[str, Any]]:
    views: dict[str, dict[str, Any]] = {}
    for update in heard.office.published:
        if update.kind == "call":
            view = orjson.loads(update.payload)
            views[view["call"]] = view
    return views


@pytest.mark.slow
@each(ALL, name_of)
def test_the_board_names_the_same_answering_agent_as_the_log(path: Path) -> None:
    heard = hear(path)
    views = last_views(heard)
    assert heard.office.kept or path.stem in WITHOUT_EVENTS
    for record in heard.office.kept:
        entry, view = record.entry, views[record.entry.call]
        assert view["answered_by"] == [display_name_at(entry, phone) for phone in entry.answered_by]
        assert entry.disposition is not None
        assert view["disposition"] == entry.disposition.value
        assert view["queue"] or not entry.queue


@pytest.mark.slow
@each(ALL, name_of)
def test_the_last_card_of_each_agent_agrees_with_the_log(path: Path) -> None:
    heard = hear(path)
    for record in heard.office.kept:
        for user, cards in heard.seen.get(record.entry.call, {}).items():
            shown = [
                c for c in cards if c["state"] not in {"ringing", "talking", "held", "dialling"}
            ]
            if shown:
                agrees(record, user, shown[0] if shown[0]["state"] != "elsewhere" else shown[-1])


def agrees(record: LoggedCall, user: UserId, card: dict[str, Any]) -> None:
    entry = record.entry
    mine = [leg for leg in entry.legs if AGENT_AT.get(leg.endpoint) == user]
    reason = card["reason"] or {"code": "", "params": {}}
    if reason["code"] in {"answered_by", "picked_up_by"}:
        assert reason["params"]["name"] in [
            display_name_at(entry, phone) for phone in entry.answered_by
        ]
    if entry.direction is Direction.OUTBOUND and record.dialled_from in PHONES_OF_AGENTS[user]:
        return
    if reason["code"] in ALLOWED:
        outcomes = {leg.outcome.value for leg in mine}
        assert outcomes & ALLOWED[reason["code"]], (reason, outcomes)
    if card["state"] == "wrap_up":
        assert LegOutcome.ANSWERED in {leg.outcome for leg in mine}


@pytest.mark.slow
@each(ALL, name_of)
def test_the_trace_has_the_stop_reason_of_each_phone_as_the_log_does(path: Path) -> None:
    for record in hear(path).office.kept:
        stopped = {
            (step["endpoint"], step["reason"]) for step in record.trace if step["step"] == "stopped"
        }
        outcomes = {
            (leg.dialled or leg.endpoint, leg.outcome.value)
            for leg in record.entry.legs
            if leg.outcome is not LegOutcome.ANSWERED
        }
        assert outcomes == stopped
