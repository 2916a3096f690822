"""A command is done once, however often it is asked for."""

from screenpop.delivery.commands import (
    MOST_KEPT,
    MOST_UNDER_WAY,
    CommandMemory,
    Done,
    Fresh,
    TooMany,
    UnderWay,
)
from screenpop.delivery.messages import Result


def test_only_the_first_asking_is_to_be_done() -> None:
    memory = CommandMemory()
    assert memory.ask("c1") == Fresh()
    assert memory.ask("c1") == UnderWay()
    result = Result("c1", ok=True)
    memory.answer(result)
    assert memory.ask("c1") == Done(result)


def test_a_user_cannot_have_more_under_way_than_one_can_mean() -> None:
    memory = CommandMemory()
    for number in range(MOST_UNDER_WAY):
        assert memory.ask(f"c{number}") == Fresh()
    assert memory.ask("one more") == TooMany()
    memory.answer(Result("c0", ok=True))
    assert memory.ask("one more") == Fresh()


def test_only_the_last_results_are_kept() -> None:
    memory = CommandMemory()
    for number in range(MOST_KEPT + 1):
        memory.ask(f"c{number}")
        memory.answer(Result(f"c{number}", ok=True))
    assert memory.ask("c1") == Done(Result("c1", ok=True))
    assert memory.ask("c0") == Fresh()
