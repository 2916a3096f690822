"""A command is done once, however often it is asked for."""

import orjson
import pytest

from screenpop.protocol.command_dedup import (
    MAX_KEPT_BYTES,
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


def result_of(number: int, size: int) -> Result:
    """A result of this many bytes as it is kept."""
    bare = Result(f"c{number:03}", ok=True, value={"text": ""})
    return Result(bare.id, ok=True, value={"text": "x" * (size - len(orjson.dumps(bare)))})


@pytest.mark.parametrize(("more", "first_is_kept"), [(0, True), (1, False)])
def test_large_results_are_kept_up_to_a_size_together(more: int, first_is_kept: bool) -> None:
    memory, count = CommandDedup(), MAX_PENDING * 2
    size = MAX_KEPT_BYTES // count
    for number in range(count):
        memory.answer(result_of(number, size + (more if number == count - 1 else 0)))
    assert isinstance(memory.ask("c000"), Completed) is first_is_kept
    assert memory.ask("c001") == Completed(result_of(1, size))


def test_as_many_results_as_commands_can_wait_are_kept_whatever_their_size() -> None:
    memory = CommandDedup()
    for number in range(MAX_PENDING + 1):
        memory.answer(result_of(number, MAX_KEPT_BYTES))
    kept = [
        number for number in range(MAX_PENDING + 1) if memory.ask(f"c{number:03}") != NewCommand()
    ]
    assert kept == list(range(1, MAX_PENDING + 1))
