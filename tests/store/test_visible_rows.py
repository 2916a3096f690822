"""What a user may not see is in no answer of any query, on both databases."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, exists, func, insert, select, union_all, update

from screenpop.accounts.users import UserId
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.visibility import FilesRule, HiddenFiles, Viewer, viewer_from_json
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.caller_files import StoredCallerFiles
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.duplicates import find_duplicates
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.hidden_files import hide_file, load_hidden_files, show_file
from screenpop.store.customers.households import load_household
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.customers.visible import are_records_visible, visible_record
from screenpop.store.engine.database import Database
from screenpop.store.engine.visible_rows import current_viewer, seen_by, unrestricted
from screenpop.store.export_rows import export_customers
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.branch_tables import branches
from screenpop.store.schema.customer_tables import all_tables, case_steps, follow_ups
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.tables import calls, cases, customers, households, trips
from screenpop.store.search.fts_index import index_new_customers
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164
from tests.store.samples import add_user, look_up

pytestmark = pytest.mark.anyio
NOW = 1_795_300_000.0
BRANCHES = (None, 1, 2)


@dataclass(frozen=True)
class Office:
    database: Database
    users: tuple[UserId, ...]
    files: Mapping[CustomerId, tuple[int | None, int | None]]
    """Branch and owner of each customer."""

    def expected(self, viewer: Viewer) -> set[int]:
        return {
            file
            for file, (branch, owner) in self.files.items()
            if file not in viewer.hidden
            and (viewer.rule is not FilesRule.BRANCH or branch in {None, viewer.branch})
            and (viewer.rule is not FilesRule.OWN or owner in {None, viewer.user})
        }


@pytest.fixture
async def office(database: Database) -> Office:
    users = tuple([(await add_user(database, name)).id for name in ("maryam", "sara")])
    files: dict[CustomerId, tuple[int | None, int | None]] = {}
    async with database.writing() as connection:
        for number in (1, 2):
            row = {"id": number, "name": f"B{number}", "name_key": f"b{number}", "created_at": NOW}
            await connection.execute(insert(branches).values(**row))
    first: CustomerId | None = None
    for branch in BRANCHES:
        for owner in (None, *users):
            number = len(files)
            phone = f"+98912000{number:04}"
            draft = CustomerDraft(
                names={"en": PersonName(f"Person{number}", "Twin")},
                phones=(PhoneDraft(phone, E164(phone), phone[-9:], "mobile"),),
                branch=branch,
                owner=owner,
                referred_by=first,
            )
            file = CustomerId(await create_customer(database, draft, NOW))
            first = file if first is None else first
            files[file] = (branch, owner)
    async with database.writing() as connection:
        for file in (CustomerId(one) for one in files):
            trip = await connection.execute(
                insert(trips).values(customer_id=file, destination="Rome").returning(trips.c.id)
            )
            await connection.execute(insert(trip_payments).values(**_payment(trip.scalar_one())))
            await connection.execute(insert(cases).values(**_case(file)))
            promised = {"due": date(2026, 1, 5), "source": "call", "state": "open"}
            await connection.execute(
                insert(follow_ups).values(customer_id=file, promise="p", made_at=NOW, **promised)
            )
            await connection.execute(insert(calls).values(**_call(file)))
    await index_new_customers(database)
    return Office(database, users, files)


def _payment(trip: int) -> dict[str, Any]:
    return {
        "trip_id": trip,
        "method": "cash",
        "state": "due",
        "cents": 100,
        "created_at": NOW,
        "changed_at": NOW,
    }


def _case(file: int) -> dict[str, Any]:
    return {"customer_id": file, "kind": "question", "state": "open", "opened": date(2026, 1, 1)}


def _call(file: int) -> dict[str, Any]:
    return {
        "pbx": "office",
        "boot": "b",
        "linkedid": f"{file}",
        "direction": "inbound",
        "caller_kind": "number",
        "customer_id": file,
        "arrived_at": NOW,
        "ended_at": NOW,
        "disposition": "answered",
        "answered_by": [],
        "kept_at": NOW,
    }


def viewers(office: Office) -> list[Viewer]:
    """Return each rule with some hidden files."""
    ids = sorted(office.files)
    return [
        Viewer(user, branch, rule, frozenset(hidden))
        for user, branch, rule in (
            (office.users[0], None, FilesRule.ALL),
            (office.users[0], 1, FilesRule.BRANCH),
            (office.users[1], None, FilesRule.BRANCH),
            (office.users[0], 2, FilesRule.BRANCH),
            (office.users[1], 2, FilesRule.OWN),
        )
        for hidden in ((ids[2], ids[4], ids[8]),)
    ]


@pytest.mark.slow
@pytest.mark.defends("visible-customers")
async def test_lists_searches_counts_details_and_exports_equal_a_plain_model(
    office: Office,
) -> None:
    database = office.database
    for viewer in viewers(office):
        expected = office.expected(viewer)
        with seen_by(viewer):
            page = await list_customers(database)
            assert {row.customer.id for row in page.rows} == expected, viewer
            found = await list_customers(database, search="twin")
            assert {row.customer.id for row in found.rows} == expected, viewer
            for number, file in enumerate(sorted(office.files)):
                one = await list_customers(database, search=f"person{number}")
                assert bool(one.rows) is (file in expected), (viewer, file)
                detail = await load_customer_detail(database, CustomerId(file))
                assert (detail is not None) is (file in expected), (viewer, file)
                named = await are_records_visible(database, "/customers/{n:int}", {"n": file})
                assert named is (file in expected)
            logged = await list_calls(database, CallFilter(), limit=100)
            assert {call.customer for call in logged.calls} == expected
            pairs = await find_duplicates(database)
            text = repr(pairs)
            hidden = [n for n, file in enumerate(sorted(office.files)) if file not in expected]
            assert not [n for n in hidden if f"Person{n}" in text], viewer
            exported = [one async for part in export_customers(database) for one in part]
            assert len(exported) == len(expected), viewer
            assert not [n for n in hidden if f"Person{n}" in repr(exported)], viewer


def ids_of(statement: Any, connection: Connection) -> set[int]:
    return {row[0] for row in connection.execute(statement)}


@pytest.mark.defends("visible-customers")
async def test_every_table_of_customers_and_every_form_of_a_query_is_narrowed(
    office: Office,
) -> None:
    other = customers.alias("other")
    statements = {
        "subquery": select(customers.c.id).where(
            customers.c.id.in_(select(trips.c.customer_id)), customers.c.id > 0
        ),
        "trips": select(trips.c.customer_id),
        "cases": select(cases.c.customer_id),
        "payments": select(trips.c.customer_id).where(
            trips.c.id.in_(select(trip_payments.c.trip_id))
        ),
        "follow-ups": select(follow_ups.c.customer_id),
        "steps": select(cases.c.customer_id).where(
            ~exists(
                select(case_steps.c.id).where(
                    case_steps.c.case_id == cases.c.id, case_steps.c.id < 0
                )
            )
        ),
        "inner join": select(customers.c.id).join(trips, trips.c.customer_id == customers.c.id),
        "alias": select(other.c.id),
        "cte": select(select(customers.c.id).cte("seen").c.id),
        "union": union_all(
            select(customers.c.id).where(customers.c.id % 2 == 0),
            select(customers.c.id).where(customers.c.id % 2 == 1),
        ),
        "scalar": select(
            select(trips.c.customer_id)
            .where(trips.c.customer_id == customers.c.id)
            .limit(1)
            .scalar_subquery()
        ).select_from(customers),
    }
    for viewer in viewers(office):
        with seen_by(viewer):
            for name, statement in statements.items():
                read = partial(ids_of, statement)
                async with office.database.reading() as connection:
                    rows = await connection.execute(statement)  # type: ignore[call-overload]
                    seen = {row[0] for row in rows}
                assert seen == office.expected(viewer), (name, viewer)
                assert await office.database.read(read) == seen, name


async def test_every_id_in_a_path_is_checked_and_unusual_spellings_name_nothing(
    office: Office,
) -> None:
    own, other, *_ = sorted(office.files)
    contact = "/companies/{company}/contacts/{customer}"
    row = "/api/v1/follow-ups/{row}"
    cases: tuple[tuple[str, Mapping[str, object], bool], ...] = (
        ("/customers", {}, True),
        ("/customers/bulk/{number:int}", {"number": other}, True),
        ("/api/v1/customers/{number}", {"number": str(own)}, True),
        ("/api/v1/customers/{number}", {"number": str(other)}, False),
        *(
            ("/api/v1/customers/{number}", {"number": text}, False)
            for text in (f"+{own}", f" {own}", f"{own}.0", f"0{own}", "9" * 19, "9" * 30, "", "²")
        ),
        (contact, {"company": "1", "customer": str(own)}, True),
        (contact, {"company": "1", "customer": str(other)}, False),
        ("/customers/{a:int}/trips/{b:int}", {"a": own, "b": 999}, False),
        ("/api/v1/trip-board/trips/{trip}/move", {"trip": "999"}, False),
        ("/api/v1/callbacks/{call}", {"call": "999"}, False),
        (row, {"row": f"c{own}"}, True),
        (row, {"row": f"c{other}"}, False),
        (row, {"row": "p999"}, False),
    )
    with seen_by(Viewer(1, hidden=frozenset({other}))):
        for route, values, expected in cases:
            found = await are_records_visible(office.database, route, values)
            assert found is expected, (route, values)


async def test_files_that_an_agent_may_link_are_those_that_the_rule_shows(office: Office) -> None:
    maryam = office.users[0]
    async with office.database.writing() as connection:
        await connection.execute(update(users).where(users.c.id == maryam).values(branch_id=2))
    for rule in FilesRule:
        files = StoredCallerFiles(office.database, lambda: NOW, rule)
        expected = office.expected(Viewer(maryam, 2, rule))
        for file in office.files:
            assert await files.is_seen_by(maryam, file) is (file in expected), (rule, file)
        assert await files.is_seen_by(UserId(999), min(office.files)) is (rule is FilesRule.ALL)


async def test_household_without_a_member_that_the_viewer_sees_is_not_there(
    office: Office,
) -> None:
    own, other, *_ = sorted(office.files)
    changes = {"company": "Famous Films"}
    await update_customer_fields(office.database, other, changes, user_id=None, now=NOW)
    [number] = await office.database.read(
        lambda connection: connection.execute(select(households.c.id)).scalars().all()
    )
    assert await load_household(office.database, number) is not None
    with seen_by(Viewer(1, hidden=frozenset({other}))):
        assert await load_household(office.database, number) is None
    with seen_by(Viewer(1, hidden=frozenset({own}))):
        assert await load_household(office.database, number) is not None


async def test_row_beside_an_outer_join_stays_without_what_is_hidden(office: Office) -> None:
    referrer = customers.alias("referrer")
    statement = select(customers.c.id, referrer.c.id).outerjoin(
        referrer, referrer.c.id == customers.c.referred_by_id
    )
    first = min(office.files)
    with seen_by(Viewer(1, hidden=frozenset({first}))):
        async with office.database.reading() as connection:
            rows = {tuple(row) for row in await connection.execute(statement)}
    assert rows == {(file, None) for file in office.files if file != first}


@pytest.mark.defends("visible-customers")
async def test_counts_are_of_what_is_seen_and_lifted_limits_show_all(office: Office) -> None:
    viewer = Viewer(1, hidden=frozenset(sorted(office.files)[:4]))
    count = select(func.count()).select_from(customers)
    with seen_by(viewer):
        async with office.database.reading() as connection:
            assert await connection.scalar(count) == 5
        with unrestricted():
            async with office.database.reading() as connection:
                assert await connection.scalar(count) == 9
        assert current_viewer() == viewer
    assert current_viewer() is None


async def test_hidden_files_are_read_back_and_a_named_user_sees_them(office: Office) -> None:
    database, (maryam, sara) = office.database, office.users
    file = CustomerId(min(office.files))
    await hide_file(database, file, [maryam], user_id=sara, now=NOW)
    assert database.hidden_files.from_user(sara) == {file}
    assert database.hidden_files.from_user(maryam) == frozenset()
    await hide_file(database, file, [], user_id=sara, now=NOW)
    database.hidden_files.seen_by = {}
    await load_hidden_files(database)
    assert database.hidden_files.from_user(maryam) == {file}
    history = await load_customer_detail(database, file)
    assert history is not None
    assert [change.what for change in history.history[:2]] == ["hidden", "hidden"]
    await show_file(database, file, user_id=sara, now=NOW)
    assert database.hidden_files == HiddenFiles({})


async def test_file_that_a_hidden_one_is_merged_into_is_hidden_as_well(office: Office) -> None:
    database, (maryam, sara) = office.database, office.users
    kept, gone, third = sorted(office.files)[:3]
    await hide_file(database, gone, [maryam], user_id=sara, now=NOW)
    await merge_customers(database, kept, gone, user_id=sara, now=NOW)
    await merge_customers(database, kept, third, user_id=sara, now=NOW)
    assert database.hidden_files.seen_by == {kept: {maryam}, gone: {maryam}}


async def test_record_of_a_number_is_empty_for_a_hidden_file(office: Office) -> None:
    caller = CallerId(
        "09120000000", CallerIdKind.NUMBER, "national", E164("+989120000000"), last_nine="120000000"
    )
    record = await look_up(office.database, caller)
    [file] = [one.customer.id for one in record.exact]
    assert await visible_record(office.database, record) == record
    with seen_by(Viewer(1, hidden=frozenset({file}))):
        hidden = await visible_record(office.database, record)
    assert (hidden.exact, hidden.maybe, hidden.e164) == ((), (), record.e164)


def test_tables_with_a_customer_are_known() -> None:
    owned = {
        table.name
        for table in all_tables.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "customers"
    }
    assert {"trips", "cases", "calls", "follow_ups", "customer_attachments", "work_list"} <= owned


@given(
    st.builds(
        Viewer,
        st.integers(0, 9),
        st.none() | st.integers(1, 9),
        st.sampled_from(FilesRule),
        st.frozensets(st.integers(1, 99)),
    )
)
def test_viewer_is_the_same_in_another_process(viewer: Viewer) -> None:
    assert viewer_from_json(json.loads(json.dumps(viewer.to_json()))) == viewer
    assert viewer.sees_all is (viewer.rule is FilesRule.ALL and not viewer.hidden)
