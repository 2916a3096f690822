"""Streams in Redis: browsers of any web process get everything once, in order."""

import pytest

from screenpop.bus.redis_streams import RedisStreams
from screenpop.protocol.server_messages import Position, Resumed, Snapshot
from screenpop.protocol.user_stream import StaleStreamsError
from screenpop.service.ports import Publisher
from screenpop.web.ports import Streams
from tests.bus.redis_office import ALICE, BOB, WITHIN_S, Page, RedisOffice, published, thing, until

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
