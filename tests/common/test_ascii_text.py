"""Names for displays that have only ASCII."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.common.ascii_text import to_ascii


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [
        ("Laleh Karimi", "Laleh Karimi"),
        ("Ελένη Παππά", "Eleni Pappa"),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos"),
        ("ΕΥΑΓΓΕΛΟΣ", "EVANGELOS"),
        ("Ευτυχία Αυγερινού", "Eftychia Avgerinou"),
        ("Μπάμπης Ψαρράς", "Bampis Psarras"),
        ("Θεόφιλος Χατζής", "Theofilos Chatzis"),
        ("Σπύρος Ξένος-Ρώσση", "Spyros Xenos-Rossi"),
        ("لاله کریمی", "Laleh Krimi"),
        ("آقای دکتر وحید قاسمی", "Aghai Dktr Vhid Ghasmi"),
        ("علی‌رضا یوسفی", "Alirza Yusfi"),
        ("خانم نوری", "Khanm Nuri"),
        ("José Müller–Straße", "Jose Muller-Strasse"),
        ("Łukasz Øster", "Lukasz Oster"),
        ("2 مشتری: A، B", "2 Mshtri: A B"),
        ("名前", ""),
        ("a\r\nb\0c\x7f", "a b c"),
        ("\u202eevil\u202c \ufeff", "evil"),
        ("Dr Ελένη · Gold", "Dr Eleni - Gold"),
    ],
)
def test_a_name_is_written_in_ascii(text: str, ascii_text: str) -> None:
    assert to_ascii(text) == ascii_text


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    written = to_ascii(text)
    assert written.isascii()
    assert written.isprintable()
    assert to_ascii(written) == written
