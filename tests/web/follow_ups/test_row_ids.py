"""The id of a row in an address is a whole id, and not a text that holds one."""

import pytest

from tests.web.running_server import Running

pytestmark = pytest.mark.anyio


async def test_an_id_with_anything_around_it_is_refused(shared: Running) -> None:
    async with await shared.client("adam") as adam:
        for row in ("xp1", "p1x", "p1%0A", "p%D9%A3", "c1c1", "p0", "c"):
            answer = await adam.post(f"/api/v1/follow-ups/{row}", json={"action": "done"})
            assert answer.status_code == 422, row
        gone = await adam.post("/api/v1/follow-ups/p99", json={"action": "done"})
        assert (gone.status_code, gone.json()["code"]) == (409, "unknown_follow_up")
        assert gone.headers["content-type"] == "application/problem+json"
