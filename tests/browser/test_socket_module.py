"""The script that talks to the server, at a socket that the test plays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.demo_server import DemoServer

FAKE_LINE = """
async () => {
  const { Line } = await import("/static/js/socket.js");
  const sockets = [];
  window.WebSocket = class {
    static OPEN = 1;
    readyState = 1;
    sent = [];
    constructor() {
      sockets.push(this);
      setTimeout(() => this.onopen());
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.readyState = 3; }
    hear(message) { this.onmessage({ data: JSON.stringify(message) }); }
  };
  Math.random = () => 0;
  const heard = [];
  const hear = (kind) => (thing) => heard.push([kind, thing]);
  const line = new Line({ snapshot: hear("snapshot"), card: hear("card"), call: hear("call"),
    pbx: hear("pbx"), state: () => {}, build: hear("build") }, "ws://nowhere");
  line.start();
  const next = (count) => new Promise((found) => {
    const look = () => sockets.length >= count && sockets[count - 1].sent.length
      ? found(sockets[count - 1]) : setTimeout(look, 5);
    look();
  });
  const begin = (socket, seq) => {
    const { build } = document.body.dataset;
    socket.hear({ type: "welcome", mode: "snapshot", epoch: "e", seq, build });
    socket.hear({ type: "snapshot", epoch: "e", seq, cards: [], calls: [], pbx: [] });
  };
  Object.assign(window, { line, sockets, heard, next, begin });
}
"""


@pytest.fixture
def fake_line(browser: Browser, shared_server: DemoServer) -> Iterator[Page]:
    page = browser.new_page(base_url=shared_server.url)
    page.goto("/login")
    page.evaluate(FAKE_LINE)
    yield page
    page.close()


def test_a_gap_is_answered_with_a_new_line_and_no_guess(fake_line: Page) -> None:
    hello, kinds = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 5);
          first.hear({ type: "card", epoch: "e", seq: 6, card: { id: "a" } });
          first.hear({ type: "card", epoch: "e", seq: 8, card: { id: "b" } });
          const second = await next(2);
          return [second.sent[0], heard.map(([kind, thing]) => kind + (thing.id ?? ""))];
        }"""
    )
    assert hello["last"] is None
    assert kinds == ["snapshot", "carda"]


def test_what_was_heard_before_is_not_applied_again(fake_line: Page) -> None:
    kinds = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 5);
          const hear = (seq) => first.hear({ type: "card", epoch: "e", seq, card: { seq } });
          [6, 6, 5, 7].forEach(hear);
          return heard.filter(([kind]) => kind === "card").map(([, card]) => card.seq);
        }"""
    )
    assert kinds == [6, 7]


def test_a_broken_line_resumes_where_it_was(fake_line: Page) -> None:
    hello = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 5);
          first.hear({ type: "pbx", epoch: "e", seq: 6, id: "p", state: "live" });
          first.onclose({ code: 1006 });
          return (await next(2)).sent[0];
        }"""
    )
    assert hello["last"] == {"epoch": "e", "seq": 6}


@pytest.mark.parametrize(("messages", "acks"), [(31, []), (32, [32]), (63, [32]), (64, [32, 64])])
def test_so_many_messages_are_acknowledged_at_once(
    fake_line: Page, messages: int, acks: list[int]
) -> None:
    sent = fake_line.evaluate(
        """async (messages) => {
          const first = await next(1);
          begin(first, 0);
          for (let seq = 1; seq <= messages; seq += 1) {
            first.hear({ type: "call", epoch: "e", seq, call: {} });
          }
          return first.sent.slice(1);
        }""",
        messages,
    )
    assert sent == [{"type": "ack", "seq": seq} for seq in acks]


def test_the_answer_to_a_heartbeat_and_a_receipt_stand_for_the_acknowledgement(
    fake_line: Page,
) -> None:
    sent = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 0);
          const hear = (from, to) => {
            for (let seq = from; seq <= to; seq += 1) {
              first.hear({ type: "call", epoch: "e", seq, call: {} });
            }
          };
          hear(1, 31);
          line.receipt("p/1/2", 3, { received: 17, painted: 0 });
          hear(32, 62);
          first.hear({ type: "hb", epoch: "e", seq: 62 });
          hear(63, 94);
          return first.sent.slice(1);
        }"""
    )
    stages = {"received": 17, "painted": 0}
    assert sent == [
        {"type": "receipt", "card": "p/1/2", "rev": 3, "stages": stages, "seq": 31},
        {"type": "hb", "seq": 62},
        {"type": "ack", "seq": 94},
    ]


def test_before_the_snapshot_nothing_is_acknowledged(fake_line: Page) -> None:
    sent = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          first.hear({ type: "welcome", mode: "snapshot", epoch: "e", seq: 5,
            build: document.body.dataset.build });
          line.receipt("p/1/2", 3, { seen: 0 });
          return first.sent.slice(1);
        }"""
    )
    assert sent == [{"type": "receipt", "card": "p/1/2", "rev": 3, "stages": {"seen": 0}}]


def test_another_epoch_is_a_gap(fake_line: Page) -> None:
    hello = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 5);
          first.hear({ type: "hb", epoch: "another", seq: 5 });
          return (await next(2)).sent[0];
        }"""
    )
    assert hello["last"] is None


def test_a_heartbeat_ahead_is_waited_for_once_and_answered(fake_line: Page) -> None:
    after_one, after_two = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 5);
          first.hear({ type: "hb", epoch: "e", seq: 6 });
          const afterOne = [sockets.length, first.sent.at(-1).type];
          first.hear({ type: "hb", epoch: "e", seq: 7 });
          await next(2);
          return [afterOne, sockets.length];
        }"""
    )
    assert after_one == [1, "hb"]
    assert after_two == 2


def test_a_command_is_repeated_under_its_id_until_it_is_answered(fake_line: Page) -> None:
    ids, answer = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 0);
          const asked = line.command("note", { card: "a", text: "b" });
          first.onclose({ code: 1012 });
          const second = await next(2);
          begin(second, 0);
          const of = (socket) => socket.sent.find((one) => one.type === "command")?.id;
          second.hear({ type: "result", id: of(second), ok: true, value: {} });
          return [[of(first), of(second)], await asked];
        }"""
    )
    assert ids[0] == ids[1]
    assert answer["ok"] is True


def test_words_of_a_newer_server_are_passed_over(fake_line: Page) -> None:
    assert fake_line.evaluate(
        """async () => {
          const first = await next(1);
          begin(first, 0);
          first.hear({ type: "from the future" });
          return line.live;
        }"""
    )


def test_a_newer_build_is_reported(fake_line: Page) -> None:
    reported = fake_line.evaluate(
        """async () => {
          const first = await next(1);
          first.hear({ type: "welcome", mode: "snapshot", epoch: "e", seq: 0, build: "newer" });
          return heard;
        }"""
    )
    assert reported == [["build", "newer"]]
