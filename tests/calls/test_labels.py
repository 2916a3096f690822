"""Labels of calls: names by language, and what an edited list may hold."""

import pytest

from screenpop.calls.labels import (
    MAX_ACTIVE,
    MAX_LABELS,
    MAX_NAME_LENGTH,
    CallLabel,
    LabelId,
    LabelKind,
    check_labels,
    label_name,
)


def labels(count: int, *, active: int = 0, name: str = "Fax") -> list[CallLabel]:
    return [
        CallLabel(LabelId(place), {"en": name}, place, place <= active, opens_case=False)
        for place in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"el": "Κράτηση", "en": "Booking"}, "Κράτηση"),
        ({"el": "", "en": "Booking", "fa": "رزرو"}, "Booking"),
        ({"fa": "رزرو", "en": ""}, "رزرو"),
        ({"fa": "", "en": ""}, ""),
    ],
)
def test_a_label_is_named_in_the_language_then_in_english_then_in_any(
    names: dict[str, str], name: str
) -> None:
    assert label_name(names, "el") == name


@pytest.mark.parametrize(("active", "problem"), [(9, ""), (10, "too_many_labels")])
def test_a_list_has_at_most_nine_active_labels(active: int, problem: str) -> None:
    assert MAX_ACTIVE == 9
    assert check_labels(labels(20, active=active)) == problem


@pytest.mark.parametrize(("count", "problem"), [(40, ""), (41, "too_many_labels")])
def test_a_list_has_at_most_forty_labels(count: int, problem: str) -> None:
    assert MAX_LABELS == 40
    assert check_labels(labels(count)) == problem


@pytest.mark.parametrize(
    ("length", "problem"), [(0, "label_no_name"), (1, ""), (40, ""), (41, "label_name_long")]
)
def test_a_label_has_a_name_of_at_most_forty_characters(length: int, problem: str) -> None:
    assert MAX_NAME_LENGTH == 40
    assert check_labels(labels(1, name="n" * length)) == problem


def test_the_kinds_are_named_as_the_commands_filters_and_fields_of_the_api() -> None:
    assert [kind.value for kind in LabelKind] == ["purpose", "agent_disposition"]
