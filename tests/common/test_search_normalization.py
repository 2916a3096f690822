"""One spelling for text that is searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.common.search_normalization import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي كريمي", "علی کریمی"),
        ("موسى", "موسی"),
        ("آرزو أحمد إسماعیل", "ارزو احمد اسماعیل"),
        ("مؤمنی", "مومنی"),
        ("مسئول", "مسیول"),
        ("فاطمة", "فاطمه"),
        ("خانۀ ما", "خانه ما"),
        ("خانهٔ ما", "خانه ما"),
        ("می\u200cروم", "می روم"),
        ("مـحـمـد", "محمد"),
        ("مُحَمَّد", "محمد"),
        ("ﻋﻠﯽ", "علی"),
        ("۱۲۳", "123"),
        ("١٢٣", "123"),
        ("Νίκος", "ΝΙΚΟΣ"),
        ("Παπαδόπουλος", "παπαδοπουλοσ"),
        ("Ϊ", "ι"),
        ("Müller", "MULLER"),
        ("Straße", "STRASSE"),
        ("İzmir", "izmir"),
        ("  two   words\t", "Two Words"),
        ("zero\u200dwidth\ufeff", "ZeroWidth"),
        ("Ｗｉｄｅ", "wide"),
    ],
)
def test_two_spellings_of_one_thing_are_found_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("علی", "عالی"), ("Karim", "Karimi"), ("12", "21")])
def test_different_things_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_raises_and_no_space_is_left_over(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())


@given(st.text(st.characters(codec="ascii")))
def test_the_short_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    assert fold(text + "é") == " ".join((fold(text + "x")[:-1] + "e").split())
