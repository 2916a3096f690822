"""``/admin/teams``: made, changed and deleted by administrators."""

from pathlib import Path

import pytest

from screenpop.store.accounts.teams import list_teams
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
