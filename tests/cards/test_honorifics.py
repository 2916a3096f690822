"""How to address a person in each language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.cards.honorifics import HONORIFICS, address, forms_of_address, salutation
from screenpop.customers.models import LANGUAGES, Gender, PersonName, Title

LALEH = {"fa": PersonName("لاله", "کریمی"), "en": PersonName("Laleh", "Karimi")}
REZA = {"fa": PersonName("رضا", "مرادی"), "en": PersonName("Reza", "Moradi")}
NIKOS = {"el": PersonName("Νίκος", "Παπαδόπουλος"), "en": PersonName("Nikos", "Papadopoulos")}
NIKOS_IN_GREEK = {"el": NIKOS["el"]}
ELENI = {"el": PersonName("Ελένη", "Παπαδοπούλου")}

WOMAN, MAN, UNSAID = Gender.WOMAN, Gender.MAN, Gender.UNSAID


@pytest.mark.parametrize(
    ("names", "title", "gender", "language", "addressed", "greeted"),
    [
        (LALEH, Title.DR, WOMAN, "en", "Dr Laleh Karimi", "Dr Karimi"),
        (LALEH, Title.DR, WOMAN, "fa", "خانم دکتر لاله کریمی", "خانم دکتر کریمی"),
        (LALEH, Title.MS, UNSAID, "en", "Ms Laleh Karimi", "Ms Karimi"),
        (LALEH, Title.MS, UNSAID, "fa", "خانم لاله کریمی", "خانم کریمی"),
        (LALEH, Title.NONE, WOMAN, "fa", "خانم لاله کریمی", "خانم کریمی"),
        (LALEH, Title.NONE, UNSAID, "en", "Laleh Karimi", "Laleh Karimi"),
        (LALEH, Title.PROF, WOMAN, "fa", "استاد لاله کریمی", "استاد کریمی"),
        (REZA, Title.DR, MAN, "fa", "آقای دکتر رضا مرادی", "آقای دکتر مرادی"),
        (REZA, Title.DR, UNSAID, "fa", "دکتر رضا مرادی", "دکتر مرادی"),
        (REZA, Title.ENG, MAN, "en", "Eng. Reza Moradi", "Eng. Moradi"),
        (REZA, Title.ENG, MAN, "fa", "آقای مهندس رضا مرادی", "آقای مهندس مرادی"),
        (REZA, Title.ENG, WOMAN, "fa", "خانم مهندس رضا مرادی", "خانم مهندس مرادی"),
        (REZA, Title.MR, UNSAID, "fa", "آقای رضا مرادی", "آقای مرادی"),
        (REZA, Title.PROF, MAN, "en", "Prof. Reza Moradi", "Prof. Moradi"),
        (NIKOS, Title.MR, UNSAID, "el", "Κύριος Νίκος Παπαδόπουλος", "κύριε Παπαδόπουλε"),
        (NIKOS, Title.DR, MAN, "el", "Δρ Νίκος Παπαδόπουλος", "Δρ Παπαδόπουλε"),
        (NIKOS, Title.DR, UNSAID, "el", "Δρ Νίκος Παπαδόπουλος", "Δρ Παπαδόπουλος"),
        (NIKOS, Title.ENG, MAN, "el", "Κύριος Νίκος Παπαδόπουλος", "κύριε Παπαδόπουλε"),
        (
            *(NIKOS, Title.PROF, MAN, "el"),
            *("Καθηγητής Νίκος Παπαδόπουλος", "κύριε καθηγητά Παπαδόπουλε"),
        ),
        (NIKOS, Title.NONE, UNSAID, "el", "Νίκος Παπαδόπουλος", "Νίκος Παπαδόπουλος"),
        (NIKOS, Title.MR, MAN, "en", "Mr Nikos Papadopoulos", "Mr Papadopoulos"),
        (NIKOS, Title.MR, MAN, "fa", "آقای Nikos Papadopoulos", "آقای Papadopoulos"),
        (NIKOS_IN_GREEK, Title.MR, MAN, "en", "Mr Νίκος Παπαδόπουλος", "Mr Παπαδόπουλος"),
        (NIKOS_IN_GREEK, Title.MR, MAN, "fa", "آقای Νίκος Παπαδόπουλος", "آقای Παπαδόπουλος"),
        (ELENI, Title.MS, WOMAN, "el", "Κυρία Ελένη Παπαδοπούλου", "κυρία Παπαδοπούλου"),
        (ELENI, Title.ENG, UNSAID, "el", "Ελένη Παπαδοπούλου", "Ελένη Παπαδοπούλου"),
        ({"en": PersonName("Cher", "")}, Title.MS, WOMAN, "en", "Ms Cher", "Ms Cher"),
        ({"en": PersonName("", "Karimi")}, Title.DR, WOMAN, "en", "Dr Karimi", "Dr Karimi"),
        ({}, Title.NONE, UNSAID, "en", "", ""),
        (LALEH, Title.DR, WOMAN, "de", "Laleh Karimi", "Laleh Karimi"),
    ],
)
def test_a_person_is_addressed_as_the_language_does(
    names: dict[str, PersonName],
    title: Title,
    gender: Gender,
    language: str,
    addressed: str,
    greeted: str,
) -> None:
    assert address(names, title, gender, language) == addressed
    assert salutation(names, title, gender, language) == greeted
    addresses, salutations = forms_of_address(names, title, gender)
    if language in LANGUAGES:
        assert (addresses[language], salutations[language]) == (addressed, greeted)


def test_a_lady_keeps_a_name_that_looks_like_a_gentlemans() -> None:
    names = {"el": PersonName("Μαρία", "Παππάς")}
    assert salutation(names, Title.MS, WOMAN, "el") == "κυρία Παππάς"
    assert salutation(names, Title.DR, WOMAN, "el") == "Δρ Παππάς"


def test_every_language_of_the_pages_has_words_for_every_title() -> None:
    assert set(HONORIFICS) == set(LANGUAGES)
    for language in LANGUAGES:
        for title in set(Title) - {Title.NONE}:
            assert all((title, gender) in HONORIFICS[language] for gender in (WOMAN, MAN))


NAMES = st.dictionaries(
    st.sampled_from(("en", "fa", "el", "ar")), st.builds(PersonName, st.text(), st.text())
)


@given(NAMES, st.sampled_from(Title), st.sampled_from(Gender))
def test_all_languages_at_once_are_what_each_is_alone(
    names: dict[str, PersonName], title: Title, gender: Gender
) -> None:
    addresses, salutations = forms_of_address(names, title, gender)
    for language in LANGUAGES:
        assert addresses[language] == address(names, title, gender, language)
        assert salutations[language] == salutation(names, title, gender, language)
