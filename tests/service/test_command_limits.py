"""Limits of the commands of a page and of the runner: each at the limit, and one beside it."""

import pytest

from screenpop.calls.events import Correction, StopReason
from screenpop.cards.card import CardId
from screenpop.customers.models import CustomerId
from screenpop.service.commands import (
    DRAFT_FIELDS,
    MAX_NOTE_LENGTH,
    Draft,
    NoteCommand,
    RefusedCommand,
    parse_command,
)
from screenpop.service.identify_caller import Create, Link, understand
from screenpop.service.trace import MOST_STEPS, Trace, trace_change
from tests.service.event_script import Story
from tests.service.runner_under_test import world


@pytest.mark.parametrize(("length", "is_note"), [(9_999, True), (10_000, True), (10_001, False)])
def test_a_note_has_at_most_ten_thousand_characters(length: int, is_note: bool) -> None:
    assert MAX_NOTE_LENGTH == 10_000
    command = parse_command("note", {"card": "c", "text": "x" * length})
    assert isinstance(command, NoteCommand) is is_note


@pytest.mark.parametrize(("length", "is_id"), [(255, True), (256, True), (257, False)])
def test_a_card_is_named_by_at_most_256_characters(length: int, is_id: bool) -> None:
    card = "c" * length
    assert isinstance(parse_command("note", {"card": card, "text": "x"}), NoteCommand) is is_id
    linked = understand("link", {"card": card, "customer": 1})
    assert (linked == Link(CardId(card), CustomerId(1))) is is_id


@pytest.mark.parametrize("form", ["caller", "work"])
def test_a_draft_has_all_five_fields_of_its_form_and_no_other(form: str) -> None:
    fields = dict.fromkeys(DRAFT_FIELDS[form], "x")
    assert len(fields) == 5
    asked = {"card": "c", "draft": fields, "form": form}
    assert parse_command("draft", asked) == Draft(CardId("c"), fields, form)
    more = {**fields, "other": "x"}
    assert not isinstance(parse_command("draft", asked | {"draft": more}), Draft)


@pytest.mark.parametrize(("before", "reason"), [(199, "unreachable"), (200, None), (201, None)])
def test_the_reason_of_a_stop_is_corrected_only_in_a_step_that_was_kept(
    before: int, reason: str | None
) -> None:
    story, trace = Story(), Trace()
    for number in range(before):
        trace.add(float(number), "held")
    stop = story.stops("101", StopReason.NO_ANSWER)
    trace_change(trace, stop, lambda _: None)
    trace.correct((Correction(stop.leg, StopReason.UNREACHABLE, None),))
    assert trace.steps[-1].get("reason") == reason
    assert (trace.steps[-1]["step"] == "more_left_out") is (before >= MOST_STEPS)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("ran_s", "rested_s", "is_due"),
    [
        (0.001, 0.0, False),
        (0.002, 0.0, False),
        (0.0021, 0.0, True),
        (0.0021, 0.0002, True),
        (0.0021, 0.00021, False),
    ],
)
async def test_other_tasks_are_due_after_two_milliseconds_without_a_rest(
    ran_s: float, rested_s: float, is_due: bool
) -> None:
    async with world() as w:
        runner = w.task
        now = 0.0
        runner._loop_time = lambda: now
        runner._turn_began, runner._rested_at = now - ran_s, now - rested_s
        assert runner._had_its_turn() is is_due


@pytest.mark.parametrize("blank", ["", " ", "\u200d", "\u3164\u200c"])
def test_a_caller_is_not_saved_under_a_name_that_shows_nothing(blank: str) -> None:
    args = {"card": "c", "given": blank, "family": "\u200d", "language": "fa"}
    assert understand("create", args) == RefusedCommand("no_name")
    named = understand("create", args | {"family": "کریمی"})
    assert isinstance(named, Create)
    assert named.name.full == "کریمی"
