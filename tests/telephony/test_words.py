"""Words in the place of a number, compared without case, accents and spelling."""

import pytest

from screenpop.telephony.words import UNKNOWN_WORDS, WITHHELD_WORDS, word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Private Number", "private-number"),
        ("Άγνωστος", "ΑΓΝΩΣΤΟΣ"),
        ("خصوصی", "خصوصي"),
        ("N/A", "na"),
        ("شماره ۱", "شماره1"),
    ],
)
def test_words_are_the_same_in_every_spelling(one: str, other: str) -> None:
    assert word(one) == word(other)


def test_no_word_means_both_and_none_is_empty() -> None:
    assert not WITHHELD_WORDS & UNKNOWN_WORDS
    assert "" not in WITHHELD_WORDS | UNKNOWN_WORDS
