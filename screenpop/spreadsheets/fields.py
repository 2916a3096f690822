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
    IGNORED = "ignored"
    """Not imported."""


PHONES: Final = frozenset({Field.MOBILE, Field.HOME_PHONE, Field.WORK_PHONE, Field.PHONE})
NAMES: Final = frozenset({Field.GIVEN, Field.FAMILY, Field.NAME, Field.FAMILY_FIRST})
DAYS: Final = frozenset(
    {Field.BIRTHDAY, Field.ANNIVERSARY, Field.SINCE, Field.DEPARTS, Field.RETURNS}
)
AMOUNTS: Final = frozenset({Field.BALANCE, Field.PRICE, Field.PAID})
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
    }
)
SEVERAL: Final = PHONES | {
    Field.ALSO_NAMED,
    Field.EMAIL,
    Field.TAGS,
    Field.NOTES,
    Field.TRIP_NOTE,
    Field.IGNORED,
}
"""What more than one column can be."""
