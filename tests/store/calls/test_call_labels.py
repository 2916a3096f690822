"""The agent's disposition is a second list beside the purposes, edited, chosen, logged alike."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from screenpop.calls.labels import MAX_LABELS, CallLabel, ChosenLabel, LabelKind, check_labels
from screenpop.customers.models import CustomerId
from screenpop.service.call_work import CallWorkError
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.label_list import NEW, list_labels, save_labels
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine.database import Database, migrate
from screenpop.store.privacy.subject_access import subject_access_report
from tests.store.calls.test_call_work import office
from tests.store.old_schema import (
    migrate_to,
    place_for,
    read_column,
    revision_before,
    run_statements,
)

pytestmark = pytest.mark.anyio

RESULT = LabelKind.AGENT_DISPOSITION


async def test_a_disposition_is_beside_the_purpose_in_the_log_its_filter_and_the_report(
    database: Database,
) -> None:
    work, place, purposes = await office(database)
    await save_labels(database, [CallLabel(NEW, {"en": "Booked"}, 1, True, False, RESULT)])
    [booked] = await list_labels(database, RESULT)
    await work.set_label(place, LabelKind.PURPOSE, purposes[0])
    assert await work.set_label(place, RESULT, booked.id) == {"agent_disposition": booked.id}

    wanted = CallFilter(labels={RESULT: booked.id, LabelKind.PURPOSE: purposes[0]})
    [call] = (await list_calls(database, wanted)).calls
    assert call.labels == {
        LabelKind.PURPOSE: ChosenLabel(purposes[0], {"en": "Booking"}),
        RESULT: ChosenLabel(booked.id, {"en": "Booked"}),
    }
    assert (await list_calls(database, CallFilter(labels={RESULT: purposes[0]}))).calls == ()
    kept = await subject_access_report(database, place.customer_id or CustomerId(0))
    assert kept is not None
    assert kept["calls"][0]["agent_disposition"] == {"en": "Booked"}
    loaded = await work.load(place)
    assert (loaded["purpose"], loaded["agent_disposition"]) == (purposes[0], booked.id)
    assert [one["id"] for one in loaded["agent_dispositions"]] == [booked.id]  # type: ignore[attr-defined]
    assert await work.set_label(place, RESULT, None) == {"agent_disposition": None}
    assert (await work.load(place))["purpose"] == purposes[0]


async def test_a_label_of_the_other_kind_or_switched_off_is_refused(database: Database) -> None:
    work, place, purposes = await office(database)
    await save_labels(database, [CallLabel(NEW, {"en": "Booked"}, 1, False, False, RESULT)])
    [booked] = await list_labels(database, RESULT)
    for kind, label in ((RESULT, purposes[0]), (RESULT, booked.id), (LabelKind.PURPOSE, booked.id)):
        with pytest.raises(CallWorkError, match=f"unknown_{kind}"):
            await work.set_label(place, kind, label)


def test_a_list_has_at_most_forty_labels() -> None:
    label = CallLabel(NEW, {"en": "n"}, 1, False, False, RESULT)
    assert check_labels([label] * MAX_LABELS) == ""
    assert check_labels([label] * (MAX_LABELS + 1)) == "too_many_labels"
    assert check_labels([replace(label, names={"en": "n" * 40})]) == ""
    assert check_labels([replace(label, names={"en": "n" * 41})]) == "label_name_long"


async def test_the_migration_has_six_dispositions_in_three_languages(migrated_sqlite: Path) -> None:
    with sqlite3.connect(migrated_sqlite) as connection:
        rows = connection.execute(
            "SELECT names, active FROM call_purposes WHERE kind = ? ORDER BY position", (RESULT,)
        ).fetchall()
    assert len(rows) == 6
    assert all({"en", "fa", "el"} <= set(json.loads(names)) and active for names, active in rows)


def test_the_migration_keeps_the_labels_of_calls(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = (
        "INSERT INTO calls (id, pbx, boot, linkedid, direction, caller_kind, arrived_at, ended_at,"
        " disposition, answered_by, kept_at)"
        " VALUES (1, 'lab', 'b', '1.1', 'inbound', 'raw', 1, 2, 'answered', '[]', 3)"
    )
    label = "INSERT INTO call_labels (call_id, purpose_id) VALUES (1, 4)"
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("agent_dispositions"), monkeypatch)
        run_statements(url, call, label)
        migrate(url)
        assert read_column(url, "SELECT purpose_id FROM call_labels") == [4]
        assert read_column(url, "SELECT agent_disposition_id FROM call_labels") == [None]
        kinds = "SELECT count(*) FROM call_purposes WHERE kind = 'purpose'"
        assert read_column(url, kinds) == [7]
