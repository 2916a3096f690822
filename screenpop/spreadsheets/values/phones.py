"""Phone numbers of a cell, including the ways in which spreadsheets damage them."""

import re
from collections.abc import Callable, Iterator, Sequence

from phonenumbers import PhoneMetadata, country_code_for_region

from screenpop.common.text import display_text, fold_digits, last_nine
from screenpop.customers.draft import PhoneDraft
from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.spreadsheets.values.phone_words import NumberPiece, split_numbers
from screenpop.spreadsheets.writing.cells import unescape_cell
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import E164
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_number_patterns import build_number_matcher
from screenpop.telephony.phone_numbers import resolve

Phones = tuple[PhoneDraft, ...]

_AS_TEXT = re.compile(r'^=?\s*"([^"]*)"$|^\'(.*)$', re.DOTALL)
_FLOAT = re.compile(r"^\+?(\d+)[.,]0+$")
_SCIENTIFIC = re.compile(r"^\+?(\d)[.,]?(\d*)E\+?(\d{1,2})$", re.IGNORECASE)
_STRONG = re.compile(r"[;|؛\n]+|\s*:{2,}\s*|\s+(?:و|or|and|και|ή)\s+")
_WEAK = re.compile(r"[;|؛\n,/،]+|\s*:{2,}\s*|\s+(?:و|or|and|και|ή)\s+|\s+-\s+")
_LIKE_NUMBER = re.compile(r"\s*'?\+?(?:[\s().-]*\d){4,}\s*")
"""Behind a semicolon this is no parameter (RFC 3966) but another number of unknown meaning."""
_SHORTENED = re.compile(r"\d\s*/\s*\d{1,3}\s*$")
"""A number with the ending of another one behind it: ``0912 345 6807/08``."""
_LOCAL = re.compile(r"[1-9](?:[\s.-]?\d){5,7}")
"""Six to eight digits: the number of a town, without its area code."""
_NATIONAL = re.compile(r"\(?0(?![\s(]*0)[\s()./-]*[1-9]")
"""The beginning of a number as dialled within the country: one zero."""
_SPACES = re.compile(r"\s{2,}|(?<=\d{7})\s+(?=[+0]\d{5})")
_MOST = 12
_LONGEST_WRITTEN = 100


def phone_parser(plan: NumberPlan) -> Callable[[str, str], Phones | CellError]:
    """Return ``read(text, label)``: the numbers of a cell, each with its text as written.

    Usually there is one number, sometimes several: ``0912 345 6789 / 021-88776655``. One invalid
    number among them makes the whole cell invalid.
    """
    quick = build_number_matcher(plan)

    def read(text: str, label: str) -> Phones | CellError:
        certain = quick(text)
        if certain is not None:
            label = _label(certain.line_type, label)
            return (PhoneDraft(text, certain.e164, certain.last_nine, label),)
        written = _AS_TEXT.sub(lambda quoted: quoted[1] or quoted[2] or "", text).strip()
        return _several(written, label, plan) if written else ()

    return read


def _several(written: str, label: str, plan: NumberPlan) -> Phones | CellError:
    # First: text behind a semicolon would be a parameter of the number before it (RFC 3966).
    if several := _parts(written, _STRONG, label, plan):
        return several
    if several := read_worded(written, label, plan):
        return several
    if any(map(_LIKE_NUMBER.fullmatch, _STRONG.split(written)[1:])):
        return CellError("bad_phone")
    whole = _phone(written, label, plan)
    if not isinstance(whole, CellError):
        return (whole,)
    several = _parts(written, _WEAK, label, plan) or _parts(written, _SPACES, label, plan)
    return several or (CellError("local_phone") if _has_local(written, label, plan) else whole)


def _has_local(written: str, label: str, plan: NumberPlan) -> bool:
    """Return whether a number of the cell lacks its area code and all others are valid."""
    country = PhoneMetadata.metadata_for_region(plan.region)
    if country is None or not country.national_prefix:
        return False  # numbers are dialled in full everywhere, as in Greece
    pieces = split_numbers(written.replace("ـ", "-"))
    wrong = [
        number
        for number, one_label in _whole_numbers(pieces[:_MOST], label)
        if isinstance(_phone(number, one_label, plan), CellError)
    ]
    return bool(wrong) and all(
        _LOCAL.fullmatch(fold_digits(number)) and not _is_placeholder(number, plan)
        for number in wrong
    )


def read_worded(text: str, label: str, plan: NumberPlan) -> Phones:
    """Return the numbers of a cell with words beside them or shortened numbers behind.

    ``0912 345 6789 همراه / 021 2233 4401 منزل``, ``0912 345 6807/08``, ``(οικ.) 210 6001122``. None
    unless each number is valid and all digits belong to one.
    """
    pieces = split_numbers(text.replace("ـ", "-"))
    if not pieces or (len(pieces) == 1 and pieces[0].digits == text.strip()):
        return ()
    if "/" not in text and any(piece.is_ending for piece in pieces):
        # A number may be written with its extension: 0711 12345-67.
        whole = _phone(text, label, plan)
        if not isinstance(whole, CellError) and is_national(whole.e164, plan):
            return (whole,)
    if len(pieces) > _MOST:
        return ()
    found: dict[E164 | None, PhoneDraft] = {}
    for written, one_label in _whole_numbers(pieces, label):
        phone = _phone(written, one_label, plan)
        if isinstance(phone, CellError):
            return ()
        found.setdefault(phone.e164, phone)
    return tuple(found.values())


def _whole_numbers(pieces: Sequence[NumberPiece], label: str) -> Iterator[tuple[str, str]]:
    """Yield each number as written, an ending with the digits before it, and its label."""
    before = ""
    for piece in pieces:
        if piece.is_ending:
            before = before[: -len(piece.digits)] + piece.digits
            yield before, label
        else:
            before = piece.digits
            yield before, piece.label or label


def is_national(e164: E164 | None, plan: NumberPlan) -> bool:
    return e164 is not None and e164.startswith(f"+{country_code_for_region(plan.region)}")


def _parts(written: str, between: re.Pattern[str], label: str, plan: NumberPlan) -> Phones:
    """Return the numbers between such separators; none for a single or an invalid one."""
    parts = [_bare(part) for part in between.split(written) if part.strip()]
    if not 1 < len(parts) <= _MOST or any(map(_SHORTENED.search, parts)):
        return ()
    phones = [_phone(part, label, plan) for part in parts]
    understood = tuple(phone for phone in phones if not isinstance(phone, CellError))
    return understood if len(understood) == len(parts) else ()


def _bare(part: str) -> str:
    """Return the text without the mark that our own export puts before formulas."""
    text = part.strip()
    return unescape_cell(text) or text


def parse_partly(text: str, label: str, plan: NumberPlan) -> Phones:
    """Return the numbers of a cell of which some are invalid.

    Invalid ones are kept as written, to be parsed when a later version can.
    """
    pieces = split_numbers(text.replace("ـ", "-"))
    if 1 < len(pieces) <= _MOST:
        return tuple(
            _as_written(written, one_label) if isinstance(phone, CellError) else phone
            for written, one_label in _whole_numbers(pieces, label)
            for phone in (_phone(written, one_label, plan),)
            if not _is_placeholder(written, plan)
        )
    # Text without visible characters, such as a control character, is no number.
    parts = [_bare(part) for part in _WEAK.split(text) if display_text(part, _LONGEST_WRITTEN)]
    parts = [part for part in parts if not _is_placeholder(part, plan)]
    if not parts:
        return ()
    phones = [_phone(part, label, plan) for part in parts]
    if len(parts) > _MOST or all(isinstance(phone, CellError) for phone in phones):
        return (_as_written(text, label),)
    return tuple(
        _as_written(part, label) if isinstance(phone, CellError) else phone
        for part, phone in zip(parts, phones, strict=True)
    )


def _is_placeholder(part: str, plan: NumberPlan) -> bool:
    digits = _as_digits(fold_digits(part).strip())
    if isinstance(digits, CellError):
        return False
    return resolve(digits, plan=plan).how == "repeated_digit"


def _as_written(text: str, label: str) -> PhoneDraft:
    return PhoneDraft(display_text(text, _LONGEST_WRITTEN), None, last_nine(text), label)


def _phone(text: str, label: str, plan: NumberPlan) -> PhoneDraft | CellError:
    digits = _as_digits(fold_digits(text).strip())
    if isinstance(digits, CellError):
        return digits
    caller = resolve(digits, plan=plan)
    if caller.kind is not CallerIdKind.NUMBER or caller.e164 is None:
        return CellError("bad_phone")
    if _NATIONAL.match(digits) and not is_national(E164(caller.e164), plan):
        return CellError("bad_phone")  # with a digit too many it is no number of another country
    label = _label(caller.line_type, label)
    return PhoneDraft(text, E164(caller.e164), caller.last_nine, label)


def _label(line_type: str | None, column: str) -> str:
    """Return the label: the line type overrides the column for mobiles and for landlines."""
    if line_type == "mobile":
        return "mobile"
    return "other" if line_type == "fixed" and column == "mobile" else column


def _as_digits(text: str) -> str | CellError:
    """Return the digits as typed of a number that a spreadsheet took for an amount."""
    if found := _FLOAT.match(text):
        return found[1]
    if found := _SCIENTIFIC.match(text):
        first, rest, power = found[1], found[2], int(found[3])
        # Trailing zeros may come from rounding: the original digits are lost.
        return CellError("rounded_phone") if power > len(rest) else first + rest[:power]
    return text
