from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.asterisk import action_list
from screenpop.asterisk.action_list import (
    ActionListCollector,
    CompleteList,
    ListFailure,
    ListProblem,
)
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage

SCENARIOS = Path(__file__).parent.parent / "scenarios"
ID = "me-1"


def message(**fields: str) -> AmiMessage:
    return AmiMessage({"ActionID": ID, **fields})


START = message(Response="Success", EventList="start")


def item(number: int) -> AmiMessage:
    return message(Event="CoreShowChannel", Uniqueid=str(number))


def complete(count: object) -> AmiMessage:
    return message(Event="CoreShowChannelsComplete", EventList="Complete", ListItems=str(count))


def answered(*messages: AmiMessage) -> ActionListCollector:
    answer = ActionListCollector(ID)
    for each in messages:
        assert answer.take(each)
    return answer


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize(
    ("action", "events"),
    [
        ("CoreShowChannels", ["CoreShowChannel"] * 3),
        ("BridgeList", []),
    ],
)
def test_a_recorded_list_is_complete(version: str, action: str, events: list[str]) -> None:
    data = (SCENARIOS / version / "resync_at_queue_ringing.ami").read_bytes()
    answer = ActionListCollector(f"rs-{action}")
    for each in AmiFramer(None).feed(data):
        answer.take(each)
    assert isinstance(answer.outcome, CompleteList)
    assert [each.event for each in answer.outcome.items] == events


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_recorded_queue_status_has_params_members_and_entries(version: str) -> None:
    data = (SCENARIOS / version / "resync_at_queue_ringing.ami").read_bytes()
    answer = ActionListCollector("rs-QueueStatus")
    for each in AmiFramer(None).feed(data):
        answer.take(each)
    assert isinstance(answer.outcome, CompleteList)
    assert {each.event for each in answer.outcome.items} == {
        "QueueParams",
        "QueueMember",
        "QueueEntry",
    }


@given(st.integers(0, 20))
def test_the_right_count_makes_a_complete_list_in_order(count: int) -> None:
    items = [item(number) for number in range(count)]
    answer = answered(START, *items)
    assert answer.outcome is None
    answer.take(complete(count))
    assert answer.outcome == CompleteList(tuple(items))


@given(st.integers(0, 9), st.one_of(st.integers(0, 20), st.sampled_from(["", "-1", "x", "²"])))
def test_any_other_count_is_incomplete(arrived: int, announced: int | str) -> None:
    answer = answered(START, *[item(number) for number in range(arrived)], complete(announced))
    if announced == arrived:
        assert isinstance(answer.outcome, CompleteList)
    else:
        expected = announced if isinstance(announced, int) else None
        assert answer.outcome == ListProblem(ListFailure.INCOMPLETE, "", expected, arrived)


def test_a_refusal_keeps_the_words_of_the_pbx() -> None:
    answer = answered(message(Response="Error", Message="Permission denied"))
    assert answer.outcome == ListProblem(ListFailure.REFUSED, "Permission denied")
    assert answer.over


def test_a_cancelled_list_is_no_list() -> None:
    closing = message(Event="QueueStatusComplete", EventList="Cancelled", ListItems="1")
    answer = answered(START, item(1), closing)
    assert answer.outcome == ListProblem(ListFailure.CANCELLED, "", None, 1)


def test_a_success_without_a_list_is_no_list() -> None:
    answer = answered(message(Response="Success", Message="Done"))
    assert answer.outcome == ListProblem(ListFailure.NOT_A_LIST, "Done")


def test_a_list_without_its_beginning_is_incomplete() -> None:
    answer = answered(item(1), complete(1))
    assert isinstance(answer.outcome, ListProblem)


def test_messages_of_others_are_left_alone() -> None:
    answer = ActionListCollector(ID)
    assert not answer.take(AmiMessage({"Event": "Hangup"}))
    assert not answer.take(AmiMessage({"Response": "Success", "ActionID": "me-10"}))
    assert not answer.begun


def test_what_comes_after_the_end_changes_nothing() -> None:
    answer = answered(START, complete(0), item(1), complete(7))
    assert answer.outcome == CompleteList(())


def test_a_list_given_up_takes_the_rest_and_keeps_nothing() -> None:
    answer = answered(START, item(1))
    answer.give_up()
    assert answer.outcome == ListProblem(ListFailure.INCOMPLETE, "", None, 1)
    assert answer.take(item(2))
    assert not answer.over
    assert answer.take(complete(2))
    assert answer.over
    assert answer.outcome == ListProblem(ListFailure.INCOMPLETE, "", None, 1)


def test_an_endless_list_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_list, "MAX_LIST_ITEMS", 5)
    answer = answered(START, *[item(number) for number in range(6)])
    assert answer.outcome == ListProblem(ListFailure.INCOMPLETE, "", None, 6)
