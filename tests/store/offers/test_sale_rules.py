"""The old sale rules in an installed office: offers that are off, with what was declined."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from screenpop.customers.models import LANGUAGES
from screenpop.offers.office_offer import OfferId, suggestion_id
from screenpop.store.engine.database import migrate, open_database
from screenpop.store.offers.saved import SavedOffer, list_offers
from screenpop.store.schema.tables import customers
from tests.store.customers.test_offer_answers import USER
from tests.store.old_schema import migrate_to, place_for, revision_before, run_statements

QUIET = {
    "birthday": "2027-01-05",
    "loved_before:12": "9999-12-31",
    "loved_before:15": "2027-02-01",
    "visa_news:4": "2027-03-01",
    "offer:1": "2027-04-01",
}


def old_office(url: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> None:
    migrate_to(url, revision_before("sale_rules"), monkeypatch)
    run_statements(url, *more)
    migrate(url)


def read(url: str) -> tuple[tuple[SavedOffer, ...], dict[int, Any]]:
    async def run() -> tuple[tuple[SavedOffer, ...], dict[int, Any]]:
        database = open_database(url)
        await database.ready()
        saved = await list_offers(database)
        async with database.reading() as connection:
            rows = await connection.execute(select(customers.c.id, customers.c.quiet_offers))
            quiet = {row.id: row.quiet_offers for row in rows}
        await database.close()
        return saved, quiet

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def test_the_rules_of_an_installed_office_are_offers_that_are_off_and_keep_what_was_declined(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = (
        "INSERT INTO customers (id, names, tags, created_at, changed_at, quiet_offers) VALUES"
    )
    with place_for(kind, tmp_path, request) as url:
        old_office(
            url,
            monkeypatch,
            *(USER.format(id=number, name=f"U{number}") for number in (1, 2, 3)),
            "UPDATE users SET language = 'fa' WHERE id > 1",
            "INSERT INTO offers (name, terms, active, made_at, changed_at)"
            " VALUES ('Own', '{}', TRUE, 1, 1)",
            f"{customer} (5, '[]', '[]', 1, 1, '{orjson.dumps(QUIET).decode()}')",
            f"{customer} (6, '[]', '[]', 1, 1, NULL)",
        )
        saved, quiet = read(url)
    names = {one.offer.terms.name: one.offer for one in saved}
    assert list(names) == [
        *("پیشنهاد باز", "تولد", "سالگرد ازدواج", "وقت سفر همیشگی", "جای دلخواه", "بی‌خبری طولانی"),
    ]
    for one in names.values():
        assert not one.active
        assert one.terms.condition is not None
        assert set(one.terms.words) == set(LANGUAGES)
    birthday, loved = (suggestion_id(OfferId(names[name].id)) for name in ("تولد", "جای دلخواه"))
    assert quiet == {
        5: {
            birthday: "2027-01-05",
            loved: "9999-12-31",
            "visa_news:4": "2027-03-01",
            "offer:1": "2027-04-01",
        },
        6: None,
    }


def test_a_new_office_has_no_offers_until_it_makes_some(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place_for(kind, tmp_path, request) as url:
        old_office(url, monkeypatch)
        assert read(url) == ((), {})
