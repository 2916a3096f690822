"""Kept match keys, groups and number problems equal those computed from scratch."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from screenpop.customers.draft import CustomerDraft, IncomingRow, PhoneDraft
from screenpop.customers.match_keys import MATCH_VERSION, name_skeleton
from screenpop.customers.models import CustomerId, PersonName
from screenpop.service.ports import NumberLink
from screenpop.store.customers.created_customers import delete_created
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.duplicates import (
    find_duplicates,
    mark_as_different,
    unmark_as_different,
)
from screenpop.store.customers.edit import update_customer_fields, update_number
from screenpop.store.customers.merge import MergeRefusedError, merge_customers, undo_merge
from screenpop.store.customers.number_links import link_caller, undo_link
from screenpop.store.customers.number_quality import (
    count_problems,
)
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    link_phone,
    unlink_phone,
)
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import import_rows
from screenpop.store.imports.undo import undo_import
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.match_tables import (
    customers_to_match,
    different_people,
    duplicate_groups,
    match_keys,
    number_problems,
)
from screenpop.store.schema.tables import customer_phones, customers, meta
from screenpop.store.search.match_index import match_waiting
from screenpop.telephony.identifiers import E164, BootId, CallId, PbxId
from tests.store.sheet_rows import sheet

pytestmark = pytest.mark.anyio

NAMES = (
    {"fa": PersonName("علی", "نوری")},
    {"en": PersonName("Ali", "Noori")},
    {"el": PersonName("Νίκος", "Παππάς"), "en": PersonName("Nikos", "Pappas")},
)
PHONES = (
    PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789"),
    PhoneDraft("912 345 6789", None, "123456789"),
    PhoneDraft("12", None, None),
    PhoneDraft("0912 345 6780", E164("+989123456780"), "123456780"),
)
DAYS = (None, date(1980, 5, 5), date(1981, 5, 5))
CALL = (PbxId("office"), BootId("b1"), CallId("1.1"))

drafts = st.builds(
    CustomerDraft,
    names=st.sampled_from(NAMES),
    phones=st.lists(st.sampled_from(PHONES), max_size=2, unique=True).map(tuple),
    birthday=st.sampled_from(DAYS),
    emails=st.sampled_from(((), ("ali@example.com",))),
)


@dataclass
class Records:
    """A database and what later changes of it need."""

    database: Database
    now: float = 1.0
    ids: list[CustomerId] = field(default_factory=list)
    phones: list[tuple[CustomerId, int]] = field(default_factory=list)
    merges: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    links: list[NumberLink] = field(default_factory=list)

    async def read(self) -> None:
        self.now += 10
        async with self.database.reading() as connection:
            here = customers.c.merged_into_id.is_(None)
            found = await connection.execute(select(customers.c.id).where(here))
            self.ids = sorted(map(CustomerId, found.scalars()))
            rows = await connection.execute(
                select(customer_phones.c.customer_id, customer_phones.c.id)
            )
            self.phones = sorted((row.customer_id, row.id) for row in rows)

    def customer(self, number: int) -> CustomerId:
        return self.ids[number % len(self.ids)]


@dataclass(frozen=True)
class Step:
    kind: str
    draft: CustomerDraft
    number: int
    other: int


async def create(of: Records, step: Step) -> None:
    await create_customer(of.database, step.draft, of.now)


async def import_sheet(of: Records, step: Step) -> None:
    start = step.other % 4
    more = CustomerDraft(names=NAMES[step.number % 3], phones=(PHONES * 2)[start : start + 2])
    rows = [IncomingRow(line, draft) for line, draft in enumerate((step.draft, more), 2)]
    done = await import_rows(of.database, sheet(*rows), filename="a.csv", now=of.now)
    of.batches.append(done.batch)


async def take_sheet_back(of: Records, _: Step) -> None:
    if of.batches:
        await undo_import(of.database, of.batches.pop(), now=of.now)


async def change_fields(of: Records, step: Step) -> None:
    draft = step.draft
    given = {"names": draft.names, "birthday": draft.birthday, "emails": draft.emails}
    customer_id = of.customer(step.number)
    await update_customer_fields(of.database, customer_id, given, user_id=None, now=of.now)


async def add_number(of: Records, step: Step) -> None:
    await link_phone(of.database, of.customer(step.number), PHONES[step.other % 4], of.now)


async def change_number(of: Records, step: Step) -> None:
    if of.phones:
        customer_id, phone = of.phones[step.number % len(of.phones)]
        new = PHONES[step.other % 4]
        await update_number(of.database, customer_id, phone, new, user_id=None, now=of.now)


async def remove_number(of: Records, step: Step) -> None:
    if of.phones:
        await unlink_phone(of.database, *of.phones[step.number % len(of.phones)], of.now)


async def link(of: Records, step: Step) -> None:
    customer_id, phone = of.customer(step.number), PHONES[step.other % 4]
    of.links.append(await link_caller(of.database, customer_id, phone, user_id=None, now=of.now))


async def take_link_back(of: Records, _: Step) -> None:
    if of.links:
        await undo_link(of.database, of.links.pop(), CALL, user_id=None, now=of.now)


async def merge(of: Records, step: Step) -> None:
    pair = of.customer(step.number), of.customer(step.other)
    of.merges.append(await merge_customers(of.database, *pair, user_id=None, now=of.now))


async def take_merge_back(of: Records, _: Step) -> None:
    if of.merges:
        await undo_merge(of.database, of.merges.pop(), user_id=None, now=of.now)


async def mark(of: Records, step: Step) -> None:
    pair = of.customer(step.number), of.customer(step.other)
    await mark_as_different(of.database, *pair, user_id=None, now=of.now)


async def unmark(of: Records, step: Step) -> None:
    await unmark_as_different(of.database, of.customer(step.number), of.customer(step.other))


async def erase(of: Records, step: Step) -> None:
    await erase_customer(of.database, of.customer(step.number), user_id=None, now=of.now)


async def delete_new(of: Records, step: Step) -> None:
    customer_id = await create_customer(of.database, step.draft, of.now)
    await delete_created(of.database, customer_id, of.now, CALL)


async def maintain(of: Records, _: Step) -> None:
    await match_waiting(of.database)


STEPS: dict[str, Callable[[Records, Step], Awaitable[None]]] = {
    step.__name__: step
    for step in (
        create,
        import_sheet,
        take_sheet_back,
        change_fields,
        add_number,
        change_number,
        remove_number,
        link,
        take_link_back,
        merge,
        take_merge_back,
        mark,
        unmark,
        erase,
        delete_new,
        maintain,
    )
}
WITHOUT_CUSTOMERS = {"create", "import_sheet", "delete_new", "maintain"}

steps = st.builds(
    Step, st.sampled_from(sorted(STEPS)), drafts, st.integers(0, 9), st.integers(0, 9)
)


async def empty(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(update(customers).values(merged_into_id=None))
        for table in (customers, duplicate_groups, customers_to_match):
            await connection.execute(delete(table))


async def take(of: Records, step: Step) -> None:
    await of.read()
    if of.ids or step.kind in WITHOUT_CUSTOMERS:
        with suppress(MergeRefusedError, CustomerRefusedError):
            await STEPS[step.kind](of, step)


async def finish(database: Database) -> None:
    while await match_waiting(database):
        pass


async def state(database: Database) -> tuple[object, ...]:
    async with database.reading() as connection:
        keys = (await connection.execute(select(match_keys.c.key, match_keys.c.customer_id))).all()
        groups = (await connection.execute(select(duplicate_groups.c.key))).scalars().all()
    problems = await count_problems(database)
    return sorted(map(tuple, keys)), sorted(groups), problems


async def from_scratch(database: Database) -> tuple[object, ...]:
    async with database.writing() as connection:
        for table in (match_keys, duplicate_groups, number_problems, customers_to_match):
            await connection.execute(delete(table))
        every = select(customers.c.id)
        await connection.execute(insert(customers_to_match).from_select(["id"], every))
    await finish(database)
    return await state(database)


async def pairs_of_facts(database: Database) -> set[tuple[int, int, str]]:
    """The pairs by definition, from the customers themselves."""
    async with database.reading() as connection:
        here = customers.c.merged_into_id.is_(None)
        ids = (await connection.execute(select(customers.c.id).where(here))).scalars().all()
        people = await load_drafts(connection, list(ids))
        rows = await connection.execute(
            select(different_people.c.older_id, different_people.c.newer_id)
        )
        different = {(row.older_id, row.newer_id) for row in rows}
    return {
        (one, other, why)
        for one, other in combinations(sorted(people), 2)
        if (one, other) not in different and (why := shared(people[one], people[other]))
    }


def shared(one: CustomerDraft, other: CustomerDraft) -> str:
    names = [{name_skeleton(name.full) for name in draft.names.values()} for draft in (one, other)]
    if not names[0] & names[1]:
        return ""
    pair = one.phones, other.phones
    if set.intersection(*({phone.e164 for phone in phones} - {None} for phones in pair)):
        return "number"
    if set.intersection(*({phone.last_nine for phone in phones} - {None} for phones in pair)):
        return "last_nine"
    if set(one.emails) & set(other.emails):
        return "email"
    return "birthday" if one.birthday is not None and one.birthday == other.birthday else ""


TWIN = CustomerDraft(
    names=NAMES[0], phones=PHONES[:1], birthday=DAYS[1], emails=("ali@example.com",)
)
LONER = CustomerDraft(names=NAMES[2], phones=PHONES[3:], birthday=DAYS[2])
EACH_ALONE = [[Step(kind, LONER, 1, 0)] for kind in sorted(STEPS)]
MORE = replace(LONER, phones=(PHONES[3], PHONES[0]))
ALIKE = replace(LONER, phones=PHONES[2:3])
AND_BACK = [
    [
        Step("import_sheet", MORE, 2, 1),
        Step("maintain", MORE, 0, 0),
        Step("take_sheet_back", MORE, 0, 0),
    ],
    [
        Step("import_sheet", ALIKE, 0, 2),
        Step("maintain", ALIKE, 0, 0),
        Step("take_sheet_back", ALIKE, 0, 0),
    ],
    [Step("link", TWIN, 1, 3), Step("take_link_back", TWIN, 0, 0)],
    [Step("merge", TWIN, 1, 0), Step("take_merge_back", TWIN, 0, 0)],
    [Step("mark", TWIN, 1, 0), Step("unmark", TWIN, 1, 0)],
]


def each_first(test: Callable[..., Any]) -> Callable[..., Any]:
    """Play every step alone, and with the one that undoes it, before any others."""
    for taken in EACH_ALONE + AND_BACK:
        test = example(taken)(test)
    return test


@pytest.mark.slow
@each_first
@given(st.lists(steps, min_size=2, max_size=10))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=settings().max_examples // 2,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shorten a list takes minutes
)
async def test_kept_groups_equal_groups_from_scratch_after_any_changes(
    database: Database, taken: list[Step]
) -> None:
    await empty(database)
    of = Records(database)
    for draft in (TWIN, replace(TWIN, names=NAMES[1]), LONER):
        await create_customer(database, draft, of.now)
    for step in taken:
        await take(of, step)
    await finish(database)

    pairs = (await find_duplicates(database)).pairs

    found = [(pair.older.id, pair.newer.id, pair.why) for pair in pairs]
    assert len(set(found)) == len(found)
    assert set(found) == await pairs_of_facts(database)
    kept = await state(database)
    assert kept == await from_scratch(database)


async def test_changes_at_one_moment_keep_the_groups_right(database: Database) -> None:
    await finish(database)
    of = Records(database)
    for _ in range(6):
        await create_customer(database, TWIN, of.now)
    await of.read()
    now = of.now

    await asyncio.gather(
        *(create_customer(database, TWIN, now) for _ in range(3)),
        *(unlink_phone(database, *phone, now) for phone in of.phones[:2]),
        link_phone(database, of.ids[2], PHONES[3], now),
        merge_customers(database, of.ids[3], of.ids[4], user_id=None, now=now),
        erase_customer(database, of.ids[5], user_id=None, now=now),
        match_waiting(database),
    )

    await finish(database)
    kept = await state(database)
    assert kept == await from_scratch(database)


async def test_another_version_of_the_keys_writes_all_again(database: Database) -> None:
    draft = CustomerDraft(names=NAMES[0], phones=PHONES[:1])
    for _ in range(2):
        await create_customer(database, draft, 1.0)
    await finish(database)
    kept = await state(database)
    async with database.writing() as connection:
        await connection.execute(delete(match_keys))
        await connection.execute(update(meta).where(meta.c.key == "match_version").values(value=""))

    await finish(database)

    assert await state(database) == kept
    async with database.reading() as connection:
        version = select(meta.c.value).where(meta.c.key == "match_version")
        assert await connection.scalar(version) == MATCH_VERSION
