"""``/admin/teams``: made, changed and deleted by administrators."""

from pathlib import Path

import pytest

from screenpop.service.availability_ports import AvailabilitySpan
from screenpop.store.accounts.agent_states import StoredAvailability
from screenpop.store.accounts.teams import list_teams, save_team
from tests.web.running_server import csrf_of, running

pytestmark = pytest.mark.anyio


async def test_an_administrator_makes_changes_and_deletes_a_team(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as office:
        alice, bob, sue = (str(office.id(name)) for name in ("alice", "bob", "sue"))
        async with await office.client("adam") as adam:
            csrf = csrf_of((await adam.get("/admin/teams")).text)
            form = {"csrf": csrf, "name": "<i>North", "member": [alice, "x", "-1"], "lead": [sue]}
            assert (await adam.post("/admin/teams", data=form)).status_code == 303
            (team,) = await list_teams(office.database)
            assert team.members == frozenset({office.id("alice")})
            assert team.supervisors == frozenset({office.id("sue")})
            page = (await adam.get("/admin/teams")).text
            assert "&lt;i&gt;North" in page
            assert page.count(" checked") == 2
            assert (await adam.post("/admin/teams", data=form)).status_code == 422
            path = f"/admin/teams/{team.id}"
            moved = form | {"name": "South", "member": [bob]}
            assert (await adam.post(path, data=moved)).status_code == 303
            assert (await adam.post("/admin/teams/99", data=moved)).status_code == 404
            assert (await adam.post(path, data=moved | {"csrf": "x"})).status_code == 403
            (team,) = await list_teams(office.database)
            assert (team.name, team.members) == ("South", frozenset({office.id("bob")}))
            await adam.post(f"{path}/delete", data={"csrf": csrf})
            assert await list_teams(office.database) == ()
        async with await office.client("sue") as client:
            assert (await client.get("/admin/teams")).status_code == 403
            csrf = csrf_of((await client.get("/me")).text)
            refused = await client.post("/admin/teams", data={"csrf": csrf, "name": "Mine"})
            assert refused.status_code == 403


@pytest.mark.defends("teams")
async def test_the_states_of_agents_of_another_team_are_in_no_answer(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as office:
        alice, bob = office.id("alice"), office.id("bob")
        log = StoredAvailability(office.database)
        for user in (alice, bob):
            log.keep(AvailabilitySpan(user, "paused", "lunch", "", 1_000.0))
        await log.flush()
        await save_team(office.database, None, "A", [alice], [office.id("sue")])
        path = "/api/v1/agents/availability/history"
        found = {}
        for name in ("sue", "adam"):
            async with await office.client(name) as client:
                answer = (await client.get(path, params={"since": "0", "until": "9999"})).json()
                found[name] = {span["agent"] for span in answer["spans"]}
        assert found == {"sue": {alice}, "adam": {alice, bob}}
        async with await office.client("sue") as client:
            query = {"since": "0", "until": "9999", "agent": str(bob)}
            assert (await client.get(path, params=query)).json() == {"spans": []}
