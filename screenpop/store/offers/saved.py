"""Saved offers of the office."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, Text, cast, delete, func, insert, select, update

from screenpop.accounts.users import UserId
from screenpop.offers.offer_json import write_offer
from screenpop.offers.office_offer import (
    OfferId,
    OfferTerms,
    OfficeOffer,
    suggestion_id,
)
from screenpop.offers.outcomes import ANSWERS
from screenpop.offers.school_holidays import SchoolHolidays
from screenpop.service.pieces import run_in_pieces
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.offers.holidays import read_holidays
from screenpop.store.offers.terms import stored_terms
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import offer_answers
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.voucher_tables import vouchers

MAX_OFFERS = 1_000


class OfferRefusal(StrEnum):
    UNKNOWN = "unknown"
    TOO_MANY = "too_many"
    HAS_ANSWERS = "has_answers"
    HAS_VOUCHERS = "has_vouchers"


class OfferRefusedError(ValueError):
    def __init__(self, refusal: OfferRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class SavedOffer:
    offer: OfficeOffer
    made_by: str
    changed_by: str
    changed_at: float
    answers: Mapping[str, int]
    """How many answers of each kind."""


# By the ids of the offers, so that the index finds the answers among the many rows without one.
_ANSWERS = (
    select(offer_answers.c.offer, offer_answers.c.answer, func.count().label("number"))
    .where(
        offer_answers.c.offer.in_(select("offer:" + cast(offers.c.id, Text))),
        offer_answers.c.answer.in_(ANSWERS),
    )
    .group_by(offer_answers.c.offer, offer_answers.c.answer)
)
_makers, _changers = users.alias("makers"), users.alias("changers")
_OFFERS: Select[Any] = (
    select(
        offers,
        func.coalesce(_makers.c.display_name, "").label("made_by"),
        func.coalesce(_changers.c.display_name, "").label("changed_by"),
    )
    .select_from(
        offers.outerjoin(_makers, _makers.c.id == offers.c.made_by_id).outerjoin(
            _changers, _changers.c.id == offers.c.changed_by_id
        )
    )
    .order_by(offers.c.id)
)


async def list_offers(database: Database) -> tuple[SavedOffer, ...]:
    """Return all offers in the order in which they were made.

    One that a newer version has written in a way that this one cannot read is left out.
    """

    def read(connection: Connection) -> _Stored:
        answered = connection.execute(_ANSWERS).all()
        return answered, connection.execute(_OFFERS).all(), read_holidays(connection)

    return await run_in_pieces(_all_saved(*await database.read(read)))


_Stored = tuple[Sequence[Any], Sequence[Any], tuple[SchoolHolidays, ...]]


def _all_saved(
    answered: Sequence[Any], rows: Sequence[Any], holidays: tuple[SchoolHolidays, ...]
) -> Generator[None, None, tuple[SavedOffer, ...]]:
    answers: dict[str, dict[str, int]] = {}
    for row in answered:
        answers.setdefault(row.offer, {})[row.answer] = row.number
    saved = []
    for row in rows:
        saved.append(_saved(row, answers, holidays))
        yield
    return tuple(one for one in saved if one is not None)


async def load_offer(database: Database, number: OfferId) -> SavedOffer | None:
    found = [one for one in await list_offers(database) if one.offer.id == number]
    return found[0] if found else None


async def add_offer(
    database: Database,
    terms: OfferTerms,
    *,
    user_id: UserId | None,
    now: float,
    active: bool = False,
) -> OfferId:
    """Save a new offer; return its id. Raises ``OfferRefusedError``."""
    async with database.writing() as connection:
        if (await connection.scalar(select(func.count()).select_from(offers)) or 0) >= MAX_OFFERS:
            raise OfferRefusedError(OfferRefusal.TOO_MANY)
        by = actor_id(user_id)
        values = _values(terms) | {"active": active, "made_by_id": by, "made_at": now}
        added = await connection.execute(
            insert(offers).values(**values, changed_by_id=by, changed_at=now).returning(offers.c.id)
        )
        return OfferId(added.scalar_one())


async def replace_offer(
    database: Database, number: OfferId, terms: OfferTerms, *, user_id: UserId | None, now: float
) -> None:
    """Replace the terms of an offer. Raises ``OfferRefusedError``."""
    await _update(database, number, _values(terms), user_id, now)


async def switch_offer(
    database: Database, number: OfferId, *, active: bool, user_id: UserId | None, now: float
) -> None:
    """Switch an offer on or off. Raises ``OfferRefusedError``."""
    await _update(database, number, {"active": active}, user_id, now)


async def delete_offer(database: Database, number: OfferId) -> None:
    """Delete an offer that was never suggested and gave no voucher.

    Raises ``OfferRefusedError``.
    """
    async with database.writing() as connection:
        answered = select(offer_answers.c.id).where(offer_answers.c.offer == suggestion_id(number))
        if (await connection.execute(answered.limit(1))).first() is not None:
            raise OfferRefusedError(OfferRefusal.HAS_ANSWERS)
        given = select(vouchers.c.id).where(vouchers.c.offer_id == number)
        if (await connection.execute(given.limit(1))).first() is not None:
            raise OfferRefusedError(OfferRefusal.HAS_VOUCHERS)
        gone = await connection.execute(
            delete(offers).where(offers.c.id == number).returning(offers.c.id)
        )
        if gone.first() is None:
            raise OfferRefusedError(OfferRefusal.UNKNOWN)


async def _update(
    database: Database,
    number: OfferId,
    values: Mapping[str, Any],
    user_id: UserId | None,
    now: float,
) -> None:
    async with database.writing() as connection:
        changed = await connection.execute(
            update(offers)
            .where(offers.c.id == number)
            .values(**values, changed_by_id=actor_id(user_id), changed_at=now)
            .returning(offers.c.id)
        )
        if changed.first() is None:
            raise OfferRefusedError(OfferRefusal.UNKNOWN)


def _values(terms: OfferTerms) -> dict[str, Any]:
    return {"name": clean_for_database(terms.name), "terms": write_offer(terms)}


def _saved(
    row: Any, answers: Mapping[str, Mapping[str, int]], holidays: tuple[SchoolHolidays, ...]
) -> SavedOffer | None:
    terms = stored_terms(row.terms)
    if terms is None:
        return None
    number = OfferId(row.id)
    counts = answers.get(suggestion_id(number), {})
    offer = OfficeOffer(
        number,
        terms,
        bool(row.active),
        counts.get("accepted", 0),
        holidays=holidays if terms.needs_holidays else (),
    )
    return SavedOffer(offer, row.made_by, row.changed_by, row.changed_at, counts)
