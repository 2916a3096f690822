"""What is lost, restarted, replaced or written by others between a listener and web processes."""

import asyncio
import logging
from contextlib import suppress

import pytest

from screenpop.accounts.users import UserId
from screenpop.bus import redis_connection, redis_publisher, redis_streams, redis_subscription
from screenpop.bus.redis_entries import BusKeys
from screenpop.bus.redis_publisher import (
    AWAY_S,
    BATCH_BYTES,
    BATCH_ENTRIES,
    RedisPublisher,
)
from screenpop.bus.redis_scripts import PUBLISH
from screenpop.bus.redis_streams import STALE_S, RedisStreams
from screenpop.protocol.server_messages import Resumed
from screenpop.protocol.user_stream import StaleStreamsError
from screenpop.service.ports import FencedOutError
from tests.bus.redis_office import (
    ALICE,
    BOB,
    WITHIN_S,
    Page,
    RedisOffice,
    lose_next_reply,
    published,
    thing,
    until,
)
from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio


async def rejoined(page: Page, streams: RedisStreams) -> Page:
    """Join again as a browser does whose stream was lost, when the web process is live."""
    await until(lambda: page.is_lost and streams.is_live)
    await page.join(streams)
    return page


async def shows(page: Page, streams: RedisStreams, cards: set[str]) -> None:
    """Wait until a page has these cards, joining again whenever its stream is lost."""
    async with asyncio.timeout(WITHIN_S):
        while page.is_lost or set(page.client.cards) != cards:
            if page.is_lost and streams.is_live:
                with suppress(StaleStreamsError):
                    await page.join(streams)
            await asyncio.sleep(0.001)


async def test_after_all_keys_were_deleted_a_new_epoch_has_the_same_pictures(
    office: RedisOffice,
) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    await published(publisher, "card", "stays")
    await published(publisher, "card", "leaves")
    publisher.publish([ALICE], "card", "leaves", thing("leaves", 2), gone=True)
    await until(lambda: set(page.client.cards) == {"stays"})
    epoch = publisher.epoch
    await office.redis.call("FLUSHALL")
    await rejoined(page, web)
    assert publisher.epoch != epoch
    await published(publisher, "card", "new")
    await until(lambda: set(page.client.cards) == {"stays", "new"})
    assert page.client.gaps == 0


async def test_one_lost_stream_is_noticed_when_its_keys_are_renewed(office: RedisOffice) -> None:
    publisher = await office.listener()
    await published(publisher, "card", "c")
    epoch = publisher.epoch or ""
    now, _ = BusKeys(office.config.prefix, office.config.database).of_user(epoch, ALICE)
    await office.redis.call("DEL", now)
    await until(lambda: publisher.epoch not in (None, epoch))


async def test_one_lost_stream_is_noticed_when_it_is_written(office: RedisOffice) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await published(publisher, "card", "a")
    epoch = publisher.epoch or ""
    now, _ = BusKeys(office.config.prefix, office.config.database).of_user(epoch, ALICE)
    await office.redis.call("DEL", now)
    await published(publisher, "card", "b")
    await until(lambda: publisher.epoch not in (None, epoch))
    await publisher.drain(WITHIN_S)
    await page.join(web)
    assert set(page.client.cards) == {"a", "b"}


async def test_a_killed_redis_costs_a_new_epoch_and_no_entry(
    office: RedisOffice, redis_server: RedisServer
) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    await published(publisher, "card", "before")
    redis_server.kill()
    await until(lambda: not web._connection.is_connected)
    publisher.publish([ALICE], "card", "meanwhile", thing("meanwhile"))
    assert publisher.backlog == 1
    redis_server.start()
    await shows(page, web, {"before", "meanwhile"})
    assert publisher.is_connected


async def test_a_redis_that_starts_with_old_data_gets_all_pictures_anew(
    office: RedisOffice, redis_server: RedisServer
) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    await published(publisher, "card", "saved")
    await office.redis.call("SAVE")
    await published(publisher, "card", "unsaved")
    redis_server.kill()
    redis_server.start()
    redis_server.remove_saved()
    await until(lambda: page.is_lost)
    # The old data is there for a moment, until the listener begins a new epoch.
    await shows(page, web, {"saved", "unsaved"})


async def test_entries_of_a_script_whose_reply_was_lost_come_once(office: RedisOffice) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    epoch = publisher.epoch
    lose_next_reply(publisher._connection, PUBLISH)
    for key in "ab":
        publisher.publish([ALICE, BOB], "card", key, thing(key))
    await publisher.drain(WITHIN_S)
    await published(publisher, "card", "c")
    await until(lambda: page.client.seq == 3)
    assert (page.seqs, publisher.epoch) == ([1, 2, 3], epoch)
    _, log = BusKeys(office.config.prefix, office.config.database).of_user(epoch or "", ALICE)
    assert await office.redis.call("LLEN", log) == 3


async def test_a_frozen_redis_ends_the_sockets_and_is_caught_up_afterwards(
    office: RedisOffice,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_streams, "STALE_S", 0.4)
    for name in ("REPLY_TIMEOUT_S", "CONNECT_TIMEOUT_S"):
        monkeypatch.setattr(redis_connection, name, 0.1)
    monkeypatch.setattr(redis_subscription, "SILENCE_S", 0.1)
    monkeypatch.setattr(redis_publisher, "AWAY_S", 0.3)
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    await published(publisher, "card", "c")
    epoch = publisher.epoch
    redis_server.freeze()
    try:
        await until(lambda: page.is_lost)
        assert not web.is_live
        assert web.facts == {}
        with pytest.raises(StaleStreamsError):
            await page.join(web)
        await until(lambda: publisher.epoch is None)
        for rev in range(2, 50):
            publisher.publish([ALICE], "card", "c", thing("c", rev))
        assert publisher.backlog == 1
    finally:
        redis_server.thaw()
    await rejoined(page, web)
    await until(lambda: page.client.cards == {"c": {"id": "c", "rev": 49}})
    assert publisher.epoch != epoch


async def test_a_short_loss_of_connections_ends_no_socket(office: RedisOffice) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    await published(publisher, "card", "c")
    epoch = publisher.epoch
    for rev in range(2, 6):
        await office.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await office.redis.call("CLIENT", "KILL", "TYPE", "pubsub")
        publisher.publish([ALICE], "card", "c", thing("c", rev))
        await until(lambda rev=rev: page.client.cards["c"]["rev"] == rev)  # type: ignore[misc]
    assert (publisher.epoch, page.is_lost, page.client.gaps) == (epoch, False, 0)
    assert page.seqs == [1, 2, 3, 4, 5]


async def test_lost_messages_are_read_from_the_history(
    office: RedisOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    hear = web._subscription._hear

    def lose(channel: str, data: bytes) -> None:
        if b'"lost' not in data:
            hear(channel, data)

    monkeypatch.setattr(web._subscription, "_hear", lose)
    for key in ("lost1", "lost2", "noticed"):
        await published(publisher, "card", key)
    await until(lambda: page.client.seq == 3)
    await published(publisher, "card", "lost3")  # noticed by the comparison with the head
    await until(lambda: page.client.seq == 4)
    assert page.seqs == [1, 2, 3, 4]


async def test_more_lost_messages_than_the_history_has_end_the_stream(office: RedisOffice) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    await published(publisher, "card", "c")
    await until(lambda: page.client.seq == 1)
    web._subscription._hear = lambda _channel, _data: None
    for rev in range(2, 140):
        publisher.publish([ALICE], "card", str(rev), thing("c", rev))
    await until(lambda: page.is_lost)
    assert page.seqs == [1]


async def test_scripts_that_redis_has_forgotten_are_sent_again(office: RedisOffice) -> None:
    publisher, web = await office.listener(), await office.web()
    await published(publisher, "card", "a")
    await office.redis.call("SCRIPT", "FLUSH")
    await published(publisher, "card", "b")
    page = Page()
    await page.join(web)
    assert set(page.client.cards) == {"a", "b"}


async def test_a_newer_listener_ends_the_older_one_and_the_sockets_of_its_epoch(
    office: RedisOffice,
) -> None:
    old = RedisPublisher(office.config, 6)
    ended = asyncio.create_task(old.run())
    await until(lambda: old.is_connected)
    web, page = await office.web(), Page()
    await page.join(web)
    old.publish([ALICE], "card", "old", thing("old"))
    await until(lambda: page.client.seq == 1)
    new = await office.listener(fence=7)
    new.publish([ALICE], "card", "new", thing("new"))
    old.publish([ALICE], "card", "late", thing("late"))
    with pytest.raises(FencedOutError):
        await ended
    await rejoined(page, web)
    await until(lambda: set(page.client.cards) == {"new"})
    with pytest.raises(FencedOutError):
        await RedisPublisher(office.config, 6).run()


async def test_rubbish_in_our_keys_and_channels_stops_nothing(
    office: RedisOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    keys = BusKeys(office.config.prefix, office.config.database)
    await office.redis.call("LPUSH", keys.fence, "no text")
    await office.redis.call("HSET", keys.epoch, "no", "text")
    publisher, web, page = await office.listener(), await office.web(), Page()
    await page.join(web)
    await published(publisher, "card", "c")
    await until(lambda: page.client.seq == 1)
    epoch = publisher.epoch or ""
    for channel in (keys.beats, keys.presence, keys.channel(ALICE)):
        for rubbish in (b"", b"\xff", b"[]", b'{"epoch":7}', b"1-1-x 1 0 card\n{}"):
            await office.redis.call("PUBLISH", channel, rubbish)
    far = f"{epoch} 99999999999999 0 card\n{{}}"
    await office.redis.call("PUBLISH", keys.channel(ALICE), far)
    await until(lambda: web.skipped >= 9)
    other = Page()
    await other.join(web)
    now, log = keys.of_user(epoch, ALICE)
    await office.redis.call("RPUSH", log, "rubbish")
    await office.redis.call("HSET", now, "card:rubbish", "rubbish")
    await office.redis.call("SET", keys.facts(epoch), "rubbish")
    publisher.put_facts({"links": {}})
    await published(publisher, "card", "c", 2)
    await until(lambda: page.client.seq == 2)
    await until(lambda: web.facts == {"links": {}})
    await office.redis.call("SET", now, "no hash")
    await published(publisher, "card", "d")
    await rejoined(page, web)
    await until(lambda: set(page.client.cards) == {"c", "d"})
    assert page.client.cards["c"]["rev"] == 2


async def test_limits_of_time_begin_at_their_value() -> None:
    assert AWAY_S == STALE_S == 8.0
    loop = asyncio.get_running_loop()
    streams = RedisStreams(RedisOffice.unreachable, "web")
    streams._epoch = "1-1-x"
    streams._beat_at = loop.time() - STALE_S
    assert not streams.is_live
    streams._beat_at = loop.time() - STALE_S + 5
    assert streams.is_live
    publisher = RedisPublisher(RedisOffice.unreachable, 1)
    problem = redis_connection.BusUnreachableError("gone")
    publisher._epoch = "1-1-x"
    publisher._note_lost(problem)
    publisher._lost_at = loop.time() - AWAY_S + 5
    publisher._note_lost(problem)
    assert publisher.epoch == "1-1-x"
    publisher._lost_at = loop.time() - AWAY_S
    publisher._note_lost(problem)
    assert publisher.epoch is None


async def test_what_one_script_writes_is_limited() -> None:
    publisher = RedisPublisher(RedisOffice.unreachable, 1)
    publisher._epoch = "1-1-x"
    for key in range(BATCH_ENTRIES + 1):
        publisher.publish([ALICE], "card", str(key), b"{}")
    assert [len(publisher._next_batch()[ALICE].entries) for _ in "12"] == [BATCH_ENTRIES, 1]
    users = [UserId(number) for number in range(1, 4)]
    publisher.publish(users[:1], "card", "big", b"x" * (BATCH_BYTES - 1))
    publisher.publish(users[1:], "card", "small", b"x")
    assert [list(publisher._next_batch()) for _ in "12"] == [users[:2], users[2:]]


async def test_a_page_that_comes_back_in_the_new_epoch_resumes_there(office: RedisOffice) -> None:
    publisher, web, page = await office.listener(), await office.web(), Page()
    await published(publisher, "card", "c")
    await office.redis.call("FLUSHALL")
    epoch = publisher.epoch
    await until(lambda: publisher.epoch != epoch)
    await publisher.drain(WITHIN_S)
    await page.join(web)
    assert page.client.epoch == publisher.epoch
    web.leave(ALICE, page)
    assert isinstance(await page.join(web), Resumed)
