"""A command is done once, however often it is asked for."""

from screenpop.protocol.command_dedup import (
    MAX_KEPT_RESULTS,
    MAX_PENDING,
    CommandDedup,
    Completed,
    NewCommand,
    Pending,
    TooManyPending,
)
from screenpop.protocol.server_messages import Result


def test_only_the_first_asking_is_to_be_done() -> None:
    memory = CommandDedup()
    assert memory.ask("c1") == NewCommand()
    assert memory.ask("c1") == Pending()
    result = Result("c1", ok=True)
    memory.answer(result)
    assert memory.ask("c1") == Completed(result)


def test_a_user_cannot_have_more_under_way_than_one_can_mean() -> None:
    memory = CommandDedup()
    for number in range(MAX_PENDING):
        assert memory.ask(f"c{number}") == NewCommand()
    assert memory.ask("one more") == TooManyPending()
    memory.answer(Result("c0", ok=True))
    assert memory.ask("one more") == NewCommand()


def test_only_the_last_results_are_kept() -> None:
    memory = CommandDedup()
    for number in range(MAX_KEPT_RESULTS + 1):
        memory.ask(f"c{number}")
        memory.answer(Result(f"c{number}", ok=True))
    assert memory.ask("c1") == Completed(Result("c1", ok=True))
    assert memory.ask("c0") == NewCommand()
