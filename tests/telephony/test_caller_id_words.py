"""Words in the place of a number, compared without case, accents and spelling."""

import pytest

from screenpop.telephony.caller_id_words import means_unknown, means_withheld, normalize_word


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
    assert normalize_word(one) == normalize_word(other)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Blocked Caller ID",
            "Withheld Number",
            "Private caller",
            "anonymous.invalid",
            "Restricted",
        ),
        *("No Caller ID", "Number Withheld", "PRIVATE NUMBER", "Caller ID Blocked", "WITHHELD"),
        *("Blocked call", "Hidden number", "Anonymous Caller", "Private/Unavailable", "Blocked"),
        *("Identity withheld", "callerIDblocked", "Presentation prohibited", "Secret number"),
        *(
            "Caller withheld their number",
            "Number has been withheld",
            "No CLI",
            "P",
            "Anon",
            "COLR",
        ),
        *("شمارۀ پنهان", "بدون شناسه تماس‌گیرنده", "شماره قابل نمایش نیست", "Αποκρύπτεται"),
        *("Αριθμός δεν εμφανίζεται", "Χωρίς ταυτότητα", "Μυστικός αριθμός"),
        *("ناشناس", "مخفی", "خصوصی", "شماره مخفی", "شماره‌ی خصوصی", "تماس‌گیرنده ناشناس", "مسدود"),
        *("شماره مسدود شده", "بدون نمایش شماره", "تماس محرمانه", "شماره پنهان است", "مخفي"),
        *(
            "Απόκρυψη",
            "Απόκρυψη αριθμού",
            "Με απόκρυψη",
            "Απόρρητο",
            "ΑΠΟΡΡΗΤΟΣ ΑΡΙΘΜΟΣ",
            "Ανώνυμος",
        ),
        *(
            "Ανώνυμη κλήση",
            "Ιδιωτικός αριθμός",
            "Κρυφός αριθμός",
            "Φραγή αναγνώρισης",
            "Αποκλεισμένος",
        ),
    ],
)
def test_what_networks_send_for_a_withheld_number_means_withheld(text: str) -> None:
    assert means_withheld(normalize_word(text))
    assert not means_unknown(normalize_word(text))


@pytest.mark.parametrize(
    "text",
    [
        *("Unknown", "Unknown Caller", "unknown number", "Unavailable", "Caller ID unavailable"),
        *("Number not available", "Out of Area", "unknown.invalid", "none", "null", "s", "N/A"),
        *(
            "نامشخص",
            "شماره نامشخص",
            "تماس‌گیرنده نامعلوم",
            "در دسترس نیست",
            "ناشناخته",
            "بدون شماره",
        ),
        *("No caller", "O", "شمارۀ نامشخص", "شماره مشخص نیست", "بی‌شماره", "مجهول", "Μη γνωστός"),
        *("Άγνωστος", "Άγνωστος αριθμός", "ΑΓΝΩΣΤΗ ΚΛΗΣΗ", "Μη διαθέσιμος", "Χωρίς αριθμό"),
    ],
)
def test_what_networks_send_for_a_missing_number_means_unknown(text: str) -> None:
    assert means_unknown(normalize_word(text))
    assert not means_withheld(normalize_word(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Caller ID",
            "Number",
            "Maryam",
            "Private Clinic Athens",
            "Blocked Drains Ltd",
            "Sales",
        ),
        *("Ana", "Priva Travel", "Anon Tours", "O. Pappas", "مشخصات سفر", "Μυστικό Κήπος"),
        *("Hidden Hotel", "call", "شماره", "رستوران پنهان باغ", "Ιδιωτική Κλινική", "αριθμός"),
        "id" * 200 + "withheld",
    ],
)
def test_a_name_is_neither_withheld_nor_unknown(text: str) -> None:
    assert not means_withheld(normalize_word(text))
    assert not means_unknown(normalize_word(text))
