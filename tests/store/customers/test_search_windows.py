"""A search for what many have takes the newest window of ids that holds a page, and misses none."""

from itertools import product

import pytest

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.engine.database import Database
from screenpop.store.search import newest
from screenpop.store.search.newest import MOST_FETCHED
from screenpop.store.search.queries import may_find_many, planner_settings

pytestmark = pytest.mark.anyio


async def _add(database: Database, families: str) -> dict[str, list[int]]:
    """Create a customer for each letter; return the ids of each letter, newest first."""
    ids: dict[str, list[int]] = {}
    for number, letter in enumerate(families):
        phone = PhoneDraft(f"555{number:04}", None, None, "mobile")
        names = {"en": PersonName("Sara", f"Family{letter}")}
        customer_id = await create_customer(
            database, CustomerDraft(names=names, phones=(phone,)), 7.0
        )
        ids.setdefault(letter, []).insert(0, customer_id)
    return ids


async def _pages(database: Database, search: str, limit: int) -> list[list[int]]:
    pages: list[list[int]] = []
    after = None
    while True:
        page = await list_customers(database, search=search, after=after, limit=limit)
        pages.append([row.customer.id for row in page.rows])
        after = page.after
        if after is None:
            return pages


@pytest.mark.parametrize(
    "families",
    ["aaaaaaaaa", "abababababab", "aaaaaabbbbbb", "bbbbbbaaaaaa", "abbbbbbbbbbba", "abbbbbbbbbbb"],
)
async def test_pages_are_the_same_whatever_the_window(
    database: Database, monkeypatch: pytest.MonkeyPatch, families: str
) -> None:
    ids = await _add(database, families)
    for window, limit, fetched in product((1, 2, 6, 100), (1, 2, 50), (0, MOST_FETCHED)):
        monkeypatch.setattr(newest, "SEARCH_WINDOW", window)
        monkeypatch.setattr(newest, "MOST_FETCHED", fetched)

        pages = await _pages(database, "familya", limit)

        assert [customer_id for page in pages for customer_id in page] == ids["a"], (window, limit)
        assert all(len(page) == limit for page in pages[:-1]), (window, limit)


@pytest.mark.parametrize(
    ("typed", "many"),
    [
        ("", False),
        ("sar", True),
        ("9123", True),
        ("91234", False),
        ("0912 34", False),
        ("0912 3", True),
        ("sara karimi", True),
        ("sara 12", True),
        ("sara 123", False),
    ],
)
def test_names_may_find_many_and_most_of_a_number_does_not(typed: str, many: bool) -> None:
    assert may_find_many(typed) is many


@pytest.mark.parametrize(
    ("typed", "whole", "is_backwards"),
    [
        *(("ab", False, True), ("abc", False, False), ("912", False, True)),
        *(
            ("9123", False, False),
            ("0165", False, True),
            ("0165", True, False),
            ("ab", True, False),
        ),
    ],
)
def test_only_short_beginnings_are_looked_for_from_the_newest_backwards(
    typed: str, whole: bool, is_backwards: bool
) -> None:
    [settings] = planner_settings("postgresql", typed, whole=whole)

    assert ("enable_bitmapscan" in settings) is is_backwards
