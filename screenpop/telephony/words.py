"""The words that networks send in the place of a number."""

from functools import lru_cache

from screenpop.telephony.text import fold_digits

_UNIFIED = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ς": "σ"})


@lru_cache(maxsize=1024)
def word(text: str) -> str:
    """A word as compared: no case, no accents, nothing but letters and digits."""
    folded = fold_digits(text).casefold().translate(_UNIFIED)
    return "".join(filter(str.isalnum, fold_digits(folded)))


WITHHELD_WORDS = frozenset(
    map(
        word,
        (
            *("anonymous", "anonym", "private", "private number", "restricted", "withheld"),
            *("number withheld", "caller id withheld", "id withheld", "blocked", "caller blocked"),
            *("hidden", "no caller id", "secret", "confidential", "ناشناس", "خصوصی", "شماره خصوصی"),
            *("مخفی", "پنهان", "محرمانه", "شماره مخفی", "απόκρυψη", "με απόκρυψη"),
            *("απόκρυψη αριθμού", "απόρρητο", "απόρρητος", "απόρρητος αριθμός", "ανώνυμος"),
            *("ανώνυμη", "ανώνυμη κλήση", "ιδιωτικός", "ιδιωτική κλήση", "κρυφός αριθμός"),
        ),
    )
)
"""The caller does not want to be known."""

UNKNOWN_WORDS = frozenset(
    map(
        word,
        (
            *("unknown", "unknown number", "unknown caller", "unavailable", "not available"),
            *("unassigned", "undefined", "none", "null", "nil", "n/a", "nobody", "no number"),
            *("out of area", "payphone", "asterisk", "s", "نامشخص", "نامعلوم", "بدون شماره"),
            *("در دسترس نیست", "άγνωστος", "άγνωστη", "άγνωστο", "άγνωστος αριθμός"),
            *("μη διαθέσιμο", "μη διαθέσιμος", "χωρίς αριθμό"),
        ),
    )
)
"""The network knows no number. ``asterisk`` is what Asterisk calls itself when it has none, ``s``
the extension of a call that came without a number."""
