"""A day of ordinary and hostile calls, edits, imports and logins leaves no person in the log."""

import json
import logging
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from typing_extensions import override

from screenpop.accounts.users import UserId
from screenpop.app.running_app import App
from screenpop.app.server import running
from screenpop.cli.log_cleaning import OwnOrWarning
from screenpop.cli.logging_setup import log_formatter
from screenpop.store.webhooks.targets import NewTarget, create_target
from screenpop.webhooks.events import EventType
from screenpop.webhooks.targets import TargetShape
from tests.app.running_app import client, page, rings, simulating
from tests.hostile_texts import MARK, TEXTS
from tests.web.running_server import log_in, plain_client

pytestmark = pytest.mark.anyio

NUMBER = "09127718834"
PASSWORD = "Blue-Heron-Ladder-77"
SECRETS = (
    *("zarringol", "parastou", "Παρασκευάκη", "wants-kish-quietly", MARK.casefold(), PASSWORD),
    *("9127718834", "912 771 8834", "4111111111111111", "4111 1111 1111 1111", "zg@example.com"),
)
"""Names, numbers, notes, a card number, a password, an address, and what hostile texts hold."""
PERSON = {
    "names": {"en": {"given": "Parastou", "family": "Zarringol"}},
    "numbers": [{"number": NUMBER}],
    "emails": ["zg@example.com"],
    "notes": "wants-kish-quietly 4111 1111 1111 1111",
}
SHEET = f"Name,Phone,Notes\nParastou Zarringol,{NUMBER},{TEXTS['formula']}\nΠαρασκευάκη,x,4111\n"


class Records(logging.Handler):
    """The records of libraries and of ``logging``, as text with their exceptions."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(OwnOrWarning())
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def recording() -> Generator[tuple[Records, list[dict[str, Any]]]]:
    """All that is logged, before numbers are masked: nothing should need that."""
    handler, root, own = Records(), logging.getLogger(), logging.getLogger("screenpop")
    level = own.level
    root.addHandler(handler)
    own.setLevel(logging.DEBUG)
    try:
        with capture_logs() as events:
            yield handler, events  # type: ignore[misc]
    finally:
        root.removeHandler(handler)
        own.setLevel(level)


async def play_calls(app: App) -> None:
    """Calls with hostile names and numbers, a note, and a phone that is no agent's."""
    async with page(app, "maryam") as maryam:
        await maryam.live()
        rings(app, "101", number=NUMBER, name="Parastou Zarringol", talk_s=20)
        card = await maryam.card("talking")
        assert (await maryam.ask("note", card=card["id"], text=PERSON["notes"]))["ok"]
        assert not (await maryam.ask("note", card=NUMBER, text=NUMBER))["ok"]
        rings(app, "102", number=NUMBER, name="Parastou Zarringol")
        for text in TEXTS.values():
            line = " ".join(text.replace("\0", "").split())[:80]
            rings(app, "105", number=line, name=line, ring_s=0.05, talk_s=0.05)
        await maryam.socket.send_message("command", id=NUMBER, op=TEXTS["script"], args=PERSON)


async def edit_and_erase(program: httpx.AsyncClient) -> None:
    made = await program.post("/api/v1/customers", json=PERSON)
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    for body in ({"notes": 5}, {"names": "Zarringol"}, {"numbers": [NUMBER] * 900}):
        answer = await program.patch(f"/api/v1/customers/{number}", json=body)
        assert answer.status_code == 422, body
    await program.patch(f"/api/v1/customers/{number}", content=b'{"notes": "Zarringol')
    answer = await program.patch(f"/api/v1/customers/{number}", json={"notes": TEXTS["lines"]})
    assert answer.status_code == 200, answer.text
    await program.get("/api/v1/customers", params={"q": f"Zarringol {NUMBER}"})
    erased = await program.post(f"/api/v1/customers/{number}/erase", json={"name": "Zarringol"})
    assert erased.status_code == 422
    whole = {"name": "Parastou Zarringol"}
    erased = await program.post(f"/api/v1/customers/{number}/erase", json=whole)
    assert erased.status_code == 200, erased.text


async def import_sheet(program: httpx.AsyncClient) -> None:
    sent = await program.post(
        "/api/v1/imports",
        content=SHEET.encode(),
        params={"name": "Zarringol.csv"},
        headers={"Content-Type": "application/octet-stream"},
    )
    assert sent.status_code == 201, sent.text
    job = f"/api/v1/imports/{sent.json()['id']}"
    found: dict[str, Any] = {}
    for step in ("check", "start"):
        answer = await program.post(f"{job}/{step}", json={})
        assert answer.status_code == 202, answer.text
        while (found := (await program.get(job)).json())["busy"]:
            pass
    assert found["stage"] == "imported", found


async def merge_and_export(app: App, program: httpx.AsyncClient) -> None:
    numbers = []
    for given in ("Parastou", "Zarringol"):
        person = {"names": {"en": {"given": given, "family": "Zarringol"}}, "notes": "Zarringol"}
        numbers.append((await program.post("/api/v1/customers", json=person)).json()["id"])
    async with client(app, "admin") as admin:
        page_of = (await admin.get(f"/customers/{numbers[0]}/merge?with={numbers[1]}")).text
        csrf = page_of.partition('data-csrf="')[2].partition('"')[0]
        form = {"gone": str(numbers[1]), "csrf": csrf}
        path = f"/customers/{numbers[0]}/merge"
        assert (await admin.post(path, data=form)).status_code == 303
        assert (await admin.post(path, data=form)).status_code == 422  # merged already
        draft = {"form": f"/customers/{numbers[0]}/edit", "values": {"notes": PERSON["notes"]}}
        kept = await admin.put("/drafts", json=draft, headers={"X-CSRF-Token": csrf})
        assert kept.status_code == 204, kept.text
    wanted = {"format": "csv", "q": "Zarringol"}
    written = await program.post("/api/v1/customers/export", json=wanted)
    assert written.status_code == 200, written.text


@pytest.mark.slow
@pytest.mark.defends("logs-without-names")
async def test_a_day_leaves_no_name_number_note_card_or_secret_in_the_log(
    seeded: Path, folder: Path
) -> None:
    shutil.copy(seeded.with_name("document.key"), folder)
    settings = simulating(folder, webhook={"private_networks": ["127.0.0.0/8"]})
    with recording() as (library, events):
        async with running(settings) as app:
            target = NewTarget(
                *("Zarringol", "http://127.0.0.1:9/Zarringol", TargetShape.STANDARD),
                frozenset(EventType),
                with_names=True,
            )
            await create_target(app.database, target, user_id=UserId(1), now=1.0)
            token = (folder / "token").read_text("utf-8").strip()
            bearer = {"Authorization": f"Bearer {token}", "Origin": app.url}
            async with plain_client(app.url, bearer, timeout_s=20) as program:
                await edit_and_erase(program)
                await import_sheet(program)
                await merge_and_export(app, program)
            await play_calls(app)
            async with plain_client(app.url, {"Origin": app.url}) as stranger:
                for name in (f"Zarringol {NUMBER}", "maryam", TEXTS["escape"]):
                    assert (await log_in(stranger, name, PASSWORD)).status_code == 401
                hello = {"Authorization": f"Bearer {PASSWORD}"}
                assert (await stranger.get("/api/v1/calls", headers=hello)).status_code == 401
            async with client(app, "maryam") as maryam:
                assert (await maryam.get(f"/admin/users/5?q={NUMBER}")).status_code == 403
        secrets = (*SECRETS, token)
    unmapped = [event for event in events if "phone" in event]
    assert unmapped
    assert [event for event in unmapped if not (event["pbx"] and event["call"])] == []
    for_programs = log_formatter(is_human=False)
    lines = [for_programs.format(record) for record in library.records]
    assert all(json.loads(line)["event"] for line in lines)
    texts = [str(event) for event in events]
    texts += [
        f"{one.getMessage()} {logging.Formatter().formatException(one.exc_info)}"
        if one.exc_info
        else one.getMessage()
        for one in library.records
    ]
    assert texts
    found = [text for text in texts for one in secrets if one.casefold() in text.casefold()]
    assert found == []
