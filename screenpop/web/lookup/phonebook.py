"""XML phonebooks that Yealink, Grandstream and Snom phones download or search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import Query
from starlette.responses import Response

from screenpop.cards.caller_summary import customer_name
from screenpop.common.ascii_text import to_ascii
from screenpop.common.text import display_text
from screenpop.customers.display_name import display_name
from screenpop.store.customers.phonebook import phonebook_customers
from screenpop.store.customers.queries import CustomerRow
from screenpop.telephony.dialled_digits import dialled_digits
from screenpop.web.auth.current_user import RequireUser
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter

MOST_CUSTOMERS = 1000
MOST_NUMBERS = 3
"""Numbers of one customer."""
NAME_LENGTH = 48


class PhoneBrand(StrEnum):
    YEALINK = "yealink"
    GRANDSTREAM = "grandstream"
    SNOM = "snom"


_Search = Annotated[str, Query(max_length=100)]
_Most = Annotated[int, Query(ge=1, le=MOST_CUSTOMERS)]
_Language = Literal["en", "fa", "el", ""]
_XML: dict[int | str, dict[str, object]] = {
    200: {
        "content": {
            "application/xml": {
                "example": "<YealinkIPPhoneDirectory><DirectoryEntry><Name>Dr Laleh Karimi</Name>"
                "<Telephone>09123456789</Telephone></DirectoryEntry></YealinkIPPhoneDirectory>"
            }
        }
    }
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One customer with the digits that a phone dials."""

    name: str
    given: str
    family: str
    numbers: Sequence[str]


def phonebook_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["lookup"])

    @routes.get("/phonebook.xml", response_class=Response, responses=_XML)
    async def phonebook(
        _current_user: RequireUser,
        format: PhoneBrand = PhoneBrand.YEALINK,
        search: _Search = "",
        most: _Most = 500,
        language: _Language = "",
        ascii: bool = False,
    ) -> Response:
        """Return customers and their numbers for office phones, without those who want no calls.

        ``search``: a name or a number; without it the newest customers, by name. A phone that can
        send no header may bring its token as ``token`` in the address, if the token has the scope
        ``phonebook:read`` and no other.
        """
        return await _book(context, format, search, most, language, ascii=ascii)

    @routes.get("/phonebook/{brand}/phonebook.xml", response_class=Response, responses=_XML)
    async def of_brand(
        _current_user: RequireUser,
        brand: PhoneBrand,
        search: _Search = "",
        most: _Most = 500,
        language: _Language = "",
        ascii: bool = False,
    ) -> Response:
        """Return the same, for phones that add ``/phonebook.xml`` to an address (Grandstream)."""
        return await _book(context, brand, search, most, language, ascii=ascii)

    return routes


async def _book(
    context: WebContext, brand: PhoneBrand, search: str, most: int, language: str, *, ascii: bool
) -> Response:
    # A phone sends its own sign where nothing was typed.
    wanted = "" if search == "#SEARCH" else search
    rows = await phonebook_customers(context.database, wanted, most)
    chosen = "en" if ascii else language or context.renderer.languages[0]
    entries = list(_entries(context, rows, chosen, ascii=ascii))
    if not wanted:
        entries.sort(key=lambda one: (one.family.casefold(), one.given.casefold()))
    body = tostring(_WRITERS[brand](entries), encoding="utf-8", xml_declaration=True)
    return Response(body, media_type="application/xml")


def _entries(
    context: WebContext, rows: Sequence[CustomerRow], language: str, *, ascii: bool
) -> Iterator[_Entry]:
    for row in rows:
        numbers = [
            dialled_digits(one.phone.e164, context.plan.region)
            for one in row.phones
            if one.phone.e164
        ]
        kept = list(dict.fromkeys(filter(None, numbers)))[:MOST_NUMBERS]
        if not kept:
            continue
        customer = row.customer
        name = display_name(customer.names, language)
        yield _Entry(
            _written(customer_name(customer, language), ascii=ascii),
            _written(name.given, ascii=ascii),
            _written(name.family, ascii=ascii),
            kept,
        )


def _written(text: str, *, ascii: bool) -> str:
    return display_text(to_ascii(text) if ascii else text, NAME_LENGTH)


def _directory(root: str, entries: Sequence[_Entry], title: str = "") -> Element:
    book = Element(root)
    if title:
        SubElement(book, "Title").text = title
    for entry in entries:
        row = SubElement(book, "DirectoryEntry")
        SubElement(row, "Name").text = entry.name
        for number in entry.numbers:
            SubElement(row, "Telephone").text = number
    return book


def _yealink(entries: Sequence[_Entry]) -> Element:
    return _directory("YealinkIPPhoneDirectory", entries)


def _snom(entries: Sequence[_Entry]) -> Element:
    """The minibrowser's directory has one number an entry."""
    single = [
        _Entry(entry.name, entry.given, entry.family, [number])
        for entry in entries
        for number in entry.numbers
    ]
    return _directory("SnomIPPhoneDirectory", single, "Screenpop")


def _grandstream(entries: Sequence[_Entry]) -> Element:
    book = Element("AddressBook")
    for entry in entries:
        contact = SubElement(book, "Contact")
        SubElement(contact, "LastName").text = entry.family
        SubElement(contact, "FirstName").text = entry.given or entry.name
        for number in entry.numbers:
            phone = SubElement(contact, "Phone")
            SubElement(phone, "phonenumber").text = number
            SubElement(phone, "accountindex").text = "0"
    return book


_WRITERS = {
    PhoneBrand.YEALINK: _yealink,
    PhoneBrand.GRANDSTREAM: _grandstream,
    PhoneBrand.SNOM: _snom,
}
