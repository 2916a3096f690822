"""A trial, an import, an undo, done in this process; what is reported of them on the way."""

import pytest

from screenpop.customers.import_report import ReportRow, RowResult
from screenpop.customers.models import CustomerId
from screenpop.importing.job import run_import_task
from screenpop.importing.lock import held_if_free
from screenpop.importing.messages import ImportFinished, Phase, Progress
from screenpop.importing.report import all_rows
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import list_customers
from screenpop.store.imports.batches import find_batch, list_batches, mark_interrupted
from tests.importing.import_setup import SHEETS, SMALL, Office, many
from tests.store.samples import LALEH, count_customers, finished_call

pytestmark = pytest.mark.anyio


async def do(ask: ImportRequest, progress: list[Progress] | None = None) -> ImportFinished:
    reported = progress if progress is not None else []
    return await run_import_task(ask, reported.append, lambda: False)


async def test_a_trial_reports_the_outcome_of_each_row_and_changes_nothing(office: Office) -> None:
    ended = await do(office.ask(ImportTask.CHECK, office.sheet(SMALL)))

    assert (ended.counts.new, ended.counts.joined, ended.counts.refused) == (2, 1, 1)
    assert (ended.counts.noted, ended.counts.read, ended.batch) == (1, 4, 0)
    assert ended.counts.reasons == {"no_name": 1, "bad_date": 1}
    assert [(row.line, row.what, row.who, row.code) for row in all_rows(office.report)] == [
        (4, RowResult.REFUSED, "", "no_name"),
        (3, RowResult.NOTED, "Nikos Pappas", "bad_date"),
        (5, RowResult.JOINED, "Laleh Karimi", ""),
        (2, RowResult.NEW, "Laleh Karimi", ""),
        (3, RowResult.NEW, "Nikos Pappas", ""),
    ]
    assert await count_customers(office.database) == 0
    assert await list_batches(office.database) == ()


async def test_what_is_imported_is_found_by_a_search_at_once(office: Office) -> None:
    progress: list[Progress] = []
    ended = await do(office.ask(ImportTask.IMPORT, SHEETS / "greek.xlsx"), progress)

    assert ended.counts.new > 3
    assert progress[0].phase is Phase.WRITING
    assert progress[-1].phase is Phase.SETTLING
    found = await list_customers(office.database, search="παπαδοπουλος")
    assert [row.customer.names["el"].family for row in found.rows] == ["Παπαδόπουλος"]
    batch = await find_batch(office.database, ended.batch)
    assert batch is not None
    assert (batch.filename, batch.state, batch.added) == ("greek.xlsx", "done", ended.counts.new)


async def test_the_same_sheet_again_reports_that_all_are_there(office: Office) -> None:
    sheet = SHEETS / "greek.xlsx"
    first = await do(office.ask(ImportTask.IMPORT, sheet))

    again = await do(office.ask(ImportTask.CHECK, sheet))

    assert again.counts.new == again.counts.changed == 0
    assert again.counts.on_file == first.counts.new + first.counts.joined
    rows = [row for row in all_rows(office.report) if row.what is RowResult.ON_FILE]
    assert all(row.customer and row.who for row in rows)
    assert len(rows) == again.counts.on_file


async def test_past_calls_of_a_number_get_its_name_and_lose_it_with_the_undo(
    office: Office,
) -> None:
    office.database.log.start()
    office.database.log.keep(finished_call())
    await office.database.log.flush()
    number = LALEH.e164
    ended = await do(
        office.ask(ImportTask.IMPORT, office.sheet(f"Name,Mobile\nLaleh Karimi,{number}\n"))
    )

    [call] = (await list_calls(office.database)).calls
    assert call.customer is not None

    undone = await do(office.ask(ImportTask.UNDO, batch=ended.batch))

    assert (undone.gone, undone.kept) == (1, ())
    [call] = (await list_calls(office.database)).calls
    assert call.customer is None
    assert await count_customers(office.database) == 0


async def test_an_undo_names_the_customers_it_left_and_deletes_them_when_forced(
    office: Office,
) -> None:
    ended = await do(office.ask(ImportTask.IMPORT, office.sheet(SMALL)))
    [found] = (await list_customers(office.database, search="pappas")).rows
    customer_id = CustomerId(found.customer.id)
    await update_customer_fields(
        office.database, customer_id, {"notes": "Aisle"}, user_id=None, now=9.0
    )

    undone = await do(office.ask(ImportTask.UNDO, batch=ended.batch))

    assert [(one.customer, one.name, one.why) for one in undone.kept] == [
        (customer_id, "Nikos Pappas", ("edited",))
    ]
    assert undone.kept_count == 1
    forced = await do(office.ask(ImportTask.UNDO, batch=ended.batch, force=True))
    assert (forced.gone, forced.kept_count) == (1, 0)
    assert (await do(office.ask(ImportTask.UNDO, batch=ended.batch))).refused == "no_such_batch"


async def test_a_file_that_is_no_list_is_refused_with_its_reason(office: Office) -> None:
    refused = await do(office.ask(ImportTask.CHECK, office.sheet("a,b\n1,2\n")))
    assert refused.refused == "no_columns"
    gone = await do(office.ask(ImportTask.IMPORT, office.folder / "nope.xlsx"))
    assert gone.refused == "not_there"
    assert await list_batches(office.database) == ()


async def test_a_missing_database_is_reported_in_a_sentence(office: Office) -> None:
    ask = office.ask(ImportTask.UNDO, batch=1)
    broken = ImportRequest.from_plain(ask.plain() | {"database": "sqlite:////nowhere/at/all.db"})
    assert (await do(broken)).failed


async def test_one_that_is_cancelled_keeps_what_came_in_for_its_undo(office: Office) -> None:
    progress: list[Progress] = []
    ask = office.ask(ImportTask.IMPORT, office.sheet(many(3000)))

    ended = await run_import_task(
        ask, progress.append, lambda: any(one.counts.new for one in progress)
    )

    assert ended.cancelled
    assert 0 < ended.counts.new < 3000
    batch = await find_batch(office.database, ended.batch)
    assert batch is not None
    assert (batch.state, batch.added) == ("cancelled", ended.counts.new)
    assert batch.can_be_undone


async def test_an_import_waits_for_another_one_and_can_be_called_off_meanwhile(
    office: Office,
) -> None:
    progress: list[Progress] = []
    with held_if_free(office.lock) as ours:
        assert ours
        ask = office.ask(ImportTask.IMPORT, office.sheet(SMALL))
        ended = await run_import_task(ask, progress.append, lambda: bool(progress))
    assert ended.cancelled
    assert [one.phase for one in progress] == [Phase.WAITING]
    assert await count_customers(office.database) == 0
    with held_if_free(office.lock) as ours:
        assert ours


async def test_only_what_was_left_half_done_is_marked_as_broken_off(office: Office) -> None:
    await do(office.ask(ImportTask.IMPORT, office.sheet(SMALL)))
    assert await mark_interrupted(office.database) == 0


async def test_a_row_of_the_report_is_what_it_was_after_its_way_through_the_file(
    office: Office,
) -> None:
    await do(office.ask(ImportTask.IMPORT, office.sheet(SMALL)))
    more = "Name,Mobile,E-mail\nLaleh Karimi,6912345678,l@example.com\nAva <b>,6912345678,\n"
    await do(office.ask(ImportTask.CHECK, office.sheet(more)))
    [changed, shared] = all_rows(office.report)
    assert (changed.what, changed.added) == (RowResult.CHANGED, ("emails",))
    assert isinstance(changed, ReportRow)
    assert (shared.who, shared.what, shared.shares_with) == (
        "Ava <b>",
        RowResult.NEW,
        changed.customer,
    )


TRAVELLING = """Customer,Mobile,Destination,Departs,Travellers
Kaveh Rostami,6912345678,Rome,2026-12-01,Dorsa Rostami; Ali Rostami *
Dorsa Rostami,6912345679,,,
Nikos Pappas,6912345670,Paris,2026-12-02,2+1
"""


async def test_an_unknown_traveller_is_reported_with_its_row_and_stays_on_the_trip(
    office: Office,
) -> None:
    path = office.sheet(TRAVELLING)
    noted = (2, "Kaveh Rostami", "Travellers", "Ali Rostami", "unknown_traveller")
    for task in (ImportTask.CHECK, ImportTask.IMPORT):
        ended = await do(office.ask(task, path))
        assert (ended.counts.new, ended.counts.noted) == (3, 1)
        assert [
            (row.line, row.who, row.column, row.value, row.code)
            for row in all_rows(office.report)
            if row.what is RowResult.NOTED
        ] == [noted]
    async with office.database.reading() as connection:
        people = await load_drafts(connection, [1, 2, 3])
    [rome] = people[1].trips
    assert [(one.name, one.customer, one.child) for one in rome.travellers] == [
        ("Dorsa Rostami", 2, False),
        ("Ali Rostami", None, True),
    ]
    [paris] = people[3].trips
    assert (paris.adults, paris.children, paris.travellers) == (2, 1, ())
