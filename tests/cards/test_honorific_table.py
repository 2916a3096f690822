"""The honorific of each title and gender in each language, as a table."""

import pytest

from screenpop.cards.honorifics import HONORIFICS, address, forms_of_address, salutation
from screenpop.customers.models import Gender, PersonName, Title

W, M, U = Gender.WOMAN, Gender.MAN, Gender.UNSAID
NAMES = {"en": PersonName("A", "B"), "fa": PersonName("A", "B"), "el": PersonName("A", "B")}

ENGLISH = {Title.MR: "Mr", Title.MS: "Ms", Title.DR: "Dr", Title.ENG: "Eng.", Title.PROF: "Prof."}
TABLE = [
    *[("en", title, gender, word, word) for title, word in ENGLISH.items() for gender in Gender],
    ("en", Title.NONE, M, "Mr", "Mr"),
    ("en", Title.NONE, W, "Ms", "Ms"),
    *[("fa", Title.MR, gender, "آقای", "آقای") for gender in Gender],
    *[("fa", Title.MS, gender, "خانم", "خانم") for gender in Gender],
    *[("fa", Title.PROF, gender, "استاد", "استاد") for gender in Gender],
    ("fa", Title.DR, W, "خانم دکتر", "خانم دکتر"),
    ("fa", Title.DR, M, "آقای دکتر", "آقای دکتر"),
    ("fa", Title.DR, U, "دکتر", "دکتر"),
    ("fa", Title.ENG, W, "خانم مهندس", "خانم مهندس"),
    ("fa", Title.ENG, M, "آقای مهندس", "آقای مهندس"),
    ("fa", Title.ENG, U, "مهندس", "مهندس"),
    ("fa", Title.NONE, M, "آقای", "آقای"),
    ("fa", Title.NONE, W, "خانم", "خانم"),
    *[("el", Title.MR, gender, "Κύριος", "κύριε") for gender in Gender],
    *[("el", Title.MS, gender, "Κυρία", "κυρία") for gender in Gender],
    *[("el", Title.DR, gender, "Δρ", "Δρ") for gender in Gender],
    ("el", Title.ENG, M, "Κύριος", "κύριε"),
    ("el", Title.ENG, W, "Κυρία", "κυρία"),
    ("el", Title.PROF, M, "Καθηγητής", "κύριε καθηγητά"),
    ("el", Title.PROF, W, "Καθηγήτρια", "κυρία καθηγήτρια"),
    ("el", Title.PROF, U, "Καθ.", "Καθ."),
    ("el", Title.NONE, M, "Κύριος", "κύριε"),
    ("el", Title.NONE, W, "Κυρία", "κυρία"),
]


def test_the_table_has_every_title_that_a_language_has() -> None:
    listed = {(language, title, gender) for language, title, gender, _, _ in TABLE}
    assert listed == {(language, *key) for language, titles in HONORIFICS.items() for key in titles}


@pytest.mark.parametrize(("language", "title", "gender", "named", "greeted"), TABLE)
def test_a_title_and_a_gender_have_their_honorific(
    language: str, title: Title, gender: Gender, named: str, greeted: str
) -> None:
    assert address(NAMES, title, gender, language) == f"{named} A B"
    assert salutation(NAMES, title, gender, language) == f"{greeted} B"


@pytest.mark.parametrize("gender", Gender)
@pytest.mark.parametrize("title", Title)
def test_a_greek_man_is_called_in_the_vocative_in_greek_only(title: Title, gender: Gender) -> None:
    name = PersonName("Νίκος", "Παπαδόπουλος")
    names = dict.fromkeys(("en", "fa", "el"), name)
    _, greetings = forms_of_address(names, title, gender)
    is_man = title is Title.MR or (gender is M and title is not Title.MS)
    has_honorific = (title, gender) in HONORIFICS["el"]
    assert ("Παπαδόπουλε" in greetings["el"]) is (is_man and has_honorific)
    assert "Παπαδόπουλε" not in greetings["en"] + greetings["fa"]
