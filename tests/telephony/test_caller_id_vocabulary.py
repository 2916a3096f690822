"""Each word that networks send in place of a number, and each that they put beside it."""

import pytest

from screenpop.telephony.caller_id_words import means_unknown, means_withheld, normalize_word

WITHHELD = """
anonymous | anonym | anonyme | private | privacy | restricted | withheld | blocked |
hidden | secret | confidential | suppressed | undisclosed | masked | concealed |
prohibited | clir | incognito | unlisted | no caller id | not shown | not displayed |
not disclosed | no id | no cid | no cli | colr | بدون شناسه | بدون آیدی | فاقد شناسه |
قابل نمایش نیست | نمایش داده نشد | ناشناس | خصوصی | مخفی | پنهان | محرمانه | مسدود |
پوشیده | محدود | بلاک | بدون نمایش | عدم نمایش | نمایش داده نشده | نمایش داده نمی‌شود |
غیرقابل نمایش | απόκρυψη | απόκρυψης | απόκρυφος | απόρρητο | απόρρητος | απόρρητη |
ανώνυμος | ανώνυμη | ανώνυμο | ιδιωτικός | ιδιωτική | ιδιωτικό | κρυφός | κρυφή |
κρυφό | κρυμμένος | κρυμμένη | κρυμμένο | αποκρυμμένος | αποκρυμμένη | αποκρυμμένο |
φραγή | φραγμένος | φραγμένη | φραγμένο | αποκλεισμένος | αποκλεισμένη | αποκλεισμένο |
μπλοκαρισμένος | μπλοκαρισμένη | μπλοκαρισμένο | περιορισμένος | περιορισμένη |
περιορισμένο | εμπιστευτικός | εμπιστευτική | εμπιστευτικό | χωρίς αναγνώριση |
μη εμφάνιση | χωρίς εμφάνιση | χωρίς ταυτότητα | δεν εμφανίζεται | αποκρύπτεται |
αποκρύφθηκε | μυστικός | μυστική | μυστικό
"""
UNKNOWN = """
unknown | unavailable | not available | unassigned | undefined | unidentified |
unrecognized | unrecognised | not known | not provided | no number | no data |
out of area | payphone | نامشخص | نامعلوم | ناشناخته | نامعتبر | بدون شماره |
در دسترس نیست | در دسترس نمی‌باشد | غیرقابل دسترس | خارج از دسترس | موجود نیست |
قابل شناسایی نیست | مشخص نیست | معلوم نیست | بی شماره | فاقد شماره | مجهول | غیرمعروف |
شناسایی نشده | شناخته نشده | μη γνωστός | μη γνωστή | άγνωστος | άγνωστη | άγνωστο |
άγνωστου | μη διαθέσιμο | μη διαθέσιμος | μη διαθέσιμη | δεν είναι διαθέσιμος |
δεν είναι διαθέσιμο | χωρίς αριθμό | εκτός περιοχής | εκτός κάλυψης | μη αναγνωρίσιμος |
μη αναγνωρίσιμη
"""
BESIDE = """
caller | callers | calling | call | incoming | number | numbers | num | id | ids | cli |
cid | identity | identification | name | party | user | line | phone | telephone |
subscriber | by | the | their | has | been | was | is | requested | presentation |
display | network | invalid | sip | شماره | شماره‌ی | تماس | تماس‌گیرنده | گیرنده |
زنگ | تلفن | خط | شده | شده است | است | از | با | کاربر | مشترک | شناسه | شناسه‌ی |
نام | هویت | فرد | شخص | کالر آیدی | آیدی | نمایش | αριθμός | αριθμού | αριθμό | κλήση |
κλήσης | κλήσεις | καλών | καλούντος | καλούντα | καλούσα | ταυτότητα | ταυτότητας |
αναγνώριση | αναγνώρισης | με | από | γραμμή | γραμμής | τηλέφωνο | τηλεφώνου | όνομα |
ονόματος | συνδρομητής | χρήστης | του | της | τον | την
"""


def words_of(text: str) -> list[str]:
    return [word.strip() for word in text.split("|")]


def kind_of(text: str) -> str:
    word = normalize_word(text)
    withheld, unknown = means_withheld(word), means_unknown(word)
    return "both" if withheld and unknown else "withheld" * withheld + "unknown" * unknown


def test_each_word_for_a_withheld_number_means_withheld() -> None:
    assert [word for word in words_of(WITHHELD) if kind_of(word) != "withheld"] == []


def test_each_word_for_a_missing_number_means_unknown() -> None:
    assert [word for word in words_of(UNKNOWN) if kind_of(word) != "unknown"] == []


@pytest.mark.parametrize("word", ["p", "anon", "priv"])
def test_a_short_word_for_a_withheld_number_counts_as_the_whole_text_only(word: str) -> None:
    assert kind_of(word) == "withheld"
    assert kind_of(f"{word} caller") == ""


@pytest.mark.parametrize(
    "word", ["none", "null", "nil", "n/a", "nobody", "asterisk", "no caller", "s", "o"]
)
def test_a_short_word_for_a_missing_number_counts_as_the_whole_text_only(word: str) -> None:
    assert kind_of(word) == "unknown"
    assert kind_of(f"{word} caller") == ""


def test_a_word_that_networks_add_changes_nothing_and_means_nothing_alone() -> None:
    words = words_of(BESIDE)
    for text, kind in (("hidden", "withheld"), ("unavailable", "unknown"), ("", "")):
        assert [word for word in words if kind_of(f"{word} {text}") != kind] == []
        assert [word for word in words if kind_of(f"{text} {word}") != kind] == []
