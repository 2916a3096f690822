"""Pages of pairs, people marked as different, and customers that a new one may be."""

from datetime import date

import pytest

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.match_keys import MatchKind
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers import duplicates
from screenpop.store.customers.duplicates import (
    DuplicatePage,
    find_duplicates,
    find_on_file,
    mark_as_different,
    unmark_as_different,
)
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import E164

pytestmark = pytest.mark.anyio

BIRTHDAY = date(1980, 5, 5)
NUMBER = PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789")


def named(*names: str, **more: object) -> CustomerDraft:
    codes = ("en", "fa", "el")
    parts = (name.partition(" ") for name in names)
    return CustomerDraft(
        names={
            code: PersonName(given, family)
            for code, (given, _, family) in zip(codes, parts, strict=False)
        },
        **more,  # type: ignore[arg-type]
    )


async def on_file(database: Database, *drafts: CustomerDraft) -> list[CustomerId]:
    return [await create_customer(database, draft, 1.0) for draft in drafts]


def ids(page: DuplicatePage) -> list[tuple[int, int]]:
    return [(pair.older.id, pair.newer.id) for pair in page.pairs]


async def test_people_marked_as_different_stay_off_the_list_until_undone(
    database: Database,
) -> None:
    one, other, third = await on_file(database, *[named("Ali Noori", phones=(NUMBER,))] * 3)

    assert await mark_as_different(database, other, one, user_id=None, now=2.0)
    assert await mark_as_different(database, one, other, user_id=None, now=3.0)

    assert ids(await find_duplicates(database)) == [(one, third), (other, third)]
    await unmark_as_different(database, other, one)
    assert ids(await find_duplicates(database)) == [(one, other), (one, third), (other, third)]


async def test_a_customer_is_not_different_from_itself_or_from_a_missing_one(
    database: Database,
) -> None:
    [one] = await on_file(database, named("Ali Noori"))

    for other in (one, CustomerId(one + 1)):
        assert not await mark_as_different(database, one, other, user_id=None, now=2.0)


@pytest.mark.parametrize("groups", [2, 3, 7])
async def test_pages_have_each_pair_once_and_end(
    database: Database, monkeypatch: pytest.MonkeyPatch, groups: int
) -> None:
    monkeypatch.setattr(duplicates, "PAGE", 4)
    monkeypatch.setattr(duplicates, "_GROUPS_READ", 3)
    wanted = set()
    for place in range(groups):
        number = PhoneDraft("x", None, f"91234567{place}")
        one, other = await on_file(database, *[named("Ali Noori", phones=(number,))] * 2)
        wanted.add((one, other))
    found: list[tuple[int, int]] = []
    after, sizes = None, []
    while True:
        page = await find_duplicates(database, after=after)
        found += ids(page)
        sizes.append(len(page.pairs))
        after = page.after
        if after is None:
            break

    assert set(found) == wanted
    assert len(found) == len(wanted)
    assert max(sizes) == min(4, groups)


@pytest.mark.parametrize("members", [12, 13])
async def test_the_oldest_twelve_of_a_group_are_paired(database: Database, members: int) -> None:
    people = await on_file(database, *[named("Ali Noori", phones=(NUMBER,))] * members)

    page = await find_duplicates(database)

    assert {one for pair in ids(page) for one in pair} == set(people[:12])
    assert len(page.pairs) == 66


async def test_birthdays_are_left_out_without_a_page_more_where_they_are_not_wanted(
    database: Database,
) -> None:
    await on_file(database, *[named("Ali Noori", birthday=BIRTHDAY)] * 2)

    page = await find_duplicates(database, kinds=(MatchKind.NUMBER, MatchKind.EMAIL))

    assert page == DuplicatePage((), None)


SPELT = PhoneDraft("912 345 6789", None, "123456789")
MAIL = ("Ali@example.com",)
BORN = {"birthday": BIRTHDAY}


@pytest.mark.parametrize(
    ("stored", "new", "why"),
    [
        (named("Nikos Pappas", phones=(NUMBER,)), named("Ali Noori", phones=(NUMBER,)), "number"),
        (
            named("Ali Noori", phones=(SPELT,)),
            named("علی نوری", phones=(NUMBER,)),
            "last_nine",
        ),
        (named("علی نوری", emails=MAIL), named("Ali Nouri", emails=("ali@example.com",)), "email"),
        (named("علی نوری", **BORN), named("Ali Noori", **BORN), "birthday"),
        (named("Παππάς Νίκος", **BORN), named("Nikos Pappas", **BORN), "birthday"),
        (named("Alin Noori", **BORN), named("Ali Noori", **BORN), "close_name"),
        (named("Maryam Karimi", **BORN), named("Ali Noori", **BORN), None),
        (named("Ali Noori", **BORN), named("Ali Noori"), None),
        (named("Ali Noori", **BORN), named("Ali Noori", birthday=date(1980, 5, 6)), None),
    ],
)
async def test_a_new_customer_on_file_is_found_with_the_reason(
    database: Database, stored: CustomerDraft, new: CustomerDraft, why: str | None
) -> None:
    [customer_id] = await on_file(database, stored)

    found = await find_on_file(database, new)

    expected = [] if why is None else [(customer_id, why)]
    assert [(one.person.id, one.why) for one in found] == expected


async def test_the_likeliest_on_file_come_first_and_are_eight_at_most(database: Database) -> None:
    by_birthday = await on_file(database, *[named("Ali Noori", birthday=BIRTHDAY)] * 8)
    by_number = await on_file(database, *[named("Eva Kanaki", phones=(NUMBER,))] * 2)

    found = await find_on_file(database, named("علی نوری", phones=(NUMBER,), birthday=BIRTHDAY))

    assert [one.person.id for one in found] == [*by_number, *by_birthday[:6]]
