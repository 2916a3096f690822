"""The answer of another program becomes a record by the paths of the settings, or is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.models import PersonName, Tier, Title
from screenpop.customers.sourced_record import (
    LONGEST_PATH,
    LONGEST_VALUE,
    SOURCED_FIELDS,
    SourcedRecordError,
    check_paths,
    read_record,
)

PATHS = {field: f"c.0.{field}" for field in SOURCED_FIELDS}


def test_every_field_is_read_by_its_path() -> None:
    values = {
        "given": "Ελένη",
        "family": "Παππά",
        "title": "Dr.",
        "language": "EL",
        "tier": "Gold",
        "vip": True,
        "company": "Olympia\r\n",
        "city": "Athens",
        "code": 4711,
    }
    record = read_record({"c": [values]}, PATHS)
    assert record is not None
    assert record.name == PersonName("Ελένη", "Παππά")
    assert (record.title, record.language, record.tier) == (Title.DR, "el", Tier.GOLD)
    assert (record.vip, record.company, record.code) == (True, "Olympia", "4711")
    assert record.name_language == "el"


@pytest.mark.parametrize(
    ("name", "given", "family", "language"),
    [
        ("Laleh Karimi", "Laleh", "Karimi", "en"),
        ("لاله کریمی", "لاله", "کریمی", "fa"),
        ("Maria del Mar Lopez", "Maria del Mar", "Lopez", "en"),
        ("Cher", "", "Cher", "en"),
    ],
)
def test_a_whole_name_is_parted_at_its_last_space(
    name: str, given: str, family: str, language: str
) -> None:
    record = read_record({"n": name}, {"name": "n"})
    assert record is not None
    assert (record.name, record.name_language) == (PersonName(given, family), language)


def test_an_answer_without_a_name_is_no_record() -> None:
    answers: tuple[object, ...] = ({}, None, {"n": None}, {"n": ""}, {"n": " \u202e"}, {"x": 1})
    for answer in answers:
        assert read_record(answer, {"name": "n"}) is None
    assert read_record([], {"name": "0"}) is None


def test_a_value_that_cannot_be_is_refused_by_its_field() -> None:
    for field, value in (
        ("tier", "diamond"),
        ("title", "king"),
        ("language", "english, or so"),
        ("vip", "maybe"),
        ("city", {"name": "x"}),
        ("company", ["x"]),
    ):
        with pytest.raises(SourcedRecordError, match=field):
            read_record({"c": [{"name": "A B", field: value}]}, PATHS)


def test_long_values_are_cut_and_paths_have_a_limit() -> None:
    record = read_record({"n": "x" * 500}, {"name": "n"})
    assert record is not None
    assert len(record.name.full) == LONGEST_VALUE
    check_paths({"name": "x" * LONGEST_PATH})
    for fields in (
        {"name": "x" * (LONGEST_PATH + 1)},
        {"name": "a..b"},
        {"name": ""},
        {"name": "a b"},
        {"birthday": "x"},
        {"city": "x"},
    ):
        with pytest.raises(ValueError, match=r"path|field|name"):
            check_paths(fields)
    assert read_record([0] * 5 + [{"n": "Z"}], {"name": "5.n"}) is not None
    assert read_record([{"n": "Z"}], {"name": "0000.n"}) is not None
    with pytest.raises(SourcedRecordError):
        read_record([{"n": "Z"}], {"name": "00000.n"})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda more: st.lists(more, max_size=3) | st.dictionaries(st.sampled_from("ct0"), more),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_read_or_refused(answer: object) -> None:
    try:
        record = read_record(answer, {"name": "c.0.t", "tier": "t"})
    except SourcedRecordError:
        return
    assert record is None or record.name.full.isprintable()
