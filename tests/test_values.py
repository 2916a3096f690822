"""``screenpop.values`` promises a frozen dataclass, but for what the type checker holds."""

import copy
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.calls.changes import CallerShown
from screenpop.values import dataclass


@dataclass(frozen=True, slots=True)
class Quick:
    number: int
    words: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    number: int
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Open:
    number: int


@given(st.integers(), st.tuples(st.text()), st.integers())
def test_it_is_equal_and_hashes_as_a_frozen_one(
    number: int, words: tuple[str, ...], other: int
) -> None:
    quick, frozen = Quick(number, words), Frozen(number, words)
    assert hash(quick) == hash(frozen)
    assert (quick == Quick(other, words)) is (frozen == Frozen(other, words))
    assert dataclasses.replace(quick, number=other) == Quick(other, words)
    assert copy.copy(quick) == quick


def test_nothing_can_be_hung_onto_it() -> None:
    with pytest.raises(AttributeError):
        Quick(1).nonsense = 2  # type: ignore[attr-defined]
    assert not hasattr(CallerShown("1"), "__dict__")


def test_what_may_change_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open(1))


def test_a_list_among_the_fields_is_told_as_ever() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Quick(1, [2]))  # type: ignore[arg-type]
