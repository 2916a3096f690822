"""Consents as values: reading what is stored, changing, merging."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.consent import (
    CHANNELS,
    LONGEST_NAME,
    LONGEST_SOURCE,
    SEPARATOR,
    SOURCES,
    Consent,
    add_consents,
    change_consents,
    complete_sources,
    consents_from_json,
    consents_to_json,
    merge_consents,
    offers_answer,
    source_code,
    stored_consents,
)

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
consent = st.builds(Consent, st.booleans(), st.none() | st.dates(), st.text(), st.text())
consents = st.dictionaries(st.sampled_from(CHANNELS), consent)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(CHANNELS), inner),
)


@given(consents)
def test_stored_consents_are_read_as_they_were(kept: dict[str, Consent]) -> None:
    assert consents_from_json(consents_to_json(kept)) == kept
    assert stored_consents(consents_to_json(kept), offers_answer(kept)) == kept


@given(anything, st.none() | st.booleans())
def test_any_stored_value_is_read_and_the_answer_about_offers_is_that_of_the_column(
    plain: object, offers: bool | None
) -> None:
    assert offers_answer(stored_consents(plain, offers)) is offers


def test_a_consent_stored_by_an_older_version_counts_as_never_asked() -> None:
    assert stored_consents({"email": "2025-01-31", "sms": ""}, None) == {}
    assert stored_consents({"email": "2025-01-31"}, False) == {"offers": Consent(False)}


@given(consents, consents)
def test_a_merge_loses_no_no_and_does_not_depend_on_the_order(
    one: dict[str, Consent], other: dict[str, Consent]
) -> None:
    merged = merge_consents(one, other)
    assert set(merged) == {*one, *other}
    for channel, kept in merged.items():
        both = [side[channel] for side in (one, other) if channel in side]
        assert kept in both
        assert kept.given is all(answer.given for answer in both)
        assert (kept.given, kept.day) == (
            merge_consents(other, one)[channel].given,
            merge_consents(other, one)[channel].day,
        )


@pytest.mark.parametrize("given_", [True, False])
def test_of_two_equal_answers_the_newest_is_kept(given_: bool) -> None:
    old, new = Consent(given_, MAY, "phone"), Consent(given_, JUNE, "paper")
    assert merge_consents({"sms": old}, {"sms": new}) == {"sms": new}
    assert merge_consents({"sms": new}, {"sms": old}) == {"sms": new}
    undated = Consent(given_)
    assert merge_consents({"sms": undated}, {"sms": old}) == {"sms": old}


def test_an_older_no_wins_over_a_newer_yes() -> None:
    no, yes = Consent(False, MAY), Consent(True, JUNE)
    assert merge_consents({"email": yes}, {"email": no}) == {"email": no}


@given(consents, consents)
def test_an_import_adds_every_no_and_replaces_nothing_else(
    kept: dict[str, Consent], more: dict[str, Consent]
) -> None:
    both = add_consents(kept, more)
    assert add_consents(both, more) == both
    for channel, answer in both.items():
        no = any(not side[channel].given for side in (kept, more) if channel in side)
        assert answer.given is not no
        if channel in kept and kept[channel].given is answer.given:
            assert answer == kept[channel]


def test_a_channel_can_be_set_back_to_never_asked() -> None:
    kept = {"email": Consent(False, MAY), "sms": Consent(True, MAY)}
    assert change_consents(kept, {"email": None}) == {"sms": Consent(True, MAY)}


@given(st.text())
def test_a_source_is_one_line_that_a_cell_can_hold(text: str) -> None:
    source = source_code(text)
    assert len(source) <= LONGEST_SOURCE
    assert SEPARATOR not in source
    assert source_code(source) == source
    made = Consent(True, None, text, text)
    assert made == Consent(True, None, made.source, made.by)
    assert len(made.by) <= LONGEST_NAME


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Phone call", "phone"),
        ("تماس تلفنی", "phone"),
        ("Αυτοπροσώπως", "in_person"),
        ("WEBSITE FORM", "website"),
        ("a letter", "a letter"),
    ],
)
def test_a_source_is_known_in_each_language(text: str, code: str) -> None:
    assert source_code(text) == code
    assert (code in SOURCES) is (text != "a letter")


def test_a_missing_source_becomes_the_sheet() -> None:
    reported = Consent(True, MAY, "phone", "Maryam")
    assert complete_sources({"sms": Consent(False, MAY), "email": reported}, "list.xlsx") == {
        "sms": Consent(False, MAY, "list.xlsx"),
        "email": reported,
    }
