"""Let Redis fail again and again beneath a listener and three web processes, and compare.

    python -m tests.faults.redis_faults --steps 3000 --seed 1

Fifteen browsers of five users join, leave and join again while cards, calls and links change. Redis
is emptied, killed and started, frozen, made to forget its scripts, and its connections are cut. At
the end each browser must have exactly the listener's picture, without a gap in its numbers, and no
request may have been taken twice or out of order.
"""

import argparse
import asyncio
import logging
import random
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from screenpop.accounts.users import UserId
from screenpop.bus import redis_connection, redis_publisher, redis_streams, redis_subscription
from screenpop.bus.redis_connection import BusUnreachableError, RedisConfig
from screenpop.bus.redis_publisher import RedisPublisher
from screenpop.bus.redis_requests import RequestReceiver, RequestSender
from screenpop.bus.redis_streams import RedisStreams
from screenpop.protocol.user_stream import StaleStreamsError
from tests.bus.redis_office import Page, RedisOffice, shorten_intervals, thing, until
from tests.redis_server import RedisServer, running_redis

USERS = tuple(UserId(number) for number in range(1, 6))
PAGES_OF_A_USER = 3
FAULTS = ("cut streams", "cut commands", "empty", "forget scripts", "kill", "freeze")
STEPS_A_FAULT = 20
FREEZES_S = (0.3, 0.8, 2.5)
"""Shorter and longer than web processes wait for a beat in this test."""

Picture = dict[tuple[str, str], int]


@dataclass
class Figures:
    published: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    joins: Counter[str] = field(default_factory=Counter)
    """By what the browser got: ``Snapshot``, ``Resumed``, or ``refused``."""
    wrong_pages: int = 0
    gaps: int = 0
    requests: list[int] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        in_order = self.requests == sorted(set(self.requests))
        return in_order and not self.wrong_pages and not self.gaps


class _Day:
    """Publishes, and knows what each user must have on the screen."""

    def __init__(self, seed: int, publisher: RedisPublisher, figures: Figures) -> None:
        self._random = random.Random(seed)
        self._publisher = publisher
        self._figures = figures
        self.truth: dict[UserId, Picture] = {user: {} for user in USERS}

    def change(self) -> None:
        chance = self._random
        self._figures.published += 1
        rev = self._figures.published
        users = chance.sample(USERS, chance.randint(1, len(USERS)))
        kind, key = chance.choice(("card", "call", "pbx")), str(chance.randint(0, 9))
        gone = kind != "pbx" and chance.random() < 0.3
        self._publisher.publish(users, kind, key, thing(key, rev), gone=gone)
        for user in users:
            self.truth[user].pop((kind, key), None)
            if not gone:
                self.truth[user][kind, key] = rev

    def fault(self, step: int) -> str:
        """Each in turn at first, then any."""
        turn = step // STEPS_A_FAULT
        return FAULTS[turn] if turn < len(FAULTS) else self._random.choice(FAULTS)


async def _keep_open(page: Page, streams: RedisStreams, seed: int, figures: Figures) -> None:
    """Join again when the stream was lost, as a browser does, and leave it now and then."""
    chance = random.Random(seed)
    page.is_lost = True
    while True:
        if page.is_lost:
            try:
                start = await page.join(streams)
                figures.joins[type(start).__name__] += 1
            except StaleStreamsError:
                figures.joins["refused"] += 1
        elif chance.random() < 0.01:
            streams.leave(page.user, page)
            page.is_lost = True
        await asyncio.sleep(0.02)


def _picture(page: Page) -> Picture:
    cards, calls, links = page.client.picture
    kinds = {"card": cards, "call": calls, "pbx": links}
    return {(kind, key): one["rev"] for kind, all in kinds.items() for key, one in all.items()}


async def _fail(fault: str, office: RedisOffice, server: RedisServer, freeze_s: float) -> None:
    match fault:
        case "cut streams":
            await office.redis.call("CLIENT", "KILL", "TYPE", "pubsub")
        case "cut commands":
            await office.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        case "empty":
            await office.redis.call("FLUSHALL")
        case "forget scripts":
            await office.redis.call("SCRIPT", "FLUSH")
        case "kill":
            server.kill()
            server.start()
        case _:
            server.freeze()
            try:
                await asyncio.sleep(freeze_s)
            finally:
                server.thaw()


async def fail_again_and_again(server: RedisServer, steps: int, seed: int) -> Figures:
    """Return what was found; a fault comes every ``STEPS_A_FAULT`` steps."""
    figures = Figures()

    async def handle(_kind: str, body: Mapping[str, object]) -> None:
        figures.requests.append(int(str(body["n"])))

    async with RedisOffice(RedisConfig(server.url, f"faults{seed}")) as office:
        day = _Day(seed, await office.listener(), figures)
        webs = [await office.web() for _ in range(3)]
        pages = [Page(user) for user in USERS for _ in range(PAGES_OF_A_USER)]
        for number, page in enumerate(pages):
            office.start(_keep_open(page, webs[number % len(webs)], number, figures))
        receiver, sender = RequestReceiver(office.config, 1), RequestSender(office.config, "web")
        office.start(receiver.run(handle))
        office.start(sender.run())
        for step in range(steps):
            for _ in range(step % 20):
                day.change()
            sender.send("receipt", {"n": step})
            if step % STEPS_A_FAULT == STEPS_A_FAULT - 1:
                fault = day.fault(step)
                figures.faults[fault] += 1
                try:
                    await _fail(fault, office, server, FREEZES_S[step % len(FREEZES_S)])
                except BusUnreachableError:
                    await office.redis.close()
            await asyncio.sleep((step % 3) * 0.005)
        try:
            await until(
                lambda: all(
                    not page.is_lost and _picture(page) == day.truth[page.user] for page in pages
                )
            )
        except TimeoutError:
            wrong = [page for page in pages if _picture(page) != day.truth[page.user]]
            figures.wrong_pages = len(wrong)
        figures.gaps = sum(page.client.gaps for page in pages)
    return figures


def shorten_waits(patch: pytest.MonkeyPatch) -> None:
    """Let beats, checks and time limits be short, so that faults follow each other quickly."""
    shorten_intervals(patch)
    patch.setattr(redis_streams, "STALE_S", 1.0)
    patch.setattr(redis_publisher, "AWAY_S", 1.0)
    patch.setattr(redis_connection, "REPLY_TIMEOUT_S", 0.6)
    patch.setattr(redis_connection, "CONNECT_TIMEOUT_S", 0.5)
    patch.setattr(redis_subscription, "SILENCE_S", 0.4)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch, running_redis() as server:
        shorten_waits(patch)
        figures = asyncio.run(fail_again_and_again(server, arguments.steps, arguments.seed))
    print(  # noqa: T201
        f"{figures.published} changes, {figures.faults.total()} faults {dict(figures.faults)}, "
        f"joins {dict(figures.joins)}: {figures.wrong_pages} browsers with another picture, "
        f"{figures.gaps} gaps, {len(figures.requests)} of {arguments.steps} requests taken"
    )
    return 0 if figures.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
