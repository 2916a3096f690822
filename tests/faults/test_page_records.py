"""Each kind of problem is found, and none in a stream that is right."""

from typing import Any

import pytest

from tests.faults.page_records import PageState, Received, problems_in

Message = dict[str, Any]
PHONES = {"maryam": ("101",)}


def snapshot(seq: int, *cards: Message, epoch: str = "e") -> list[Message]:
    return [
        {"type": "welcome", "mode": "snapshot", "epoch": epoch, "seq": seq},
        {"type": "snapshot", "epoch": epoch, "seq": seq, "cards": list(cards), "calls": []},
    ]


def shown(rev: int = 1, phone: str = "101", state: str = "ringing") -> Message:
    return {"id": "c", "rev": rev, "state": state, "legs": [{"endpoint": phone}]}


def card(seq: int, rev: int = 1, *, gone: bool = False, **more: str) -> Message:
    whole = {"type": "card", "epoch": "e", "seq": seq, "card": shown(rev, **more)}
    return {**whole, "gone": True} if gone else whole


def call(seq: int, *, gone: bool = False) -> Message:
    return {"type": "call", "epoch": "e", "seq": seq, "gone": gone, "call": {"id": "k"}}


RESUMED = {"type": "welcome", "mode": "resumed", "epoch": "e", "seq": 9}


@pytest.mark.parametrize(
    ("messages", "kinds"),
    [
        ([*snapshot(4), card(5), card(6, 2), RESUMED, card(7, 3, gone=True)], set()),
        ([*snapshot(4), card(5, gone=True), card(6, 2)], set()),
        ([*snapshot(4), *snapshot(9, shown(3))], set()),
        ([*snapshot(4), card(6)], {"lost"}),
        ([*snapshot(4), card(5), card(5)], {"double"}),
        ([*snapshot(4, epoch="other"), card(5)], {"lost"}),
        ([*snapshot(4, epoch="other"), RESUMED], {"lost"}),
        ([RESUMED], {"lost"}),
        ([*snapshot(4), card(5, phone="102")], {"foreign"}),
        (snapshot(4, shown(phone="102")), {"foreign"}),
        ([*snapshot(4), card(5, 2), card(6, 1)], {"back"}),
        ([*snapshot(4), card(5, gone=True), card(6, 2, state="talking")], {"back"}),
        ([*snapshot(4), call(5, gone=True), call(6)], {"back"}),
    ],
)
def test_a_problem_of_one_page_is_found(messages: list[Message], kinds: set[str]) -> None:
    received = [Received("page", "maryam", message) for message in messages]
    assert problems_in(received, PHONES).keys() == kinds


def test_two_messages_under_one_number_of_a_user_are_different() -> None:
    first = [Received("first", "maryam", message) for message in [*snapshot(4), card(5)]]
    second = [Received("second", "maryam", message) for message in [*snapshot(4), card(5, 2)]]
    other = [Received("other", "sara", message) for message in [*snapshot(4), card(5, 2)]]
    assert problems_in(first + second, PHONES).keys() == {"different"}
    assert problems_in(first + other, PHONES) == {}


def test_a_page_that_missed_the_last_message_differs_from_a_fresh_one() -> None:
    old, fresh = PageState(), PageState()
    for message in [*snapshot(4), card(5)]:
        old.take(message)
    for message in snapshot(5, shown()):
        fresh.take(message)
    assert old.differs_from(fresh) == ""
    old.take(card(6, gone=True))
    assert "at" in old.differs_from(fresh)
    fresh.take(card(6, gone=True))
    assert (old.cards, old.differs_from(fresh)) == ({}, "")
