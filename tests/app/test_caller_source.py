"""Another program as the master of callers' records: no card waits, whatever it answers."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from screenpop.app.caller_source import (
    AFTER_FAILURE_S,
    LOGGED_EVERY_S,
    MOST_AT_ONCE,
    MOST_CACHED,
    SENTENCES,
    CallerSource,
    CallerSourceError,
)
from screenpop.app.http_client import LARGEST_ANSWER
from screenpop.app.server import running
from screenpop.customers.models import PersonName
from screenpop.settings.caller_source import CallerSourceSettings
from tests.app.running_app import client, page, rings, simulating
from tests.app.source_server import SourceServer, json_answer, source_server

pytestmark = pytest.mark.anyio

FIELDS = {"name": "data.0.name", "tier": "data.0.level"}
NEW, NUMBER = {"data": [{"name": "Niki Kosta", "level": "gold"}]}, "+302101234567"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def settings(server: SourceServer, **more: object) -> CallerSourceSettings:
    values = {"url": server.url, "private_http": True, "fields": FIELDS} | more
    given = CallerSourceSettings(**values)  # type: ignore[arg-type]
    # A busy machine shall not make an answer late where lateness is not the subject.
    return given if "timeout_ms" in more else given.model_copy(update={"timeout_ms": 30_000})


def source(server: SourceServer, now: list[float] | None = None, **more: object) -> CallerSource:
    return CallerSource(settings(server, **more), lambda: (now or [0.0])[0])


async def code_of(asked: CallerSource) -> str:
    with pytest.raises(CallerSourceError) as refused:
        await asked.ask(NUMBER)
    assert "{" not in str(refused.value)
    assert asked.facts().problem == refused.value.code
    return refused.value.code


async def test_source_is_asked_with_the_number_and_the_headers_of_its_file(tmp_path: Path) -> None:
    keys = tmp_path / "headers"
    keys.write_text("Authorization: Bearer k3y\n\nX-Office: 1\n")
    async with source_server(json_answer(NEW)) as server:
        record = await source(server, headers_file=keys).ask(NUMBER)
    assert record is not None
    assert record.name == PersonName("Niki", "Kosta")
    (head,) = server.heads
    assert head.startswith("GET /contact?phone=%2B302101234567 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head
    assert "Authorization: Bearer k3y\r\n" in head
    assert "X-Office: 1\r\n" in head


async def test_answers_are_read_with_a_length_in_chunks_or_until_the_end() -> None:
    body = json_answer(NEW).partition(b"\r\n\r\n")[2]
    parts = b"%x\r\n%s\r\n%x;x=1\r\n%s\r\n0\r\n\r\n" % (5, body[:5], len(body) - 5, body[5:])
    for answer in (
        json_answer(NEW, "application/problem+json; charset=utf-8"),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + parts,
        HEAD + b"\r\n" + body,
        b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + json_answer(NEW),
    ):
        async with source_server(answer) as server:
            record = await source(server).ask(NUMBER)
            assert record is not None
            assert record.name.family == "Kosta"


@pytest.mark.parametrize("answer", [json_answer({}), json_answer(None, status="404 No")])
async def test_a_caller_that_the_source_does_not_know_is_none(answer: bytes) -> None:
    async with source_server(answer) as server:
        assert await source(server).ask(NUMBER) is None


BAD: list[tuple[str, bytes]] = [
    ("redirect", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"),
    ("status", json_answer(NEW, status="401 Unauthorized")),
    ("status", json_answer(NEW, status="500 Oops")),
    ("type", json_answer(NEW, "text/html")),
    ("type", b"HTTP/1.1 200 OK\r\n\r\n<html>"),
    ("garbage", HEAD + b"\r\n\xff\xfe{}"),
    ("garbage", HEAD + b"\r\n" + b"[" * 50_000),
    ("garbage", HEAD + b"\r\n"),
    ("shape", json_answer({"data": "text"})),
    ("shape", json_answer({"data": [{"name": ["x"]}]})),
    ("shape", json_answer({"data": [{"name": "A B", "level": "diamond"}]})),
    ("too_large", HEAD + b"Content-Length: 10000000\r\n\r\n"),
    ("too_large", HEAD + b"Content-Length: " + b"9" * 20 + b"\r\n\r\n"),
    ("too_large", HEAD + b"\r\n" + b" " * (LARGEST_ANSWER + 1)),
    ("too_large", HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n" + b" " * 70_000),
    ("too_large", HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 50_000),
    ("too_large", b"HTTP/1.1 100 Go\r\nX: y\r\n\r\n" * 20_000),
    ("no_http", HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n"),
    ("no_http", HEAD + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n"),
    ("no_http", HEAD + b"Content-Length: 9\r\n\r\n{}"),
    ("no_http", HEAD + b"Content-Length: -9\r\n\r\n{}"),
    ("no_http", HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b"),
    ("no_http", b"nonsense\r\n\r\n"),
    ("no_http", b"\xff" * 100_000),
    ("no_http", b"HTTP/1.1 100 Go\r\nX: y\r\n\r\n" * 9),
    ("no_http", b""),
]


async def test_each_bad_answer_has_its_sentence() -> None:
    for code, answer in BAD:
        async with source_server(answer) as server:
            assert await code_of(source(server)) == code, answer[:80]
    assert {code for code, _ in BAD} | {"slow", "unreachable", "address", "headers"} == set(
        SENTENCES
    )


async def test_an_answer_of_64_kilobytes_is_read() -> None:
    body = json_answer(NEW).partition(b"\r\n\r\n")[2].ljust(LARGEST_ANSWER)
    async with source_server(HEAD + b"\r\n" + body) as server:
        assert await source(server).ask(NUMBER) is not None


async def test_a_source_that_hangs_is_gone_or_not_allowed_is_given_up(tmp_path: Path) -> None:
    async with source_server(b"") as server:
        server.hold = asyncio.Event()
        assert await code_of(source(server, timeout_ms=20)) == "slow"
        server.hold.set()
        elsewhere = settings(server).model_copy(update={"private_http": False})
        assert await code_of(CallerSource(elsewhere)) == "address"
        public = settings(server).model_copy(update={"url": "http://8.8.8.8/{number}"})
        assert await code_of(CallerSource(public)) == "address"
        keys = tmp_path / "headers"
        keys.write_text("A: b")
        asked = source(server, headers_file=keys)
        keys.unlink()
        assert await code_of(asked) == "headers"
    assert await code_of(source(server)) == "unreachable"


async def test_answers_and_failures_are_cached_and_a_problem_is_logged_once_a_minute() -> None:
    now = [0.0]
    with capture_logs() as logs:
        await ask_over_time(now, logs)


async def ask_over_time(now: list[float], logs: Sequence[Mapping[str, object]]) -> None:
    async with source_server(json_answer(NEW)) as server:
        asked = source(server, now, cache_s=100)
        for at, times in ((0.0, 1), (99.9, 1), (100.0, 2)):
            now[0] = at
            assert await asked.record_of(NUMBER) is not None
            assert len(server.heads) == times
        server.answer = b"nonsense\r\n\r\n"
        for at, times in ((200.0, 3), (200.0 + AFTER_FAILURE_S - 0.1, 3), (210.0, 4)):
            now[0] = at
            assert await asked.record_of(NUMBER) is None
            assert len(server.heads) == times
        assert asked.facts().failed == 2
        for at, logged in ((200.0 + LOGGED_EVERY_S - 0.1, 1), (200.0 + LOGGED_EVERY_S, 2)):
            now[0] = at
            await asked.record_of(f"+{at}")
            assert len(logs) == logged
            assert "does not answer with HTTP" in str(logs[-1]["event"])
        for number in range(MOST_CACHED + 1):
            asked._keep(str(number), None, 1.0)
        assert len(asked._cache) == MOST_CACHED


async def test_four_callers_are_asked_about_at_once_and_a_fifth_is_left_out() -> None:
    async with source_server(json_answer(NEW)) as server:
        server.hold = asyncio.Event()
        asked = source(server)
        asking = [asyncio.create_task(asked.record_of(str(n))) for n in range(MOST_AT_ONCE)]
        for _ in range(MOST_AT_ONCE):
            await server.arrivals.get()
        assert await asked.record_of("fifth") is None
        assert len(server.heads) == MOST_AT_ONCE
        server.hold.set()
        await asyncio.gather(*asking)
        assert await asked.record_of("fifth") is not None


async def test_a_card_goes_out_at_once_and_its_next_revision_has_the_record(folder: Path) -> None:
    async with source_server(json_answer(NEW)) as server:
        server.hold = asyncio.Event()
        office = simulating(folder).model_copy(update={"caller_source": settings(server)})
        async with running(office) as app, page(app, "maryam") as maryam:
            await maryam.live()
            rings(app, "101", number=NUMBER, ring_s=5.0)
            card = await maryam.card("ringing")
            assert (card["match"], card["rev"]) == ("none", 1)
            server.hold.set()
            while card["match"] != "certain":
                card = (await maryam.next("card"))["card"]
            assert card["rev"] > 1
            assert card["person"]["address"]["en"] == "Niki Kosta"
            assert card["person"]["tier"] == "gold"
            assert len(server.heads) == 1


async def test_a_source_that_hangs_changes_no_card_and_is_named_on_the_admin_page(
    folder: Path,
) -> None:
    async with source_server(b"") as server:
        server.hold = asyncio.Event()
        source_settings = settings(server, timeout_ms=20)
        office = simulating(folder).model_copy(update={"caller_source": source_settings})
        async with running(office) as app, page(app, "maryam") as maryam:
            await maryam.live()
            rings(app, "101")
            card = await maryam.card("wrap_up")
            assert card["person"]["address"]["en"] == "Dr Laleh Karimi"
            async with client(app, "admin") as admin:
                shown = (await admin.get("/admin")).text
            assert f"127.0.0.1:{server.port}" in shown
            assert "does not answer in time" in shown
        server.hold.set()


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"url": "http://crm.example.com/{number}"}, "no https address"),
        ({"url": "ftp://crm.example.com/{number}"}, "no https address"),
        ({"url": "https://crm.example.com/"}, "no {number}"),
        ({"url": "https://{number}.example.com/"}, "in its host"),
        ({"url": "https://me:k3y@crm.example.com/{number}"}, "headers_file"),
        ({"url": "https://crm.example.com/{number} x"}, "a space"),
        ({"fields": {}}, "a customer needs a name"),
        ({"fields": {"name": "a b"}}, "no path"),
        ({"headers_file": "/nowhere/headers"}, "cannot be read"),
        ({"timeout_ms": 301}, "300"),
        ({"cache_s": 0}, "1"),
    ],
)
def test_settings_of_a_source_that_cannot_be_are_refused_with_the_remedy(
    given: dict[str, object], remedy: str
) -> None:
    usual = {"url": "https://crm.example.com/{number}", "fields": FIELDS}
    assert CallerSourceSettings(**usual).timeout_ms == 300  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=re.escape(remedy)):
        CallerSourceSettings(**usual | given)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["no header", "A: b\x7f", "Host: x", "A b: c", ": x", "A:"])
def test_a_line_of_the_headers_that_is_none_is_refused_with_its_number(
    line: str, tmp_path: Path
) -> None:
    keys = tmp_path / "headers"
    keys.write_text(f"X-Office: 1\n{line}\n")
    values = {"url": "https://crm.example.com/{number}", "fields": FIELDS, "headers_file": keys}
    with pytest.raises(ValueError, match="line 2 of headers_file"):
        CallerSourceSettings(**values)  # type: ignore[arg-type]
