"""The columns of travel documents in an export that was asked to have them."""

from collections.abc import Sequence

from screenpop.accounts.departments import Section
from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.spreadsheets.writing.sheet_words import Cell, Column, ExportWords, country_name

DOCUMENT_COLUMNS = tuple(
    Column(code, Section.PERSONAL, width)
    for code, width in (
        ("passport", 14),
        ("passport_country", 14),
        ("passport_name", 22),
        ("passport_expires", 12),
        ("visa_number", 14),
        ("visa_country", 14),
        ("visa_from", 12),
        ("visa_expires", 12),
        ("national_code", 14),
        ("tax_number", 12),
        ("id_card", 14),
        ("frequent_flyer", 20),
        ("club", 20),
    )
)


def document_rows(documents: Sequence[DocumentDraft], words: ExportWords) -> list[dict[str, Cell]]:
    """Return cells for as many rows as the customer has documents of one kind."""
    rows: list[dict[str, Cell]] = []
    count: dict[DocumentKind, int] = {}
    for one in documents:
        place = count.get(one.kind, 0)
        count[one.kind] = place + 1
        if place == len(rows):
            rows.append({})
        rows[place] |= _cells(one, words)
    return rows


def _cells(one: DocumentDraft, words: ExportWords) -> dict[str, Cell]:
    match one.kind:
        case DocumentKind.PASSPORT:
            return {
                "passport": one.number,
                "passport_country": country_name(one.country, words.language),
                "passport_name": one.name,
                "passport_expires": one.expires,
            }
        case DocumentKind.VISA:
            return {
                "visa_number": one.number,
                "visa_country": country_name(one.country, words.language),
                "visa_from": one.valid_from,
                "visa_expires": one.expires,
            }
        case DocumentKind.FREQUENT_FLYER | DocumentKind.CLUB:
            return {one.kind.value: f"{one.issuer} {one.number}".strip()}
        case _:
            return {one.kind.value: one.number}
