"""The browsers of the benchmark send what a real page sends for the same messages of the server."""

import json
from collections import Counter
from typing import Any

import orjson
import pytest
from playwright.sync_api import Page as WebPage
from playwright.sync_api import WebSocketRoute, expect

from benchmarks.page import Page, Seen
from tests.browser.conftest import LogIn, is_live
from tests.browser.demo_server import DemoServer

ANSWERED, MISSED = "+989121112233", "+302104527000"
"""Customers: the page asks nothing about them."""
_NEXT_FRAME = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"


@pytest.fixture
def server(own_server: DemoServer) -> DemoServer:
    """A server of its own: cards of other tests would be painted, and receipted, too."""
    return own_server


class Tap:
    """Passes on what a page and its server send each other, and keeps it in order."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.sent: list[str] = []
        self._socket: WebSocketRoute | None = None
        self._is_cut = False

    def open(self, socket: WebSocketRoute) -> None:
        self._socket, server = socket, socket.connect_to_server()

        def sent(message: str | bytes) -> None:
            self.sent.append(str(message))
            if not self._is_cut:
                server.send(message)

        socket.on_message(sent)
        server.on_message(lambda message: None if self._is_cut else self.give(str(message)))

    def give(self, message: str) -> None:
        assert self._socket is not None
        self.received.append(message)
        self._socket.send(message)

    def beat(self) -> None:
        """A heartbeat, which the page answers with the number of the last message it applied."""
        last = _numbered(self.received)[-1]
        self.give(json.dumps({"type": "hb", "epoch": last["epoch"], "seq": last["seq"]}))

    def cards(self) -> list[dict[str, Any]]:
        messages = [json.loads(one) for one in self.received]
        return [one for one in messages if one["type"] == "card"]

    def remove(self, caller: str) -> None:
        """Give the page the last message of this caller's card. The server is cut off by then."""
        self._is_cut = True
        last = self.cards()[-1]
        card = next(
            c["card"] for c in reversed(self.cards()) if c["card"]["caller"]["e164"] == caller
        )
        gone = {**card, "rev": card["rev"] + 1, "state": "gone"}
        self.give(json.dumps({**last, "seq": last["seq"] + 1, "card": gone, "gone": True}))


def _until_all_is_sent(desk: WebPage, tap: Tap) -> None:
    """Wait until the page applied the last message and painted what followed from it."""
    tap.beat()
    desk.evaluate(_NEXT_FRAME)
    while _answered_beats(tap.sent)[-1:] != [_numbered(tap.received)[-1]["seq"]]:
        desk.evaluate(_NEXT_FRAME)
    desk.evaluate(_NEXT_FRAME)


def _numbered(texts: list[str]) -> list[dict[str, Any]]:
    messages = [orjson.loads(text) for text in texts]
    return [message for message in messages if message.get("seq") is not None]


def _answered_beats(texts: list[str]) -> list[int]:
    return [message["seq"] for message in _numbered(texts) if message["type"] == "hb"]


def _meaning(text: str | bytes) -> str:
    """A message without the parts of a receipt that depend on when its frame was painted."""
    message = orjson.loads(text)
    if message["type"] == "receipt":
        message |= {"stages": sorted(message["stages"]), "seq": "as far as it came"}
    if message["type"] == "command":
        message |= {"id": "its own"}
    return json.dumps(message, sort_keys=True)


@pytest.mark.slow
def test_the_stand_in_sends_the_messages_of_the_page_through_the_whole_life_of_its_cards(
    log_in: LogIn, server: DemoServer
) -> None:
    tap, desk = Tap(), log_in("maryam")
    is_live(desk)
    desk.route_web_socket("**/ws/v1", tap.open)
    desk.reload()
    is_live(desk)
    desk.bring_to_front()
    server.play(caller=ANSWERED, to="101", outcome="answered", ring_s=1, talk_s=1)
    answered = desk.locator("article.card[data-state=wrap_up]")
    expect(answered).to_have_count(1)
    server.play(caller=MISSED, to="101", outcome="missed", ring_s=1)
    expect(desk.locator("article.card[data-state=ringing]")).to_have_count(1)
    expect(desk.locator("article.card[data-state=ringing]")).to_have_count(0)
    _until_all_is_sent(desk, tap)
    tap.remove(MISSED)
    _until_all_is_sent(desk, tap)
    tap.remove(ANSWERED)
    expect(answered).to_have_count(0)
    _until_all_is_sent(desk, tap)

    stand_in, seen = Page("101", talks=True), list[Seen]()
    expected = list[bytes]()
    for payload in tap.received:
        answer = stand_in.receive(payload.encode(), 0.0, seen)
        expected += [*answer.now, *answer.next_frame]
    assert {one.state for one in seen} >= {"ringing", "talking", "wrap_up", "missed", "gone"}
    assert orjson.loads(tap.sent[0])["type"] == "hello"
    assert Counter(map(_meaning, tap.sent[1:])) == Counter(map(_meaning, expected))
    _check_receipts(tap)


def _check_receipts(tap: Tap) -> None:
    """Each acknowledges the revision that it is about, and its stages are in their order."""
    seqs = {(one["card"]["id"], one["card"]["rev"]): one["seq"] for one in tap.cards()}
    receipts = [one for one in _numbered(tap.sent) if one["type"] == "receipt"]
    assert {tuple(one["stages"]) for one in receipts} >= {("received", "painted", "seen")}
    for one in receipts:
        assert (
            seqs.get((one["card"], one["rev"]), 0)
            <= one["seq"]
            <= _numbered(tap.received)[-1]["seq"]
        )
        ago_ms = list(one["stages"].values())
        assert sorted(ago_ms, reverse=True) == ago_ms
        assert all(type(value) is int and value >= 0 for value in ago_ms)


@pytest.mark.parametrize(("messages", "acks"), [(31, []), (32, [32]), (63, [32]), (64, [32, 64])])
def test_the_stand_in_acknowledges_so_many_messages_at_once(messages: int, acks: list[int]) -> None:
    """``test_socket_module.py`` has the same for the real page."""
    stand_in, seen = Page("101", talks=True), list[Seen]()
    answers = [
        stand_in.receive(orjson.dumps({"type": "call", "seq": seq, "call": {}}), 0.0, seen).now
        for seq in range(1, messages + 1)
    ]
    assert [orjson.loads(one) for answer in answers for one in answer] == [
        {"type": "ack", "seq": seq} for seq in acks
    ]
