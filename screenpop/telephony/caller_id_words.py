"""The words that networks send in the place of a number."""

import re
from functools import lru_cache

from screenpop.common.text import fold_digits

_UNIFIED = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ς": "σ"})


@lru_cache(maxsize=1024)
def normalize_word(text: str) -> str:
    """A word as compared: no case, no accents, nothing but letters and digits."""
    folded = fold_digits(text).casefold().translate(_UNIFIED)
    return "".join(filter(str.isalnum, fold_digits(folded)))


_WITHHELD = (
    *("anonymous", "anonym", "anonyme", "private", "privacy", "restricted", "withheld", "blocked"),
    *("hidden", "secret", "confidential", "suppressed", "undisclosed", "masked", "concealed"),
    *("prohibited", "clir", "incognito", "unlisted", "no caller id", "not shown", "not displayed"),
    *("not disclosed", "no id", "no cid", "ناشناس", "خصوصی", "مخفی", "پنهان", "محرمانه", "مسدود"),
    *("پوشیده", "محدود", "بلاک", "بدون نمایش", "عدم نمایش", "نمایش داده نشده", "نمایش داده نمی‌شود"),
    *("غیرقابل نمایش", "απόκρυψη", "απόκρυψης", "απόκρυφος", "απόρρητο", "απόρρητος", "απόρρητη"),
    *("ανώνυμος", "ανώνυμη", "ανώνυμο", "ιδιωτικός", "ιδιωτική", "ιδιωτικό", "κρυφός", "κρυφή"),
    *("κρυφό", "κρυμμένος", "κρυμμένη", "κρυμμένο", "αποκρυμμένος", "αποκρυμμένη", "αποκρυμμένο"),
    *("φραγή", "φραγμένος", "φραγμένη", "φραγμένο", "αποκλεισμένος", "αποκλεισμένη"),
    *("αποκλεισμένο", "μπλοκαρισμένος", "μπλοκαρισμένη", "μπλοκαρισμένο", "περιορισμένος"),
    *("περιορισμένη", "περιορισμένο", "εμπιστευτικός", "εμπιστευτική", "εμπιστευτικό"),
    *("χωρίς αναγνώριση", "μη εμφάνιση", "χωρίς εμφάνιση"),
)
_UNKNOWN = (
    *("unknown", "unavailable", "not available", "unassigned", "undefined", "unidentified"),
    *("unrecognized", "unrecognised", "not known", "not provided", "no number", "no data"),
    *("out of area", "payphone", "نامشخص", "نامعلوم", "ناشناخته", "نامعتبر", "بدون شماره"),
    *("در دسترس نیست", "در دسترس نمی‌باشد", "غیرقابل دسترس", "خارج از دسترس", "موجود نیست"),
    *("شناسایی نشده", "شناخته نشده", "άγνωστος", "άγνωστη", "άγνωστο", "άγνωστου", "μη διαθέσιμο"),
    *("μη διαθέσιμος", "μη διαθέσιμη", "δεν είναι διαθέσιμος", "δεν είναι διαθέσιμο"),
    *("χωρίς αριθμό", "εκτός περιοχής", "εκτός κάλυψης", "μη αναγνωρίσιμος", "μη αναγνωρίσιμη"),
)
_ALONE = ("none", "null", "nil", "n/a", "nobody", "asterisk", "s")
"""Only as the whole text. ``asterisk`` is what Asterisk calls itself when it has no number, ``s``
the extension of a call that came without one."""

_BESIDE = (
    *("caller", "callers", "calling", "call", "incoming", "number", "numbers", "num", "id", "ids"),
    *("cli", "cid", "identity", "identification", "name", "party", "user", "line", "phone"),
    *("telephone", "subscriber", "by", "the", "is", "requested", "presentation", "display"),
    *("network", "invalid", "sip", "شماره", "شماره‌ی", "تماس", "تماس‌گیرنده", "گیرنده", "زنگ"),
    *("تلفن", "خط", "شده", "شده است", "است", "از", "با", "کاربر", "مشترک", "شناسه", "شناسه‌ی"),
    *("نام", "هویت", "فرد", "شخص", "کالر آیدی", "آیدی", "نمایش", "αριθμός", "αριθμού", "αριθμό"),
    *("κλήση", "κλήσης", "κλήσεις", "καλών", "καλούντος", "καλούντα", "καλούσα", "ταυτότητα"),
    *("ταυτότητας", "αναγνώριση", "αναγνώρισης", "με", "από", "γραμμή", "γραμμής", "τηλέφωνο"),
    *("τηλεφώνου", "όνομα", "ονόματος", "συνδρομητής", "χρήστης", "του", "της", "τον", "την"),
)
"""What networks write beside those words: ``Blocked Caller ID``, ``anonymous.invalid``."""


def _any_of(*lists: tuple[str, ...]) -> str:
    words = {normalize_word(text) for text in (text for some in lists for text in some)}
    return "(?:" + "|".join(sorted(words, key=lambda one: (-len(one), one))) + ")"


_WITHHELD_TEXT = re.compile(
    f"{_any_of(_BESIDE, _UNKNOWN)}*{_any_of(_WITHHELD)}{_any_of(_WITHHELD, _UNKNOWN, _BESIDE)}*"
)
_UNKNOWN_TEXT = re.compile(f"{_any_of(_BESIDE)}*{_any_of(_UNKNOWN)}{_any_of(_UNKNOWN, _BESIDE)}*")
_ALONE_TEXTS = frozenset(map(normalize_word, _ALONE))
_LONGEST_TEXT = 64
"""Letters: the expressions try every way to divide a text into words."""


def means_withheld(spoken: str) -> bool:
    """Whether a folded text (``word``) says that the caller does not want to be known."""
    return len(spoken) <= _LONGEST_TEXT and bool(_WITHHELD_TEXT.fullmatch(spoken))


def means_unknown(spoken: str) -> bool:
    """Whether a folded text (``word``) says that the network knows no number."""
    if len(spoken) > _LONGEST_TEXT:
        return False
    return spoken in _ALONE_TEXTS or bool(_UNKNOWN_TEXT.fullmatch(spoken))
