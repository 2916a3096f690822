"""Travel documents of a customer: kinds, checks of their numbers, and what is stored of each.

Numbers are personal secrets: they are encrypted at rest (``store.customers.document_key``), masked
wherever a user may not see them, and never on a card. Days and countries are not encrypted, as
cards and work lists need them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screenpop.common.text import fold_digits


class DocumentKind(StrEnum):
    PASSPORT = "passport"
    VISA = "visa"
    NATIONAL_CODE = "national_code"
    """The Iranian national code (کد ملی)."""
    TAX_NUMBER = "tax_number"
    """The Greek tax number (ΑΦΜ)."""
    ID_CARD = "id_card"
    FREQUENT_FLYER = "frequent_flyer"
    CLUB = "club"
    """A membership of a hotel chain, a loyalty club or the like."""


class DocumentProblem(StrEnum):
    """What is wrong with one field of a document."""

    EMPTY_DOCUMENT = "empty_document"
    """Neither a number nor a day nor a country is given."""
    NO_COUNTRY = "no_country"
    """A visa is for a country."""
    NATIONAL_CODE_LENGTH = "national_code_length"
    NATIONAL_CODE_DIGIT = "national_code_digit"
    NATIONAL_CODE_REPEATED = "national_code_repeated"
    TAX_NUMBER_LENGTH = "tax_number_length"
    TAX_NUMBER_DIGIT = "tax_number_digit"
    DOCUMENT_NUMBER = "document_number"
    """Too short, too long, or without a digit."""
    NOT_LATIN = "not_latin"
    ENDS_BEFORE_BEGIN = "ends_before_begin"


OWN_COUNTRY = {DocumentKind.NATIONAL_CODE: "IR", DocumentKind.TAX_NUMBER: "GR"}
"""The country of kinds that only one country issues."""
MAX_NUMBER_LENGTH = 30
MIN_NUMBER_LENGTH = 4
NATIONAL_CODE_DIGITS = 10
TAX_NUMBER_DIGITS = 9
SHOWN_DIGITS = 4
"""Characters at the end of a masked number."""
_LEAST_HIDDEN = 4
_DOTS = "••••"
_LOST_ZEROS = 2
"""Zeros at the beginning that a spreadsheet may have taken from a national code."""

_GREEK_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")
"""Letters of Greek documents: those that look alike in both alphabets (ICAO Doc 9303-3)."""
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z .'<-]*")

SCHENGEN = frozenset(
    (
        *("AT", "BE", "BG", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IS"),
        *("IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
"""A visa of one of these countries is valid in all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDraft:
    """A document to be stored."""

    kind: DocumentKind
    number: str = ""
    """As written."""
    country: str = ""
    """ISO 3166-1 alpha-2, or empty: of the issuer, of a visa the country that it is for."""
    issuer: str = ""
    """The airline or club of a membership."""
    name: str = ""
    """As in the passport, in Latin letters."""
    valid_from: date | None = None
    expires: date | None = None
    doubt: str = ""
    """A ``DocumentProblem`` of a number that an import kept although its check failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    id: int
    document: DocumentDraft
    """Without the number where it is not asked for or cannot be decrypted."""
    masked: str
    """``••••1234``; empty without a number."""


def normalize_number(text: str) -> str:
    """Return a number as it is compared: capital Latin letters and digits only."""
    folded = fold_digits(text).upper().translate(_GREEK_CAPITALS)
    return "".join(char for char in folded if char.isalnum())


def mask_number(number: str) -> str:
    """Return ``••••1234``, with fewer characters of a short number; empty for no number."""
    plain = normalize_number(number)
    shown = min(SHOWN_DIGITS, max(0, len(plain) - _LEAST_HIDDEN))
    return f"{_DOTS}{plain[len(plain) - shown :]}" if plain else ""


def complete_number(kind: DocumentKind, text: str) -> str:
    """Return a number as it is stored.

    A national code gets the zeros back that a spreadsheet has removed from its beginning, if its
    check digit is then right; a tax number loses the prefix of its country.
    """
    written = " ".join(fold_digits(text).split())
    plain = normalize_number(text)
    if kind is DocumentKind.NATIONAL_CODE:
        padded = plain.rjust(NATIONAL_CODE_DIGITS, "0")
        lost = len(padded) - len(plain)
        if 0 < lost <= _LOST_ZEROS and check_number(kind, padded) is None:
            return padded
        return plain or written
    if kind is DocumentKind.TAX_NUMBER:
        return plain.removeprefix("EL").removeprefix("GR") or written
    return written


def check_number(kind: DocumentKind, number: str) -> DocumentProblem | None:
    """Return what is wrong with a number of this kind; None for a right one, or for none."""
    plain = normalize_number(number)
    if not plain:
        return None
    match kind:
        case DocumentKind.NATIONAL_CODE:
            return _check_national_code(plain)
        case DocumentKind.TAX_NUMBER:
            return _check_tax_number(plain)
        case _:
            fits = MIN_NUMBER_LENGTH <= len(plain) <= MAX_NUMBER_LENGTH
            has_digit = any("0" <= char <= "9" for char in plain)
            return None if fits and has_digit else DocumentProblem.DOCUMENT_NUMBER


def expected_digit(kind: DocumentKind, number: str) -> str:
    """Return the check digit that the other digits of a number require; empty for other kinds."""
    plain = normalize_number(number)
    if kind is DocumentKind.NATIONAL_CODE and _is_digits(plain, NATIONAL_CODE_DIGITS):
        return str(_national_code_digit(plain))
    if kind is DocumentKind.TAX_NUMBER and _is_digits(plain, TAX_NUMBER_DIGITS):
        return str(_tax_number_digit(plain))
    return ""


def check_document(draft: DocumentDraft) -> Mapping[str, DocumentProblem]:
    """Return what is wrong with the fields of a document: field to problem."""
    found: dict[str, DocumentProblem] = {}
    if (problem := check_number(draft.kind, draft.number)) is not None:
        found["number"] = problem
    if draft.name and not _LATIN_NAME.fullmatch(draft.name):
        found["name"] = DocumentProblem.NOT_LATIN
    if draft.valid_from and draft.expires and draft.expires < draft.valid_from:
        found["expires"] = DocumentProblem.ENDS_BEFORE_BEGIN
    if draft.kind is DocumentKind.VISA and not draft.country:
        found["country"] = DocumentProblem.NO_COUNTRY
    elif not (draft.number or draft.expires or draft.country or draft.name):
        found["number"] = DocumentProblem.EMPTY_DOCUMENT
    return found


def same_document(draft: DocumentDraft) -> tuple[object, ...]:
    """Return a key that is equal for two records of one document.

    Without a number it is the kind, the country and the last day.
    """
    number = normalize_number(draft.number)
    if number:
        return draft.kind, number
    return draft.kind, draft.country, draft.issuer.casefold(), draft.expires


def join_documents(
    kept: tuple[DocumentDraft, ...], more: Iterable[DocumentDraft]
) -> tuple[DocumentDraft, ...]:
    """Return the documents of both; one that both have gets the fields that only ``more`` has.

    A passport or visa known only by its days gets the number that ``more`` has for the same days.
    """
    joined = list(kept)
    for document in more:
        place = _place_of(document, joined)
        if place is None:
            joined.append(document)
        else:
            joined[place] = _filled(joined[place], document)
    return kept if joined == list(kept) else tuple(joined)


def differing_documents(kept: Iterable[DocumentDraft], more: Iterable[DocumentDraft]) -> bool:
    """Return whether a document that both have has another value in ``more``."""
    stored = list(kept)
    for document in more:
        place = _place_of(document, stored)
        if place is not None and _has_other_value(stored[place], document):
            return True
    return False


def _has_other_value(one: DocumentDraft, other: DocumentDraft) -> bool:
    pairs = ((getattr(one, name), getattr(other, name)) for name in _FIELDS if name != "number")
    return any(ours and theirs and ours != theirs for ours, theirs in pairs)


def _place_of(document: DocumentDraft, among: list[DocumentDraft]) -> int | None:
    key = same_document(document)
    for place, other in enumerate(among):
        if same_document(other) == key:
            return place
    for place, other in enumerate(among):
        if _may_be_same(other, document):
            return place
    return None


def _may_be_same(one: DocumentDraft, other: DocumentDraft) -> bool:
    """Return whether one of two documents of a kind has a number and they have the same days."""
    if one.kind is not other.kind or bool(one.number) is bool(other.number):
        return False
    countries = {one.country, other.country} - {""}
    return one.expires is not None and one.expires == other.expires and len(countries) < 2


_FIELDS = ("number", "country", "issuer", "name", "valid_from", "expires")


def _filled(kept: DocumentDraft, more: DocumentDraft) -> DocumentDraft:
    values = {name: getattr(kept, name) or getattr(more, name) for name in _FIELDS}
    doubt = kept.doubt if kept.number else more.doubt
    return DocumentDraft(kind=kept.kind, doubt=doubt, **values)


def _check_national_code(plain: str) -> DocumentProblem | None:
    if not _is_digits(plain, NATIONAL_CODE_DIGITS):
        return DocumentProblem.NATIONAL_CODE_LENGTH
    if plain == plain[0] * NATIONAL_CODE_DIGITS:
        return DocumentProblem.NATIONAL_CODE_REPEATED
    if int(plain[-1]) != _national_code_digit(plain):
        return DocumentProblem.NATIONAL_CODE_DIGIT
    return None


def _national_code_digit(plain: str) -> int:
    """Return the tenth digit: a weighted sum of nine, modulo 11."""
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(plain[:9])) % 11
    return rest if rest < 2 else 11 - rest


def _check_tax_number(plain: str) -> DocumentProblem | None:
    if not _is_digits(plain, TAX_NUMBER_DIGITS) or set(plain) == {"0"}:
        return DocumentProblem.TAX_NUMBER_LENGTH
    if int(plain[-1]) != _tax_number_digit(plain):
        return DocumentProblem.TAX_NUMBER_DIGIT
    return None


def _tax_number_digit(plain: str) -> int:
    """Return the ninth digit: the sum of eight by powers of two, modulo 11, then modulo 10."""
    return sum(int(digit) << (8 - place) for place, digit in enumerate(plain[:8])) % 11 % 10


def _is_digits(plain: str, count: int) -> bool:
    return len(plain) == count and plain.isascii() and plain.isdecimal()
