"""The vocative of Greek surnames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.cards.greek_vocative import vocative


@pytest.mark.parametrize(
    ("family", "called"),
    [
        ("Παπαδόπουλος", "Παπαδόπουλε"),
        ("Παπαδοπουλος", "Παπαδοπουλε"),
        ("ΠΑΠΑΔΟΠΟΥΛΟΣ", "ΠΑΠΑΔΟΠΟΥΛΕ"),
        ("Σταυριανός", "Σταυριανέ"),
        ("Μητσοτάκης", "Μητσοτάκη"),
        ("Βενιζέλος", "Βενιζέλε"),
        ("Παππάς", "Παππά"),
        ("Μηνάς", "Μηνά"),
        ("Σαμαράς", "Σαμαρά"),
        ("Τρικούπης", "Τρικούπη"),
        ("Ραγκαβής", "Ραγκαβή"),
        ("Γεωργίου", "Γεωργίου"),
        ("Παπαδοπούλου", "Παπαδοπούλου"),
        ("Παπαδόπουλος-Γεωργίου", "Παπαδόπουλε-Γεωργίου"),
        ("Παπαδόπουλος Παππάς", "Παπαδόπουλε Παππά"),
        ("Papadopoulos", "Papadopoulos"),
        ("کریمی", "کریمی"),
        ("Ρος", "Ρος"),
        ("Ρήος", "Ρήε"),
        ("Χατζής", "Χατζή"),
        ("", ""),
    ],
)
def test_a_surname_is_called_by_the_regular_rules(family: str, called: str) -> None:
    assert vocative(family) == called


@given(st.text())
def test_any_text_can_be_called_and_twice_is_once(family: str) -> None:
    assert vocative(vocative(family)) == vocative(family)
