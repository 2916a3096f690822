"""Texts of strangers in what other programs receive: one value each, and nothing forged."""

import json
from dataclasses import replace

import pytest

from screenpop.webhooks import zammad
from screenpop.webhooks.events import AgentName, People, build_body
from screenpop.webhooks.signing import new_secret, signed_headers
from tests.hostile_texts import TEXTS
from tests.webhooks.test_requests import CALL, EVENT


@pytest.mark.defends("webhook-signatures")
def test_hostile_texts_stay_the_values_that_they_are() -> None:
    for text in TEXTS.values():
        event = replace(EVENT, data={"call": {**CALL, "queue": text}, "phone": text}, number=text)
        people = People({3: AgentName(text, text)}, text)
        sent = build_body(event, people, with_numbers=True, with_names=True)
        data = json.loads(sent)["data"]
        assert sorted(data) == ["agents", "call", "customer", "number", "phone"]
        assert data["number"] == data["phone"] == data["customer"]["name"] == text
        assert data["call"] == {**CALL, "queue": text}
        assert data["agents"] == [{"id": 3, "username": text, "name": text}, {"id": 4}]
        form = zammad.build_body(event, people, with_numbers=True)
        assert form is not None
        parsed = json.loads(form)
        assert parsed["from"] == text.removeprefix("+")
        assert parsed["user"] == [text]
        assert parsed["event"] == "answer"
        for body in (sent, form):
            assert not set(body) & {0, *b"\r\n\x1b"}
            headers = signed_headers(new_secret(), event.id, 1.0, body).values()
            assert all(one.isascii() and one.isprintable() for one in headers)
