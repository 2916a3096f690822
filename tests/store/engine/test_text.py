"""Text from outside on its way into the database."""

import json

import orjson
from hypothesis import given
from hypothesis import strategies as st

from screenpop.store.engine.text import clean_for_database, to_json

anything = st.text(st.characters(categories=None) | st.sampled_from("\0\ud800\udfff𝄞"))


@given(anything)
def test_clean_text_can_be_written_anywhere_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_for_database(text)

    once.encode()
    assert "\0" not in once
    assert clean_for_database(once) == once


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_what_needs_no_mending_stays_as_it_is(text: str) -> None:
    assert clean_for_database(text) == text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_any_value_becomes_json_that_can_be_read_back(value: object) -> None:
    text = to_json(value)

    text.encode()
    json.loads(text)


def test_plain_values_come_back_equal() -> None:
    trace = [{"at": 1.5, "step": "matched", "agent": 3, "name": "لاله"}]

    assert orjson.loads(to_json(trace)) == trace
