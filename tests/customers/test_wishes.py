"""Wishes by subject, and all of them in one line."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.wishes import by_subject, in_one_line

wishes = st.dictionaries(st.sampled_from(["seat", "meals", "other"]), st.text(min_size=1))


@given(wishes)
def test_the_line_of_the_wishes_adds_nothing_to_them(said: dict[str, str]) -> None:
    assert by_subject(said, in_one_line(said)) == said


@given(wishes, st.text())
def test_nothing_that_was_said_is_lost(said: dict[str, str], line: str) -> None:
    both = by_subject(said, line)

    assert line in in_one_line(both)
    assert all(wish in both[subject] for subject, wish in said.items())
    assert by_subject(both, in_one_line(both)) == both
