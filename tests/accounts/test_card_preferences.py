"""How a user wants cards to open, sound and look."""

from dataclasses import fields
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.accounts.card_preferences import CardPreferences, Density, OpensOn, RingSound

DEFAULT = CardPreferences()
NAMES = [field.name for field in fields(CardPreferences)]

preferences = st.builds(
    CardPreferences,
    incoming=st.sampled_from(OpensOn),
    outgoing=st.sampled_from(OpensOn),
    vip_sound=st.sampled_from(RingSound),
    known_sound=st.sampled_from(RingSound),
    unknown_sound=st.sampled_from(RingSound),
    density=st.sampled_from(Density),
)


@given(preferences)
def test_stored_preferences_are_read_as_they_were(chosen: CardPreferences) -> None:
    assert CardPreferences.from_json(chosen.to_json()) == chosen


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(), st.none() | st.text() | st.integers()))
def test_unknown_values_are_the_default(values: dict[str, object]) -> None:
    read = CardPreferences.from_mapping(values)
    for name in NAMES:
        codes: type[StrEnum] = type(getattr(DEFAULT, name))
        if values.get(name) not in [code.value for code in codes]:
            assert getattr(read, name) == getattr(DEFAULT, name)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"ring"', '{"incoming": []}'])
def test_a_text_that_cannot_be_read_is_the_default(text: str) -> None:
    assert CardPreferences.from_json(text) == DEFAULT
