"""What a column of a list of customers can be."""

from enum import StrEnum
from typing import Final


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
    """How they like to be addressed."""
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
    """May be told of offers."""
    BALANCE = "balance"
    CURRENCY = "currency"
    SINCE = "since"
    """Customer since."""
    COMPANY = "company"
    HOUSEHOLD = "household"
    TAGS = "tags"
    PREFERENCES = "preferences"
    """How they travel, all in one line."""
    SEAT = "seat"
    MEALS = "meals"
    SEASON = "season"
    BUDGET = "budget"
    DESTINATIONS = "destinations"
    """Where they like to go."""
    OTHER_WISH = "other_wish"
    ALLOWS = "allows"
    """To what else they have agreed, and since when."""
    OWNER = "owner"
    """Whose customer it is: a user here."""
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
"""The subject of each."""
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
"""A question, a complaint or a refund: what each is called in a draft."""
SEVERAL: Final = PHONES | {
    Field.ALSO_NAMED,
    Field.EMAIL,
    Field.TAGS,
    Field.NOTES,
    Field.TRIP_NOTE,
    Field.IGNORED,
}
"""What more than one column can be."""
