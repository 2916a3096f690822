"""One cell: the text that was written, as what it means. A ``Wrong`` where it means nothing."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from persiantools.jdatetime import JalaliDate

from screenpop.customers.draft import PhoneDraft
from screenpop.customers.folding import fold
from screenpop.customers.records import Gender, PersonName, Tier, Title
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.numbers import resolve
from screenpop.telephony.plan import NumberPlan
from screenpop.telephony.text import fold_digits

_OLDEST = 120
"""Years."""
_MOST_MONEY = 10**15


@dataclass(frozen=True, slots=True)
class Wrong:
    """``code`` is a key of ``problems.REMEDIES``."""

    code: str


# --- words -------------------------------------------------------------------------------------


def _words(text: str) -> dict[str, str]:
    """``meaning: word word|words of two; ...`` as word to meaning."""
    found = {}
    for line in text.strip().splitlines():
        meaning, _, words = line.partition(":")
        found.update({fold(word): meaning.strip() for word in words.split("|")})
    return found


_TITLES = _words("""
    mr: mr|mister|sir|herr|آقا|آقای|جناب|جناب آقای|κ|κος|κύριος|κύριο
    ms: ms|mrs|miss|madam|lady|خانم|بانو|سرکار|سرکار خانم|κα|κυρία|δις|δεσποινίς
    dr: dr|doctor|دکتر|δρ|γιατρός|ιατρός
    eng: eng|engineer|ing|مهندس|μηχ|μηχανικός
    prof: prof|professor|استاد|پروفسور|καθ|καθηγητής
    prof ms: καθηγήτρια
""")
_RANK = (Title.PROF, Title.DR, Title.ENG, Title.MS, Title.MR)

_TIERS = _words("""
    none: none|no|normal|regular|standard|basic|-|عادی|معمولی|ندارد|κανένα|απλό|κανονικό
    silver: silver|نقره ای|نقره‌ای|نقره|سیلور|ασημένιο|ασημένια|ασημί|αργυρό
    gold: gold|golden|طلایی|طلا|گلد|χρυσό|χρυσή|χρυσός
    platinum: platinum|پلاتین|پلاتینیوم|پلاتینوم|πλατινένιο|πλατίνα|πλατινένια
""")

_LANGUAGES = _words("""
    en: en|eng|english|انگلیسی|αγγλικά|αγγλική
    fa: fa|fas|per|persian|farsi|فارسی|περσικά|φαρσί
    el: el|ell|gr|gre|greek|ελληνικά|ελληνική|یونانی
""")


def understand_title(text: str) -> tuple[Title, Gender] | Wrong:
    """``Mrs Dr.`` is a doctor and a woman; empty is nobody's title."""
    said = fold(re.sub(r"[./,·]", " ", text))
    if not said:
        return Title.NONE, Gender.UNSAID
    whole = _TITLES.get(said)
    meanings = [whole] if whole else [_TITLES.get(word) for word in said.split()]
    titles = [word for meaning in meanings if meaning for word in meaning.split()]
    if not titles or None in meanings:
        return Wrong("unknown_title")
    gender = Gender.WOMAN if "ms" in titles else Gender.MAN if "mr" in titles else Gender.UNSAID
    return next(title for title in _RANK if title.value in titles), gender


def understand_tier(text: str) -> Tier | Wrong:
    if not text:
        return Tier.NONE
    tier = _TIERS.get(fold(text))
    return Wrong("unknown_tier") if tier is None else Tier(tier)


def understand_language(text: str) -> str | Wrong:
    if not text:
        return ""
    return _LANGUAGES.get(fold(text)) or Wrong("unknown_language")


def understand_name(given: str, family: str) -> dict[str, PersonName] | Wrong:
    """A name under the language of its script. One column for the whole name: its last word is
    taken for the family's."""
    if not family:
        given, _, family = given.rpartition(" ")
    name = PersonName(given, family)
    if not any(char.isalpha() for char in name.full):
        return Wrong("no_name")
    return {_language_of(family or given): name}


def _language_of(text: str) -> str:
    if any("\u0600" <= char <= "\u06ff" for char in text):
        return "fa"
    return "el" if any("\u0370" <= char <= "\u03ff" for char in text) else "en"


# --- numbers -----------------------------------------------------------------------------------

_AS_TEXT = re.compile(r'^=?\s*"([^"]*)"$|^\'(.*)$')
_FLOAT = re.compile(r"^\+?(\d+)[.,]0+$")
_SCIENTIFIC = re.compile(r"^\+?(\d)[.,]?(\d*)E\+?(\d{1,2})$", re.IGNORECASE)
_BETWEEN_PHONES = re.compile(r"[;,/|،؛\n]|\s+(?:و|or|and|και|ή)\s+")


def understand_phones(text: str, label: str, plan: NumberPlan) -> tuple[PhoneDraft, ...] | Wrong:
    """The numbers of a cell, each with the text it was written as. Usually one."""
    written = _AS_TEXT.sub(lambda quoted: quoted[1] or quoted[2] or "", text).strip()
    if not written:
        return ()
    whole = _phone(written, label, plan)
    if not isinstance(whole, Wrong):
        return (whole,)
    parts = [part.strip() for part in _BETWEEN_PHONES.split(written) if part.strip()]
    phones = [_phone(part, label, plan) for part in parts]
    understood = tuple(phone for phone in phones if not isinstance(phone, Wrong))
    return understood if len(parts) > 1 and len(understood) == len(parts) else whole


def _phone(text: str, label: str, plan: NumberPlan) -> PhoneDraft | Wrong:
    digits = _as_digits(fold_digits(text).strip())
    if isinstance(digits, Wrong):
        return digits
    caller = resolve(digits, plan=plan)
    if caller.kind is not CallerIdKind.NUMBER or caller.e164 is None:
        return Wrong("bad_phone")
    kind = "mobile" if caller.line_type == "mobile" else label
    return PhoneDraft(text, caller.e164, caller.last_nine, kind)


def _as_digits(text: str) -> str | Wrong:
    """A number that a spreadsheet took for an amount, as the digits it was typed with."""
    if found := _FLOAT.match(text):
        return found[1]
    if found := _SCIENTIFIC.match(text):
        first, rest, power = found[1], found[2], int(found[3])
        missing = power - len(rest)
        # The zeros at the end may be rounding: nobody can tell any more.
        return Wrong("rounded_phone") if missing > 0 else first + rest[:power]
    return text


# --- days --------------------------------------------------------------------------------------

_DAY = re.compile(r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$")
_JALALI_YEARS = range(1250, 1500)
_FIRST_YEAR = 1850


def understand_birthday(text: str, today: date) -> date | Wrong | None:
    """A Gregorian day (1986-08-03), or a Jalali one (1365/05/12) as its Gregorian day."""
    written = fold_digits(text).strip()
    if not written:
        return None
    found = _DAY.match(written)
    if found is None:
        return Wrong("bad_date")
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    try:
        born = (
            JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
            if year in _JALALI_YEARS
            else date(year, month, day)
        )
    except ValueError:
        return Wrong("impossible_date")
    if born > today or born.year < max(_FIRST_YEAR, today.year - _OLDEST):
        return Wrong("impossible_date")
    return date(born.year, born.month, born.day)


# --- money -------------------------------------------------------------------------------------

_CURRENCIES = {
    fold(word): code
    for code, words in {
        "EUR": "€ eur euro euros ευρώ یورو",
        "USD": "$ usd us$ dollar dollars δολάρια دلار",
        "GBP": "£ gbp pound pounds λίρες پوند",
        "IRR": "ریال irr rial rials ﷼ ριάλ",
        "IRT": "تومان تومن irt toman tomans",
        "AED": "aed درهم dirham",
        "TRY": "₺ try tl لیر lira",
    }.items()
    for word in words.split()
}
_AMOUNT = re.compile(r"^([-+(]?)\s*(\d[\d.,'\s/]*?)\s*([-)]?)$")
_AROUND = re.compile(r"^([^\d(+-]*)(.*?)([^\d)-]*)$", re.DOTALL)
_THOUSANDS = str.maketrans({"٬": ",", "،": ",", "٫": ".", "’": "'", "−": "-"})


@dataclass(frozen=True, slots=True)
class Amount:
    """Whole units: cents are rounded, as the card shows none. ``currency`` may be empty."""

    units: int
    currency: str


def understand_amount(text: str) -> Amount | Wrong:
    """``1.250,00 €``, ``(1,250)``, ``۱٬۲۵۰٬۰۰۰ ریال``."""
    written = fold_digits(text.translate(_THOUSANDS)).strip()
    if not written:
        return Amount(0, "")
    around = _AROUND.match(written)
    if around is None:
        return Wrong("bad_amount")
    words = {fold(around[1]), fold(around[3])} - {""}
    found = _AMOUNT.match(around[2].strip())
    if found is None or len(words) > 1 or not words <= _CURRENCIES.keys():
        return Wrong("bad_amount")
    value = _plain_number(found[2])
    if value is None or value > _MOST_MONEY:
        return Wrong("bad_amount")
    owed_to_us = found[1] not in {"-", "("} and found[3] != "-"
    units = int(value.quantize(Decimal(1), ROUND_HALF_UP))
    return Amount(units if owed_to_us else -units, "".join(_CURRENCIES[word] for word in words))


def _plain_number(text: str) -> Decimal | None:
    """Digits with separators: what comes before one or two last digits parts the cents, what comes
    before three parts the thousands."""
    bare = re.sub(r"[\s']", "", text)
    whole, mark, last = (bare, "", "")
    cents = re.search(r"[.,/](\d{1,2})$", bare)
    if cents:
        whole, mark, last = bare[: cents.start()], cents[0][0], cents[1]
    groups = re.split(r"[.,]", whole)
    if mark and mark in whole:
        return None
    if len(groups) > 1 and not (
        1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    ):
        return None
    try:
        return Decimal("".join(groups) + (f".{last}" if last else ""))
    except InvalidOperation:
        return None
