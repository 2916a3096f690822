"""What a running application sends fits its own AsyncAPI document."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert

from screenpop.app.running_app import App
from screenpop.store.schema.webhook_tables import webhook_targets
from screenpop.store.webhooks.deliveries import list_deliveries
from screenpop.web.asyncapi.document import PATH
from screenpop.webhooks.events import CHOSEN_TYPES
from tests.app.running_app import client, page, rings
from tests.web.asyncapi.json_schema import faults

pytestmark = pytest.mark.anyio


async def test_frames_of_a_whole_call_and_its_events_are_as_described(app: App) -> None:
    async with client(app, "sara") as sara:
        document: dict[str, Any] = (await sara.get(PATH)).json()
    messages = document["components"]["messages"]
    # Without a secret nothing is sent: what is queued can be read.
    target = {"name": "CRM", "url": "https://crm.invalid/", "shape": "standard"}
    values = {**target, "types": list(CHOSEN_TYPES), "secret_sealed": "", "made_at": 1.0}
    async with app.database.writing() as connection:
        await connection.execute(insert(webhook_targets).values(values))
    heard: list[dict[str, Any]] = []
    async with page(app, "sara") as sara_page:
        await sara_page.live()
        rings(app, "101", "102", answered_by="102", queue="sales", wait_s=0.2)
        async with asyncio.timeout(20):
            while not heard or heard[-1].get("call", {}).get("state") != "ended":
                heard.append(await sara_page.socket.hear())
    await app.database.log.flush()
    for message in heard:
        schema = messages[f"server.{message['type']}"]["payload"]
        assert faults(document, schema, message) == [], message
    assert {"call", "agent"} <= {one["type"] for one in heard}
    events = [one.event for one in await list_deliveries(app.database, 1)]
    assert {"call.ringing", "call.answered", "call.ended"} <= {one.type.value for one in events}
    for event in events:
        described = messages[f"webhook.{event.type}"]["payload"]["properties"]["data"]
        assert faults(document, described, dict(event.data)) == [], event


async def test_cards_are_as_described(app: App) -> None:
    async with client(app, "maryam") as maryam:
        document: dict[str, Any] = (await maryam.get(PATH)).json()
    async with page(app, "maryam") as maryam_page:
        await maryam_page.live()
        rings(app, "101")
        for state in ("ringing", "talking", "wrap_up"):
            card = await maryam_page.card(state)
            schema = document["components"]["schemas"]["Card"]
            assert faults(document, schema, card) == [], card
