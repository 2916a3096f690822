"""The board's figures of the day: the same as those of the reports, by filter and by team."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from screenpop.calls.events import Disposition
from screenpop.service.ports import LoggedCall
from screenpop.store.accounts.teams import save_team
from screenpop.store.follow_ups.callbacks import list_callbacks
from screenpop.telephony.identifiers import E164, SIMULATED
from tests.web.running_server import Running, running
from tests.web.samples import add_customer, keep, record

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    """Since midnight: 1 and 3 answered, 2 and 4 not; 1 and 2 at Alice's phone, 3 and 4 at Bob's."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    async with running(prepared, tmp_path_factory.mktemp("office"), real_pages=True) as up:
        customer = await add_customer(up.database)
        simulated = record(6, at=midnight)
        await keep(
            up.database,
            record(1, at=midnight, queue="sales"),
            of_caller(record(2, at=midnight, disposition=Disposition.NO_ANSWER), "+989120000002"),
            record(3, at=midnight, endpoint="102", customer=customer),
            of_caller(
                record(4, at=midnight, endpoint="102", disposition=Disposition.ABANDONED),
                "+989120000004",
            ),
            record(5, at=midnight - 1),
            replace(simulated, entry=replace(simulated.entry, pbx=SIMULATED)),
        )
        yield up


def of_caller(call: LoggedCall, number: str) -> LoggedCall:
    return replace(call, caller=replace(call.caller, e164=E164(number)))


async def figures(server: Running, name: str, **query: str) -> dict[str, Any]:
    async with await server.client(name) as client:
        answer = await client.get("/api/v1/board", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def test_the_day_is_counted_from_the_local_midnight_without_simulated_calls(
    office: Running,
) -> None:
    day = await figures(office, "sue")
    assert day["until"] - day["since"] == 24 * 3600
    assert (day["offered"], day["answered"], day["missed"], day["abandoned"]) == (4, 2, 2, 1)
    counted = {code: count for code, count in day["by_disposition"].items() if count}
    assert counted == {"answered": 2, "no_answer": 1, "abandoned": 1}
    assert day["service_level"] == 0.5
    assert (day["popup_answered"], day["popup_before"]) == (2, 0)
    listed = await list_callbacks(office.database, day["at"], datetime.now(UTC).date())
    assert day["callbacks"] == listed.total > 0
    async with await office.client("alice") as alice:
        for path in ("/api/v1/board", "/board", "/board/links"):
            assert (await alice.get(path)).status_code == 403, path


@pytest.mark.parametrize(
    ("query", "answered", "missed", "callbacks"),
    [
        ({"queue": "sales"}, 1, 0, 0),
        ({"queue": "support"}, 1, 2, 2),
        ({"queue": "none"}, 0, 0, 0),
        ({"line": "02191000101"}, 2, 2, 2),
        ({"line": "9"}, 0, 0, 0),
        ({"tier": "gold"}, 0, 0, 0),
        ({"tier": "none"}, 1, 0, 0),
        ({"queue": "support", "tier": "none"}, 1, 0, 0),
    ],
)
async def test_each_filter_applies_to_each_figure(
    office: Running, query: dict[str, str], answered: int, missed: int, callbacks: int
) -> None:
    day = await figures(office, "sue", **query)
    assert (day["answered"], day["missed"], day["callbacks"]) == (answered, missed, callbacks)
    assert day["popup_answered"] == answered


async def test_a_supervisor_of_a_team_counts_its_calls_and_cannot_choose_another_team(
    prepared: Path, tmp_path: Path
) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    async with running(prepared, tmp_path, real_pages=True) as office:
        await keep(
            office.database,
            record(1, at=midnight),
            record(2, at=midnight, endpoint="102"),
            record(3, at=midnight, endpoint="999"),
        )
        alices = await save_team(
            office.database, None, "Alice's", [office.id("alice")], [office.id("sue")]
        )
        bobs = await save_team(office.database, None, "Bob's", [office.id("bob")], [])
        assert (await figures(office, "sue"))["answered"] == 2
        assert (await figures(office, "adam"))["answered"] == 3
        assert (await figures(office, "adam", team=str(bobs)))["answered"] == 2
        assert (await figures(office, "sue", team=str(alices)))["answered"] == 2
        async with await office.client("sue") as sue:
            for team in (str(bobs), "99", "x", "-1"):
                for path in ("/api/v1/board", "/board"):
                    answer = await sue.get(path, params={"team": team})
                    assert answer.status_code == 404, (path, team)
            page = (await sue.get("/board")).text
            assert "Alice&#39;s" in page
            assert "Bob&#39;s" not in page
            assert (await sue.get("/board", params={"tier": "<b>"})).status_code == 422
