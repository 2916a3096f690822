"""Subject access: everything stored about one person, complete and unsummarised."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, FromClause, Select, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.calls.labels import LabelKind
from screenpop.customers.models import CustomerId
from screenpop.customers.own_values import named_values, own_from_json
from screenpop.store.attachments.records import attachments_of
from screenpop.store.calls.call_labels import LABEL_COLUMNS, chosen_labels, with_labels
from screenpop.store.customers.document_keys import usable_document_key
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.customers.removed import removed_values
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKey, DocumentKeyError
from screenpop.store.follow_ups.call_lists import called_for
from screenpop.store.offers.terms import load_offer_names
from screenpop.store.own_fields.definitions import load_own_fields
from screenpop.store.privacy.plain_rows import (
    INTERNAL_COLUMNS,
    Plain,
    plain_payment,
    plain_row,
    plain_value,
)
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.branch_tables import branches
from screenpop.store.schema.company_tables import company_contacts
from screenpop.store.schema.customer_tables import (
    asked_facts,
    case_steps,
    customer_changes,
    customer_documents,
    customer_looks,
    customer_merges,
    follow_ups,
    number_choices,
    offer_answers,
    trip_travellers,
)
from screenpop.store.schema.form_draft_tables import form_drafts
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import (
    call_notes,
    call_traces,
    calls,
    cases,
    customer_phones,
    customers,
    households,
    import_batches,
    import_changes,
    legs,
    receipts,
    transfers,
    trips,
    watched_rows,
    watched_sheets,
)
from screenpop.store.schema.trip_board_tables import trip_progress
from screenpop.store.schema.value_tables import customer_values
from screenpop.store.schema.voucher_tables import voucher_events, vouchers
from screenpop.store.schema.webhook_tables import webhook_deliveries
from screenpop.store.schema.work_list_tables import customer_messages, work_list, work_list_marks

_SLICE = 500


async def subject_access_report(database: Database, customer_id: CustomerId) -> Plain | None:
    """Return the report, lists oldest first. None when there is no such customer."""
    key = await usable_document_key(database)
    async with database.reading() as connection:
        ids = [int(customer_id), *await _merged_into(connection, customer_id)]
        people = await _rows(connection, _people(ids))
        if not people or people[0]["number"] != customer_id:
            return None
        booked, fields = await _trips(connection, ids), await load_own_fields(connection)
        for one in (*people, *booked):
            one["own"] = named_values(fields, own_from_json(one["own"]))
        return {
            "person": people[0],
            "merged_files": people[1:],
            "numbers": await _of(connection, customer_phones, ids),
            "documents": await _documents(connection, ids, key),
            "attachments": await _attachments(connection, ids, key),
            "company_contacts": await _roles(connection, ids),
            "chosen_for_numbers": await _of(connection, number_choices, ids, with_user=True),
            "trips": booked,
            "cases": await _cases(connection, ids),
            "calls": await _calls(connection, ids),
            "deleted_calls": await _of(connection, deleted_calls, ids),
            "offer_answers": await _offer_answers(connection, ids),
            "vouchers": await _vouchers(connection, ids),
            "points": await _of(connection, point_entries, ids, with_user=True),
            "removed": await removed_values(connection, ids),
            "follow_ups": await _follow_ups(connection, ids),
            "asked": await _of(connection, asked_facts, ids, with_user=True),
            "unsaved_forms": await _of(connection, form_drafts, ids, with_user=True),
            "work_list": await _work_list(connection, ids),
            "rhythm": await _of(connection, customer_rhythms, ids),
            "value": await _of(connection, customer_values, ids),
            "messages": await _of(connection, customer_messages, ids, with_user=True),
            "events_waiting": await _of(connection, webhook_deliveries, ids),
            "changes": await _of(connection, customer_changes, ids, with_user=True),
            "looks": await _of(connection, customer_looks, ids, with_user=True),
            "merges": await _merges(connection, ids),
            "imports": await _imports(connection, ids),
            "watched_sheets": await _watched(connection, ids),
        }


async def _offer_answers(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    answers = await _of(connection, offer_answers, ids, with_user=True)
    names = await load_offer_names(connection, {str(one["offer"]) for one in answers})
    return [one | {"offer_name": names.get(str(one["offer"]), "")} for one in answers]


async def _roles(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    """Return what the person does for companies: ``company``, its name, and ``roles``."""
    roles = select(company_contacts, households.c.name.label("company")).join(
        households, households.c.id == company_contacts.c.company_id
    )
    mine = company_contacts.c.customer_id.in_(ids)
    return await _rows(connection, roles.where(mine).order_by(company_contacts.c.id))


async def _vouchers(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    """Return the vouchers, each with what happened to it."""
    mine = select(vouchers).where(vouchers.c.customer_id.in_(ids)).order_by(vouchers.c.id)
    rows = (await connection.execute(mine)).all()
    events = await _grouped(connection, voucher_events, "voucher_id", [row.id for row in rows])
    left_out = {"customer_id", "offer_id", "issue_key", "issue_no"}
    return [
        plain_row(row._asdict(), without=left_out) | {"history": events.get(row.id, [])}
        for row in rows
    ]


async def _merged_into(connection: AsyncConnection, customer_id: int) -> list[int]:
    found: list[int] = []
    level = [customer_id]
    while level:
        rows = await connection.execute(
            select(customers.c.id)
            .where(customers.c.merged_into_id.in_(level))
            .order_by(customers.c.id)
        )
        level = [one for one in rows.scalars() if one not in found]
        found += level
    return found


async def _documents(
    connection: AsyncConnection, ids: Sequence[int], key: DocumentKey | DocumentKeyError
) -> list[Plain]:
    """Return the documents with their numbers; None for numbers that cannot be decrypted."""
    mine = select(customer_documents).where(customer_documents.c.customer_id.in_(ids))
    rows = (await connection.execute(mine.order_by(customer_documents.c.id))).all()
    return [
        plain_row(row._asdict(), without={"customer_id"})
        | {"number": key.unseal(row.number_sealed) if isinstance(key, DocumentKey) else None}
        for row in rows
    ]


async def _attachments(
    connection: AsyncConnection, ids: Sequence[int], key: DocumentKey | DocumentKeyError
) -> list[Plain]:
    """Return what is attached; the files themselves are opened one by one."""
    found = await attachments_of(connection, ids, key if isinstance(key, DocumentKey) else None)
    return [
        {
            "number": one.id,
            "kind": one.kind.value,
            "name": one.name,
            "note": one.note,
            "media_type": one.media_type.value,
            "bytes": one.size,
            "added_at": plain_value("added_at", one.added_at),
            "by": one.added_by,
        }
        for one in reversed(found)
    ]


def _people(ids: Sequence[int]) -> Select[Any]:
    firm, sender = households.alias("firm"), customers.alias("sender")
    named = {"household_id", "company_id", "owner_id", "branch_id", "referred_by_id"}
    own = [column for column in customers.c if column.name not in {*named, *INTERNAL_COLUMNS}]
    return (
        select(
            customers.c.id.label("number"),
            *own,
            households.c.name.label("household"),
            firm.c.name.label("company"),
            users.c.display_name.label("owner"),
            branches.c.name.label("branch"),
            sender.c.names.label("referred_by"),
        )
        .select_from(
            customers.outerjoin(households, households.c.id == customers.c.household_id)
            .outerjoin(firm, firm.c.id == customers.c.company_id)
            .outerjoin(users, users.c.id == customers.c.owner_id)
            .outerjoin(branches, branches.c.id == customers.c.branch_id)
            .outerjoin(sender, sender.c.id == customers.c.referred_by_id)
        )
        .where(customers.c.id.in_(ids))
        .order_by(customers.c.merged_into_id.is_not(None), customers.c.id)
    )


async def _trips(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    """Return trips they booked and trips they travelled on. Other travellers are given by name."""
    went = select(trip_travellers.c.trip_id).where(trip_travellers.c.customer_id.in_(ids))
    mine = or_(trips.c.customer_id.in_(ids), trips.c.id.in_(went))
    rows = (await connection.execute(select(trips).where(mine).order_by(trips.c.id))).all()
    going = await _grouped(connection, trip_travellers, "trip_id", [row.id for row in rows])
    payments = await _grouped(connection, trip_payments, "trip_id", [row.id for row in rows])
    paid = {(one, True): list(map(plain_payment, theirs)) for one, theirs in payments.items()}
    board = await _grouped(connection, trip_progress, "trip_id", [row.id for row in rows])
    everybody = [one["customer_id"] for some in going.values() for one in some]
    named = await load_customer_refs(connection, everybody)
    for some in going.values():
        for one in some:
            person = named.get(one.pop("customer_id"))
            if person is not None:
                one["name"] = next((name.full for name in person.names.values()), "")
    return [
        plain_row(row._asdict(), without={"customer_id", "import_batch_id", "payments"})
        | {"bought": row.customer_id in ids, "travellers": going.get(row.id, [])}
        | {"ticked": [item for one in board.get(row.id, []) for item in one["ticked"]]}
        # They belong to the buyer, as the price does.
        | {"payments": paid.get((row.id, row.customer_id in ids), [])}
        for row in rows
    ]


async def _cases(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    rows = (
        await connection.execute(
            select(cases).where(cases.c.customer_id.in_(ids)).order_by(cases.c.id)
        )
    ).all()
    steps = await _grouped(connection, case_steps, "case_id", [row.id for row in rows])
    return [
        plain_row(row._asdict(), without={"customer_id", "import_batch_id"})
        | {"steps": steps.get(row.id, [])}
        for row in rows
    ]


async def _calls(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    """Return calls with legs, transfers, notes, card receipts and trace."""
    rows = (
        await connection.execute(
            select(calls, users.c.display_name.label("agent"), *LABEL_COLUMNS)
            .select_from(with_labels(calls.outerjoin(users, users.c.id == calls.c.agent_id)))
            .where(calls.c.customer_id.in_(ids))
            .order_by(calls.c.arrived_at, calls.c.id)
        )
    ).all()
    of_calls = [row.id for row in rows]
    parts: dict[str, dict[int, list[Plain]]] = {
        name: await _grouped(connection, table, "call_id", of_calls)
        for name, table in (
            ("legs", legs),
            ("transfers", transfers),
            ("notes", call_notes),
            ("cards", receipts),
            ("trace", call_traces),
        )
    }
    found = []
    for row in rows:
        labels = chosen_labels(row)
        left_out = {"customer_id", "agent_id", *(column.name for column in LABEL_COLUMNS)}
        call = plain_row(row._asdict(), without=left_out)
        call |= {kind.value: labels[kind].names if kind in labels else None for kind in LabelKind}
        call |= {name: kept.get(row.id, []) for name, kept in parts.items()}
        call["trace"] = [step for one in call["trace"] for step in one["steps"]]
        found.append(call)
    return found


async def _follow_ups(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    """Return follow-ups with ``assigned_to``, ``made_by`` and ``closed_by``: the users' names."""
    keys = ("assigned_to", "made_by", "closed_by")
    return await _with_names(connection, follow_ups, keys, follow_ups.c.id, ids)


async def _work_list(connection: AsyncConnection, ids: Sequence[int]) -> dict[str, list[Plain]]:
    """Return ``rows``, the list they are on, ``marks``, what was chosen before, ``call_lists``."""
    order = work_list.c.customer_id
    rows = await _with_names(connection, work_list, ("assigned_to", "acted_by"), order, ids)
    order = work_list_marks.c.id
    marks = await _with_names(connection, work_list_marks, ("made_by",), order, ids)
    return {"rows": rows, "marks": marks, "call_lists": await called_for(connection, ids)}


async def _with_names(
    connection: AsyncConnection,
    table: Table,
    keys: Sequence[str],
    order: Column[int],
    ids: Sequence[int],
) -> list[Plain]:
    """Return the customers' rows of a table, with the users' names for each ``<key>_id``."""
    names = {key: users.alias(key) for key in keys}
    left_out = {"request_key", *(f"{key}_id" for key in names)}
    joined: FromClause = table
    for key, user in names.items():
        joined = joined.outerjoin(user, user.c.id == table.c[f"{key}_id"])
    return await _rows(
        connection,
        select(
            *(column for column in table.c if column.name not in left_out),
            *(user.c.display_name.label(key) for key, user in names.items()),
        )
        .select_from(joined)
        .where(table.c.customer_id.in_(ids))
        .order_by(order),
    )


async def _merges(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    mine = or_(customer_merges.c.kept_id.in_(ids), customer_merges.c.gone_id.in_(ids))
    return await _rows(connection, _with_name(customer_merges).where(mine))


async def _imports(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    brought = select(customers.c.import_batch_id).where(customers.c.id.in_(ids))
    changed = select(import_changes.c.batch_id).where(import_changes.c.customer_id.in_(ids))
    files = await _rows(
        connection,
        select(import_batches.c.id.label("import"), import_batches.c.filename)
        .add_columns(import_batches.c.imported_at)
        .where(or_(import_batches.c.id.in_(brought), import_batches.c.id.in_(changed)))
        .order_by(import_batches.c.id),
    )
    changes = await connection.execute(
        select(import_changes).where(import_changes.c.customer_id.in_(ids))
    )
    kept: dict[int, list[Any]] = {}
    for row in changes:
        kept.setdefault(row.batch_id, []).append(row.changes)
    return [one | {"changes": kept.get(one["import"], [])} for one in files]


async def _watched(connection: AsyncConnection, ids: Sequence[int]) -> list[Plain]:
    return await _rows(
        connection,
        select(watched_sheets.c.path, watched_rows.c.line, watched_rows.c.draft)
        .join(watched_sheets, watched_sheets.c.id == watched_rows.c.sheet_id)
        .where(watched_rows.c.customer_id.in_(ids))
        .order_by(watched_rows.c.id),
    )


async def _of(
    connection: AsyncConnection, table: Table, ids: Sequence[int], *, with_user: bool = False
) -> list[Plain]:
    statement = _with_name(table) if with_user else select(table).order_by(*table.primary_key)
    return await _rows(connection, statement.where(table.c.customer_id.in_(ids)))


def _with_name(table: Table) -> Select[Any]:
    """Select rows of a table with ``by``: the user's name."""
    columns = [column for column in table.c if column.name != "user_id"]
    return (
        select(*columns, users.c.display_name.label("by"))
        .select_from(table.outerjoin(users, users.c.id == table.c.user_id))
        .order_by(*table.primary_key)
    )


async def _grouped(
    connection: AsyncConnection, table: Table, key: str, ids: Sequence[int]
) -> dict[int, list[Plain]]:
    found: dict[int, list[Plain]] = {}
    named = "user_id" in table.c
    for start in range(0, len(ids), _SLICE):
        statement = _with_name(table) if named else select(table).order_by(*table.primary_key)
        rows = await connection.execute(
            statement.where(table.c[key].in_(ids[start : start + _SLICE]))
        )
        for row in rows:
            plain = plain_row(row._asdict(), without={key})
            found.setdefault(getattr(row, key), []).append(plain)
    return found


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> list[Plain]:
    rows = (await connection.execute(statement)).all()
    return [plain_row(row._asdict(), without={"customer_id", "import_batch_id"}) for row in rows]
