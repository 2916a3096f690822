"""Wishes by subject, and all of them in one line."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.preferences import join_preferences, preferences_by_subject

wishes = st.dictionaries(st.sampled_from(["seat", "meals", "other"]), st.text(min_size=1))


@given(wishes)
def test_the_line_of_the_wishes_adds_nothing_to_them(wishes_given: dict[str, str]) -> None:
    assert preferences_by_subject(wishes_given, join_preferences(wishes_given)) == wishes_given


@given(wishes, st.text())
def test_no_line_of_the_preferences_is_lost(wishes_given: dict[str, str], line: str) -> None:
    both = preferences_by_subject(wishes_given, line)

    assert line in join_preferences(both)
    assert all(wish in both[subject] for subject, wish in wishes_given.items())
    assert preferences_by_subject(both, join_preferences(both)) == both
