"""Where a number comes from."""

from screenpop.telephony.identifiers import E164
from screenpop.telephony.places import place_of


def test_a_place_is_named_in_the_language_asked_for() -> None:
    assert "Athens" in place_of(E164("+302101234567"))
    assert "Αθήνα" in place_of(E164("+302101234567"), "el")


def test_what_is_no_number_has_no_place() -> None:
    assert place_of(E164("nowhere")) == ""
