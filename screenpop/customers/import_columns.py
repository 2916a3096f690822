"""The columns of a customer list: what each can be, what it seems to be, what a person chose.

One type each from the reading process to the page and the API.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, Self, cast

from screenpop.customers.other_sheet import OtherSheet


class Field(StrEnum):
    TITLE = "title"
    GIVEN = "given"
    FAMILY = "family"
    NAME = "name"
    """The whole name, family last."""
    FAMILY_FIRST = "family_first"
    """The whole name, family first."""
    ALSO_NAMED = "also_named"
    """The name in another script, or several of them."""
    CALLED = "called"
    """The preferred form of address."""
    MOBILE = "mobile"
    HOME_PHONE = "home_phone"
    WORK_PHONE = "work_phone"
    PHONE = "phone"
    EMAIL = "email"
    GENDER = "gender"
    LANGUAGE = "language"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    TIER = "tier"
    VIP = "vip"
    CONSENT = "consent"
    """Consent to offers."""
    EMAIL_CONSENT = "email_consent"
    SMS_CONSENT = "sms_consent"
    PHONE_CONSENT = "phone_consent"
    RECORDING_CONSENT = "recording_consent"
    DATA_CONSENT = "data_consent"
    OFFERS_OPT_OUT = "offers_opt_out"
    """Opt-outs: "yes" in the cell is a no to the channel."""
    EMAIL_OPT_OUT = "email_opt_out"
    SMS_OPT_OUT = "sms_opt_out"
    PHONE_OPT_OUT = "phone_opt_out"
    RECORDING_OPT_OUT = "recording_opt_out"
    BALANCE = "balance"
    CURRENCY = "currency"
    SINCE = "since"
    """Customer since."""
    COMPANY = "company"
    HOUSEHOLD = "household"
    CITY = "city"
    HEARD_FROM = "heard_from"
    """How the customer heard of us."""
    TAGS = "tags"
    PREFERENCES = "preferences"
    """Travel preferences, all in one line."""
    SEAT = "seat"
    MEALS = "meals"
    SEASON = "season"
    BUDGET = "budget"
    DESTINATIONS = "destinations"
    """Preferred destinations."""
    OTHER_WISH = "other_wish"
    ALLOWS = "allows"
    """Several consents in one cell, and since when."""
    PASSPORT = "passport"
    """The number of the passport."""
    PASSPORT_COUNTRY = "passport_country"
    PASSPORT_NAME = "passport_name"
    PASSPORT_EXPIRES = "passport_expires"
    VISA_NUMBER = "visa_number"
    VISA_COUNTRY = "visa_country"
    VISA_FROM = "visa_from"
    VISA_EXPIRES = "visa_expires"
    NATIONAL_CODE = "national_code"
    TAX_NUMBER = "tax_number"
    ID_CARD = "id_card"
    FREQUENT_FLYER = "frequent_flyer"
    """The airline and the number, in any order."""
    CLUB = "club"
    """A club and the number of the membership, in any order."""
    OWNER = "owner"
    """The account manager: a user."""
    BRANCH = "branch"
    NOTES = "notes"
    DESTINATION = "destination"
    COUNTRY = "country"
    PRODUCT = "product"
    DEPARTS = "departs"
    RETURNS = "returns"
    STATUS = "status"
    VISA = "visa"
    PRICE = "price"
    PAID = "paid"
    ADULTS = "adults"
    CHILDREN = "children"
    TRAVELLERS = "travellers"
    """Those who travel, by name, number or customer number."""
    TRIP_NOTE = "trip_note"
    SUPPLIER = "supplier"
    MARGIN = "margin"
    RATING = "rating"
    FEEDBACK = "feedback"
    FEEDBACK_ASKED = "feedback_asked"
    CASE_KIND = "case_kind"
    CASE_STATE = "case_state"
    CASE_SUBJECT = "case_subject"
    CASE_OPENED = "case_opened"
    CASE_PROMISED_BY = "case_promised_by"
    CASE_PROMISED_FOR = "case_promised_for"
    CASE_CLOSED = "case_closed"
    CODE = "code"
    """The office's own customer code: updates the customer who has it."""
    OWN = "own"
    """A field that the office has made itself; its id is beside the column."""
    IGNORED = "ignored"
    """Not imported."""


PHONES: Final = frozenset({Field.MOBILE, Field.HOME_PHONE, Field.WORK_PHONE, Field.PHONE})
NAMES: Final = frozenset({Field.GIVEN, Field.FAMILY, Field.NAME, Field.FAMILY_FIRST})
DAYS: Final = frozenset(
    {
        Field.BIRTHDAY,
        Field.ANNIVERSARY,
        Field.SINCE,
        Field.DEPARTS,
        Field.RETURNS,
        Field.FEEDBACK_ASKED,
        Field.CASE_OPENED,
        Field.CASE_PROMISED_FOR,
        Field.CASE_CLOSED,
    }
)
AMOUNTS: Final = frozenset({Field.BALANCE, Field.PRICE, Field.PAID, Field.MARGIN})
WISHES: Final = {
    Field.SEAT: "seat",
    Field.MEALS: "meals",
    Field.SEASON: "season",
    Field.BUDGET: "budget",
    Field.DESTINATIONS: "destinations",
    Field.OTHER_WISH: "other",
}
"""The subject of each preference field."""
TRIP: Final = frozenset(
    {
        Field.DESTINATION,
        Field.COUNTRY,
        Field.PRODUCT,
        Field.DEPARTS,
        Field.RETURNS,
        Field.STATUS,
        Field.VISA,
        Field.PRICE,
        Field.PAID,
        Field.ADULTS,
        Field.CHILDREN,
        Field.TRAVELLERS,
        Field.TRIP_NOTE,
        Field.SUPPLIER,
        Field.MARGIN,
        Field.RATING,
        Field.FEEDBACK,
        Field.FEEDBACK_ASKED,
    }
)
CASE: Final = {
    Field.CASE_KIND: "kind",
    Field.CASE_STATE: "state",
    Field.CASE_SUBJECT: "subject",
    Field.CASE_OPENED: "opened",
    Field.CASE_PROMISED_BY: "promised_by",
    Field.CASE_PROMISED_FOR: "promised_for",
    Field.CASE_CLOSED: "closed",
}
"""Columns of a case (question, complaint or refund): their keys in a draft."""
DOCUMENTS: Final = {
    Field.PASSPORT: ("passport", "number"),
    Field.PASSPORT_COUNTRY: ("passport", "country"),
    Field.PASSPORT_NAME: ("passport", "name"),
    Field.PASSPORT_EXPIRES: ("passport", "expires"),
    Field.VISA_NUMBER: ("visa", "number"),
    Field.VISA_COUNTRY: ("visa", "country"),
    Field.VISA_FROM: ("visa", "valid_from"),
    Field.VISA_EXPIRES: ("visa", "expires"),
    Field.NATIONAL_CODE: ("national_code", "number"),
    Field.TAX_NUMBER: ("tax_number", "number"),
    Field.ID_CARD: ("id_card", "number"),
    Field.FREQUENT_FLYER: ("frequent_flyer", "number"),
    Field.CLUB: ("club", "number"),
}
"""Columns of travel documents: kind of the document and field in its draft."""
DOCUMENT_NUMBERS: Final = frozenset(
    field for field, (_, name) in DOCUMENTS.items() if name == "number"
)
"""Fields whose cells are secret: masked in reports and previews."""
CONSENTS: Final = {
    Field.CONSENT: "offers",
    Field.EMAIL_CONSENT: "email",
    Field.SMS_CONSENT: "sms",
    Field.PHONE_CONSENT: "phone",
    Field.RECORDING_CONSENT: "recording",
    Field.DATA_CONSENT: "data",
}
"""The channel of each consent field."""
OPT_OUTS: Final = {
    Field.OFFERS_OPT_OUT: "offers",
    Field.EMAIL_OPT_OUT: "email",
    Field.SMS_OPT_OUT: "sms",
    Field.PHONE_OPT_OUT: "phone",
    Field.RECORDING_OPT_OUT: "recording",
}
"""The channel of each field of opt-outs."""
SEVERAL: Final = PHONES | {
    *CONSENTS,
    *OPT_OUTS,
    Field.ALSO_NAMED,
    Field.EMAIL,
    Field.TAGS,
    Field.NOTES,
    Field.TRIP_NOTE,
    Field.TRAVELLERS,
    Field.OWN,
    Field.IGNORED,
}
"""Fields that more than one column can have."""


class DayOrder(StrEnum):
    """How a user wants the days of a column read, where their text leaves it open."""

    JALALI = "jalali"
    """Of the Persian calendar, the year first."""
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The field of each column, and how its days are read.

    Small and made of plain values: stored by ``headings_key``, so that the next sheet with the same
    headings needs no correction.
    """

    headings: tuple[str, ...]
    fields: tuple[Field, ...]
    """One for each heading."""
    day_first: bool = True
    own: tuple[int, ...] = ()
    """The id of the own field of each column, 0 for none; empty where no column is one."""
    days: tuple[str, ...] = ()
    """How the days of each column are read, as ``DayOrder``; empty: as found; no item: of all."""

    def __post_init__(self) -> None:
        if len(self.headings) != len(self.fields):
            raise ValueError("a choice needs one field for each heading")
        if self.own and len(self.own) != len(self.fields):
            raise ValueError("a choice needs one own field for each heading, or none at all")
        if self.days and len(self.days) != len(self.fields):
            raise ValueError("a choice needs the order of days of each column, or of none at all")
        own = [one for one in self.own if one]
        if len(set(own)) != len(own):
            raise ValueError("two columns cannot be the same own field")
        once = [field for field in self.fields if field not in SEVERAL]
        if len(set(once)) != len(once):
            raise ValueError("two columns cannot be the same, except phones, e-mails and notes")

    @property
    def usable(self) -> bool:
        """Return whether names and numbers are mapped, the least a list of customers needs."""
        return not (NAMES.isdisjoint(self.fields) or PHONES.isdisjoint(self.fields))

    def plain(self) -> dict[str, Any]:
        return {
            "headings": list(self.headings),
            "fields": [field.value for field in self.fields],
            "day_first": self.day_first,
            **({"own": list(self.own)} if any(self.own) else {}),
            **({"days": list(self.days)} if any(self.days) else {}),
        }

    @classmethod
    def from_plain(cls, plain: object) -> Self:
        """Return the mapping. Raises ``ValueError`` for invalid values."""
        try:
            values = cast("dict[str, Any]", plain)
            headings = tuple(str(heading) for heading in values["headings"])
            fields = tuple(Field(field) for field in values["fields"])
            own = tuple(int(one) for one in values.get("own", ()))
            days = tuple(DayOrder(one).value if one else "" for one in values.get("days", ()))
            return cls(headings, fields, bool(values.get("day_first", True)), own, days)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no choice of columns: {error!r:.200}") from error


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """The detected field of one column, for a user to correct."""

    heading: str
    field: Field
    confidence: float
    """0 to 1. Below 0.5 a user should check it."""
    why: str
    """``heading``, ``content``, ``remembered``, ``double`` (there was one before), ``other`` (it is
    not imported), ``name_order`` (it is not clear which name is first), ``nothing``."""
    samples: tuple[str, ...]
    """The first texts below the heading."""
    own: int = 0
    """The id of the own field, where ``field`` is ``own``."""
    own_kind: str = ""
    """The kind of an own field that would hold the column; empty where none is proposed."""
    own_choices: tuple[str, ...] = ()
    """The texts of the column, where this kind is a choice."""
    days: str = ""
    """As ``DayOrder``, chosen by a user; empty: as found."""

    @property
    def code(self) -> str:
        """Return the field as a user chooses it: ``birthday``, ``own:7``."""
        return f"{self.field.value}:{self.own}" if self.field is Field.OWN else self.field.value


def own_ids(columns: Sequence[ColumnGuess]) -> tuple[int, ...]:
    """Return ``ColumnMapping.own`` of these columns."""
    ids = tuple(column.own if column.field is Field.OWN else 0 for column in columns)
    return ids if any(ids) else ()


def day_orders(columns: Sequence[ColumnGuess]) -> tuple[str, ...]:
    """Return ``ColumnMapping.days`` of these columns."""
    orders = tuple(column.days for column in columns)
    return orders if any(orders) else ()


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """What a file seems to be, for a user to check and correct before the import."""

    __pydantic_config__: ClassVar = {"json_schema_serialization_defaults_required": True}
    """For the API's description: an answer always holds every field."""

    kind: str
    """``xlsx``, ``xlsb``, ``xls``, ``ods``, ``csv``, ``vcard``, ``trello``."""
    sheets: tuple[str, ...]
    """The visible ones first."""
    sheet: str
    """The sheet of this preview."""
    headings_line: int
    """The line of the headings; 0 when there are none."""
    columns: tuple[ColumnGuess, ...]
    day_first: bool
    rows: int
    """Rows below the headings; -1 where only the beginning was read."""
    currency: str = ""
    """Chosen for amounts without a currency; empty: none."""
    others: tuple[OtherSheet, ...] = ()
    """The other sheets of the file; empty where only the beginning was read."""
    hidden_rows: int = 0
    """Rows below the headings that are hidden in the spreadsheet program."""

    @property
    def choice(self) -> ColumnMapping:
        """Return the proposed mapping, unchanged."""
        return ColumnMapping(
            tuple(column.heading for column in self.columns),
            tuple(column.field for column in self.columns),
            self.day_first,
            own_ids(self.columns),
            day_orders(self.columns),
        )

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        columns = tuple(
            ColumnGuess(
                column["heading"],
                Field(column["field"]),
                column["confidence"],
                column["why"],
                tuple(column["samples"]),
                column.get("own", 0),
                column.get("own_kind", ""),
                tuple(column.get("own_choices", ())),
                column.get("days", ""),
            )
            for column in plain["columns"]
        )
        values = dict(plain) | {"columns": columns, "sheets": tuple(plain["sheets"])}
        values["others"] = tuple(OtherSheet(**other) for other in plain.get("others", ()))
        return cls(**values)
