"""Streams in Redis: browsers of any web process get everything once, in order."""

import asyncio

import pytest

from screenpop.accounts.users import UserId
from screenpop.bus import redis_streams
from screenpop.bus.followed_stream import FollowedStream
from screenpop.bus.redis_connection import RedisConfig
from screenpop.bus.redis_entries import Beat, BusKeys, encode_beat
from screenpop.bus.redis_publisher import PACED_AT_ONCE, RedisPublisher
from screenpop.bus.redis_streams import RedisStreams
from screenpop.protocol.server_messages import Entry, Position, Resumed, Snapshot, Start
from screenpop.protocol.user_stream import StaleStreamsError
from screenpop.service.ports import Publisher
from screenpop.web.ports import Streams
from tests.bus.redis_office import ALICE, BOB, WITHIN_S, Page, RedisOffice, published, thing, until
from tests.bus.test_memory import Timer

pytestmark = pytest.mark.anyio


async def test_pages_of_two_web_processes_get_each_entry_once(office: RedisOffice) -> None:
    publisher, first, second = await office.listener(), await office.web(), await office.web()
    port: Publisher = publisher
    reading: Streams = first
    pages = [Page(), Page(), Page()]
    for page, streams in zip(pages, (first, first, second), strict=True):
        await page.join(streams)
    other = Page(BOB)
    await other.join(second)
    for rev in range(1, 6):
        port.publish([ALICE], "card", "c", thing("c", rev))
        port.publish([ALICE], "call", f"k{rev}", thing(f"k{rev}"))
        await publisher.drain(WITHIN_S)
    head = reading.head(ALICE).seq
    await until(lambda: all(page.client.seq == 10 for page in pages))
    assert head <= 10
    assert [page.seqs for page in pages] == [list(range(1, 11))] * 3
    assert pages[0].client.cards == {"c": {"id": "c", "rev": 5}}
    assert other.seqs == []


async def test_a_page_that_comes_back_gets_what_it_lacks_in_any_web_process(
    office: RedisOffice,
) -> None:
    publisher, first, second = await office.listener(), await office.web(), await office.web()
    page = Page()
    await published(publisher, "card", "before")
    assert isinstance(await page.join(first), Snapshot)
    first.leave(ALICE, page)
    await published(publisher, "card", "missed")
    start = await page.join(second)
    assert isinstance(start, Resumed)
    assert [entry.seq for entry in start.entries] == [2]
    for last in (Position("1-1-other", 1), Position(publisher.epoch or "", 3)):
        assert isinstance(await second.join(ALICE, last, Page()), Snapshot)
    first.leave(ALICE, page)
    assert (first.readers(ALICE), second.readers(ALICE)) == (0, 3)


async def test_what_is_published_in_one_turn_is_one_script(office: RedisOffice) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    before = await _script_calls(office)
    for key in "abcde":
        publisher.publish([ALICE, BOB], "card", key, thing(key))
    await publisher.drain(WITHIN_S)
    await until(lambda: page.client.seq == 5)
    # Beats and comparisons may come in between.
    assert await _script_calls(office) - before < 5


async def _script_calls(office: RedisOffice) -> int:
    reply = await office.redis.call("INFO", "commandstats")
    assert isinstance(reply, bytes)
    line = next(line for line in reply.split() if line.startswith(b"cmdstat_evalsha"))
    return int(line.partition(b"calls=")[2].partition(b",")[0])


async def test_a_web_process_is_not_live_before_a_beat(office: RedisOffice) -> None:
    streams = RedisStreams(office.config, "web")
    office.start(streams.run())
    assert not streams.is_live
    with pytest.raises(StaleStreamsError):
        await Page().join(streams)
    await office.listener()
    await until(lambda: streams.is_live)
    await Page().join(streams)


async def test_presence_is_known_at_once_and_facts_with_the_next_beat(office: RedisOffice) -> None:
    publisher, first, second = await office.listener(), await office.web(), await office.web()
    pages = [Page(), Page()]
    await pages[0].join(first)
    await pages[1].join(second)
    await until(lambda: publisher.readers(ALICE) == 2)
    first.leave(ALICE, pages[0])
    await until(lambda: publisher.readers(ALICE) == 1)
    for facts in ({"links": {"office": "live"}}, {"links": {"office": "down"}}):
        publisher.put_facts(facts)
        await until(lambda facts=facts: first.facts == second.facts == facts)  # type: ignore[misc]
    late = await office.web()
    await until(lambda: late.facts == {"links": {"office": "down"}})
    publisher.put_facts({"no JSON": object()})
    await published(publisher, "card", "c")
    assert late.facts == {"links": {"office": "down"}}


async def test_a_key_of_another_kind_stops_neither_presence_nor_other_streams(
    office: RedisOffice,
) -> None:
    publisher, web, pages = await office.listener(), await office.web(), [Page(), Page(BOB)]
    keys = BusKeys(office.config.prefix, office.config.database)
    epoch = publisher.epoch or ""
    publisher.put_facts({"links": {}})
    await until(lambda: web.facts == {"links": {}})
    await pages[0].join(web)
    for key in (keys.facts(epoch), keys.of_user(epoch, ALICE)[0]):
        await office.redis.call("DEL", key)
        await office.redis.call("LPUSH", key, "no text and no hash")
    web._facts_version = 0
    await until(lambda: web.skipped >= 2)
    await pages[1].join(web)
    await until(lambda: publisher.readers(BOB) == 1)


async def test_databases_of_one_server_do_not_hear_each_other(office: RedisOffice) -> None:
    publisher = await office.listener()
    url = office.config.url.removesuffix("/0") + "/1"
    other = RedisStreams(RedisConfig(url, office.config.prefix), "other")
    office.start(other.run())
    await until(lambda: other._connection.is_connected)
    web = await office.web()
    await published(publisher, "card", "c")
    assert (web.is_live, other.is_live) == (True, False)


async def test_one_interval_has_so_many_changes_of_the_board_and_the_next_one_more(
    redis_config: RedisConfig,
) -> None:
    timer = Timer()
    publisher = RedisPublisher(redis_config, 1, timer.later)
    publisher._epoch = "1-1-x"
    for number in range(PACED_AT_ONCE + 2):
        publisher.publish([ALICE], "call", str(number), thing(str(number)))
    batches = []
    for _ in "1234":
        batches.append([entry.thing[1] for entry in publisher._next_batch()[ALICE].entries])
        if len(timer.actions) == 1:
            timer.come()
        if not publisher._due:
            break
    assert batches == [
        ["0"],
        [str(number) for number in range(1, PACED_AT_ONCE + 1)],
        [str(PACED_AT_ONCE + 1)],
    ]


async def test_draining_ends_with_the_publisher(office: RedisOffice) -> None:
    publisher = RedisPublisher(office.config, 1)
    running = asyncio.create_task(publisher.run())
    await until(lambda: publisher.is_connected)
    running.cancel()
    await asyncio.wait([running])
    publisher.publish([ALICE], "card", "c", thing("c"))
    assert publisher.backlog == 1
    async with asyncio.timeout(WITHIN_S):
        await publisher.drain(1000 * WITHIN_S)


async def test_a_picture_read_before_a_later_entry_arrived_is_read_again(
    office: RedisOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await published(publisher, "card", "a")
    read = web._read

    async def overtaken(user: UserId, last: Position | None) -> Start | None:
        start = await read(user, last)
        monkeypatch.setattr(web, "_read", read)
        await published(publisher, "card", "b")
        await until(lambda: web._streams[ALICE].seen == 2)
        return start

    monkeypatch.setattr(web, "_read", overtaken)
    start = await page.join(web)
    assert start.position.seq == 2


async def test_a_listener_that_is_missing_or_of_another_version_is_named_in_the_log(
    office: RedisOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(redis_streams, "STALE_S", 0.2)
    alone = RedisStreams(office.config, "web")
    office.start(alone.run())
    await until(lambda: "start 'screenpop listen'" in caplog.text)
    caplog.clear()
    await office.listener()
    await until(lambda: alone.is_live)
    assert "Screenpop" not in caplog.text
    for epoch, program in (("8-1-a", "9.9"), ("8-1-a", "9.9"), ("9-1-a", "")):
        alone._hear_beat(encode_beat(Beat(epoch, 1, program)))
    named = [one.getMessage() for one in caplog.records if "Screenpop" in one.getMessage()]
    assert [f"is Screenpop {word}" in text for word, text in zip(("9.9", "of"), named, strict=True)]
    assert len(named) == 2


async def test_a_beat_of_an_earlier_listener_changes_nothing(office: RedisOffice) -> None:
    publisher, web, page = await office.listener(fence=5), await office.web(), Page()
    await page.join(web)
    for epoch in ("4-9-late", "5-0-late"):
        web._hear_beat(encode_beat(Beat(epoch, 1)))
    assert (page.is_lost, web.head(ALICE).epoch) == (False, publisher.epoch)
    web._hear_beat(encode_beat(Beat("6-1-next", 1)))
    assert page.is_lost


def test_a_reader_that_is_ahead_gets_only_what_it_lacks() -> None:
    stream, behind, ahead = FollowedStream(), Page(), Page()
    stream.add(behind, 0)
    stream.add(ahead, 2)
    entries = [Entry(seq, "pbx", b'{"id":"p"}') for seq in (1, 2, 3, 5)]
    assert [stream.hear("1-1-x", entry) for entry in entries] == [True, True, True, False]
    assert (behind.seqs, ahead.seqs, stream.seen) == ([1, 2, 3], [3], 5)
    assert stream.remove(ahead)
    assert not stream.remove(ahead)
