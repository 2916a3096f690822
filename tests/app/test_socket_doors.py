"""What each kind of user may send on the socket is as docs/doors.md has it."""

from pathlib import Path

import pytest

from screenpop.app.server import running
from tests.doors import PAGE
from tests.socket_doors import (
    ACTORS,
    HELD_BY,
    commands,
    limited_to_branches,
    socket_table,
    written_table,
)

pytestmark = pytest.mark.anyio


@pytest.mark.defends("socket-ownership")
async def test_each_message_of_the_socket_is_taken_from_the_users_that_the_table_has(
    folder: Path,
) -> None:
    kept = written_table(PAGE.read_text("utf-8"))
    async with running(limited_to_branches(folder)) as app:
        found = await socket_table(app, (folder / "token").read_text("utf-8").strip())
    assert found == kept, "run make doors, and read what it changes"
    assert set(commands()) < found.keys()
    # Whatever the table has: a card obeys its own agent alone.
    others = [place for place, actor in enumerate(ACTORS) if actor != HELD_BY]
    assert {found["note"][place] for place in others} == {"login", "no"}
