"""The words that networks send in place of a number."""

import re
from functools import lru_cache

from screenpop.common.text import fold_digits

_UNIFIED = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ە": "ه", "ة": "ه", "ς": "σ"})


@lru_cache(maxsize=1024)
def normalize_word(text: str) -> str:
    """Return the text without case, accents, spaces and punctuation, for comparison."""
    folded = fold_digits(text).casefold().translate(_UNIFIED)
    return "".join(filter(str.isalnum, fold_digits(folded)))


_WITHHELD = (
    *("anonymous", "anonym", "anonyme", "private", "privacy", "restricted", "withheld", "blocked"),
    *("hidden", "secret", "confidential", "suppressed", "undisclosed", "masked", "concealed"),
    *("prohibited", "clir", "incognito", "unlisted", "no caller id", "not shown", "not displayed"),
    *("not disclosed", "no id", "no cid", "no cli", "colr", "بدون شناسه"),
    *("بدون آیدی", "فاقد شناسه"),
    *("قابل نمایش نیست", "نمایش داده نشد", "ناشناس", "خصوصی", "مخفی", "پنهان", "محرمانه", "مسدود"),
    *("پوشیده", "محدود", "بلاک", "بدون نمایش", "عدم نمایش", "نمایش داده نشده", "نمایش داده نمی‌شود"),
    *("غیرقابل نمایش", "απόκρυψη", "απόκρυψης", "απόκρυφος", "απόρρητο", "απόρρητος", "απόρρητη"),
    *("ανώνυμος", "ανώνυμη", "ανώνυμο", "ιδιωτικός", "ιδιωτική", "ιδιωτικό", "κρυφός", "κρυφή"),
    *("κρυφό", "κρυμμένος", "κρυμμένη", "κρυμμένο", "αποκρυμμένος", "αποκρυμμένη", "αποκρυμμένο"),
    *("φραγή", "φραγμένος", "φραγμένη", "φραγμένο", "αποκλεισμένος", "αποκλεισμένη"),
    *("αποκλεισμένο", "μπλοκαρισμένος", "μπλοκαρισμένη", "μπλοκαρισμένο", "περιορισμένος"),
    *("περιορισμένη", "περιορισμένο", "εμπιστευτικός", "εμπιστευτική", "εμπιστευτικό"),
    *("χωρίς αναγνώριση", "μη εμφάνιση", "χωρίς εμφάνιση", "χωρίς ταυτότητα", "δεν εμφανίζεται"),
    *("αποκρύπτεται", "αποκρύφθηκε", "μυστικός", "μυστική", "μυστικό"),
)
_UNKNOWN = (
    *("unknown", "unavailable", "not available", "unassigned", "undefined", "unidentified"),
    *("unrecognized", "unrecognised", "not known", "not provided", "no number", "no data"),
    *("out of area", "payphone", "نامشخص", "نامعلوم", "ناشناخته", "نامعتبر", "بدون شماره"),
    *("در دسترس نیست", "در دسترس نمی‌باشد", "غیرقابل دسترس", "خارج از دسترس", "موجود نیست"),
    *("قابل شناسایی نیست", "مشخص نیست", "معلوم نیست", "بی شماره", "فاقد شماره"),
    *("مجهول", "غیرمعروف"),
    *("شناسایی نشده", "شناخته نشده", "μη γνωστός", "μη γνωστή", "άγνωστος", "άγνωστη"),
    *("άγνωστο", "άγνωστου", "μη διαθέσιμο"),
    *("μη διαθέσιμος", "μη διαθέσιμη", "δεν είναι διαθέσιμος", "δεν είναι διαθέσιμο"),
    *("χωρίς αριθμό", "εκτός περιοχής", "εκτός κάλυψης", "μη αναγνωρίσιμος", "μη αναγνωρίσιμη"),
)
_WITHHELD_ALONE = ("p", "anon", "priv")
_UNKNOWN_ALONE = ("none", "null", "nil", "n/a", "nobody", "asterisk", "no caller", "s", "o")
"""Matched only as the whole text. ``asterisk`` is the caller id name of Asterisk without a number,
``s`` the extension of a call that came without one. ``P`` (private) and ``O`` (out of area) come
from analogue lines."""

_BESIDE = (
    *("caller", "callers", "calling", "call", "incoming", "number", "numbers", "num", "id", "ids"),
    *("cli", "cid", "identity", "identification", "name", "party", "user", "line", "phone"),
    *("telephone", "subscriber", "by", "the", "their", "has", "been", "was", "is"),
    *("requested", "presentation", "display"),
    *("network", "invalid", "sip", "شماره", "شماره‌ی", "تماس", "تماس‌گیرنده", "گیرنده", "زنگ"),
    *("تلفن", "خط", "شده", "شده است", "است", "از", "با", "کاربر", "مشترک", "شناسه", "شناسه‌ی"),
    *("نام", "هویت", "فرد", "شخص", "کالر آیدی", "آیدی", "نمایش", "αριθμός", "αριθμού", "αριθμό"),
    *("κλήση", "κλήσης", "κλήσεις", "καλών", "καλούντος", "καλούντα", "καλούσα", "ταυτότητα"),
    *("ταυτότητας", "αναγνώριση", "αναγνώρισης", "με", "από", "γραμμή", "γραμμής", "τηλέφωνο"),
    *("τηλεφώνου", "όνομα", "ονόματος", "συνδρομητής", "χρήστης", "του", "της", "τον", "την"),
)
"""Words that networks add: ``Blocked Caller ID``, ``anonymous.invalid``."""


def _any_of(*lists: tuple[str, ...]) -> str:
    words = {normalize_word(text) for text in (text for words in lists for text in words)}
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


_WITHHELD_TEXT = re.compile(
    f"{_any_of(_BESIDE, _UNKNOWN)}*{_any_of(_WITHHELD)}{_any_of(_WITHHELD, _UNKNOWN, _BESIDE)}*"
)
_UNKNOWN_TEXT = re.compile(f"{_any_of(_BESIDE)}*{_any_of(_UNKNOWN)}{_any_of(_UNKNOWN, _BESIDE)}*")
_WITHHELD_ALONE_TEXTS = frozenset(map(normalize_word, _WITHHELD_ALONE))
_UNKNOWN_ALONE_TEXTS = frozenset(map(normalize_word, _UNKNOWN_ALONE))
_LONGEST_TEXT = 64
"""Letters. The expressions try every division of a text into words, so its length is limited."""


def means_withheld(normalized: str) -> bool:
    """Return whether a text of ``normalize_word`` means that the caller asked for privacy."""
    if len(normalized) > _LONGEST_TEXT:
        return False
    return normalized in _WITHHELD_ALONE_TEXTS or bool(_WITHHELD_TEXT.fullmatch(normalized))


def means_unknown(normalized: str) -> bool:
    """Return whether a text of ``normalize_word`` means that the network has no number."""
    if len(normalized) > _LONGEST_TEXT:
        return False
    return normalized in _UNKNOWN_ALONE_TEXTS or bool(_UNKNOWN_TEXT.fullmatch(normalized))
