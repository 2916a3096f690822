"""Every recording three times over, sent badly: what must hold all the same."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.channel_name import read_channel_name
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.calls.events import (
    CallEnded,
    CallEvent,
    EndReason,
    LegAnswered,
    LegEnded,
    LegRang,
    LegRinging,
    LegStopped,
)
from screenpop.store.engine.database import migrate, open_database
from screenpop.telephony.identifiers import BootId, Endpoint
from tests.asterisk.console import DIALLED, Console
from tests.asterisk.recordings import PLAIN, WITH_TRUTH, name_of, phones_of, rows_of
from tests.asterisk.shuffled import doubled, in_any_order, replay
from tests.faults.recorded_day import A_SHIFT_S, AGENTS, Day
from tests.service.service_under_test import SARA

TIMES = 3
DOUBLED, DROPPED = 0.2, 0.1
A_MINUTE_S = 60.0
TOGETHER = 6
"""Recordings in one day."""
ALL = [*PLAIN, *WITH_TRUTH]
DAYS = [ALL[n :: -(-len(ALL) // TOGETHER)] for n in range(-(-len(ALL) // TOGETHER))]
_ON = {"ringing", "talking", "held", "dialling"}
_boots = count(1)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for all days: each is a boot of its own."""
    place = f"sqlite:///{tmp_path_factory.mktemp('log') / 'screenpop.db'}"
    migrate(place)
    return place


@asynccontextmanager
async def day_of(url: str, phones: frozenset[Endpoint]) -> AsyncGenerator[Day]:
    database = open_database(url)
    database.log.start()
    day = Day(database, BootId(f"day {next(_boots)}"), phones.__contains__)
    try:
        async with day.running():
            yield day
    finally:
        await database.close()


class Story:
    """Some recordings, each three times, sent badly; and what the PBX would answer meanwhile."""

    def __init__(self, paths: Sequence[Path], rng: Random) -> None:
        self.paths = paths
        self.phones = frozenset[Endpoint]().union(*(phones_of(path) for path in paths))
        self.replays = [
            replay(path, TIMES * index + time)
            for index, path in enumerate(paths)
            for time in range(TIMES)
        ]
        self.console = Console()
        for listed in (row for one in self.replays for row in one.known):
            self.console.knows(listed)
        mixed = [message for one in self.replays for message in one.messages]
        self._deliveries = doubled(in_any_order(mixed, rng), DOUBLED, rng)

    def __len__(self) -> int:
        return len(self._deliveries)

    def __iter__(self) -> Iterator[AmiMessage]:
        for delivery in self._deliveries:
            if not delivery.again:
                self.console.take(delivery.message)
            yield delivery.message

    def asked(self, boot: BootId) -> PbxSnapshot:
        return self.console.answer(boot, audit=False)

    def listed_calls(self) -> set[str]:
        """The calls from outside that the PBX has up now."""
        return {
            row.get("Uniqueid")
            for row in map(AmiMessage, self.console.rows.values())
            if row.get("Application") != DIALLED and self._begins_outside(row)
        }

    def opens(self, message: AmiMessage) -> bool:
        """A call from outside begins: no later event is needed to know that."""
        began = message.event == "Newchannel" and message.get("ChannelState") == "4"
        return began and self._begins_outside(message)

    def _begins_outside(self, shown: AmiMessage) -> bool:
        endpoint = read_channel_name(shown.get("Channel")).endpoint
        first = shown.get("Uniqueid") == shown.get("Linkedid")
        return first and endpoint is not None and endpoint not in self.phones

    @property
    def rows(self) -> int:
        return TIMES * sum(map(rows_in, self.paths))


def rows_in(path: Path) -> int:
    """Sent in order and once. Some recordings are only the answers to a login."""
    return len(rows_of(path)) or len({row.get("Linkedid") for row in replay(path, 0).known})


async def check_complete_day(url: str, story: Story) -> None:
    """Nothing is lost: the log has what it would have, sent in order and once."""
    async with day_of(url, story.phones) as day:
        await day.is_asked(story.asked(day.boot))
        for message in story:
            await day.handles(message)
        await over_after_a_minute(day)
        rows = await day.logged()
    assert day.task.tally.calls_kept == len(rows)
    only_forward(day)
    assert len(rows) == story.rows


async def check_day_with_losses(url: str, story: Story, rng: Random) -> None:
    """A tenth is lost, and somewhere the PBX is asked what is up."""
    expected: set[str] = set()
    resync_at = rng.randrange(len(story) + 1)
    async with day_of(url, story.phones) as day:
        await day.is_asked(story.asked(day.boot))
        expected |= story.listed_calls()
        for index, message in enumerate(story):
            if rng.random() >= DROPPED:
                await day.handles(message)
                if story.opens(message):
                    expected.add(message.get("Uniqueid"))
            if index == resync_at:
                await day.is_asked(story.asked(day.boot))
                expected |= story.listed_calls()
        await over_after_a_minute(day)
        rows = await day.logged()
    assert day.task.tally.calls_kept == len(rows)
    only_forward(day)
    ends = ended_as(day.tracking.events)
    missing = {row_of(call, ends) for call in expected} - set(rows)
    assert not missing, missing


async def over_after_a_minute(day: Day) -> None:
    """Asked once more, the PBX has no channel up."""
    await day.is_asked(PbxSnapshot(day.boot, (), ()))
    await day.waits(A_MINUTE_S, 5.0)
    assert day.task.calls == 0
    assert day.task.tally.failures == 0
    assert day.pages[SARA].calls == {}
    for user in AGENTS:
        assert not _ON & {card["state"] for card in day.pages[user].cards.values()}
    await day.waits(A_SHIFT_S, A_SHIFT_S / 4)
    for user, page in day.pages.items():
        assert page.cards == {}
        assert await day.fresh_page(user) == ()


def ended_as(events: Iterable[CallEvent]) -> dict[str, CallEnded]:
    ends = [change for change in events if isinstance(change, CallEnded)]
    assert set(Counter(end.call for end in ends).values()) <= {1}
    return {end.call: end for end in ends}


def row_of(call: str, ends: dict[str, CallEnded]) -> str:
    """Under which Linkedid a call is in the log, itself or as a part of another."""
    for _ in ends:
        end = ends.get(call)
        if end is None or end.reason is not EndReason.MERGED or end.into is None:
            break
        call = end.into
    return call


_LEG = {LegRinging: 0, LegRang: 1, LegAnswered: 2, LegStopped: 3, LegEnded: 3}
_CARD_LEG = {"ringing": 0, "talking": 1, "held": 1, "stopped": 2, "ended": 2}


def only_forward(day: Day) -> None:
    reached: dict[tuple[str, str], int] = {}
    for change in day.tracking.events:
        if isinstance(change, LegRinging | LegRang | LegAnswered | LegStopped | LegEnded):
            rank, key = _LEG[type(change)], (change.call, change.leg)
            assert rank > reached.get(key, -1), change
            reached[key] = rank
    for page in day.pages.values():
        for before, after in (pair for way in page.ways.values() for pair in pairwise(way)):
            for was, leg in zip(before["legs"], after["legs"], strict=False):
                assert was["endpoint"] == leg["endpoint"]
                assert _CARD_LEG[was["state"]] <= _CARD_LEG[leg["state"]]
            assert before["state"] != "gone" or after["state"] in _ON


@pytest.mark.parametrize("paths", DAYS, ids=lambda paths: name_of(paths[0]))
def test_whatever_is_shuffled_doubled_or_lost_a_call_is_one_row_and_no_card_stays(
    url: str, paths: list[Path]
) -> None:
    rng = Random(str([path.name for path in paths]))
    asyncio.run(check_complete_day(url, Story(paths, rng)))
    asyncio.run(check_day_with_losses(url, Story(paths, rng), rng))


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(ALL), min_size=1, max_size=3, unique=True),
    st.integers(0, 10_000),
    st.booleans(),
)
def test_so_it_is_with_any_few_recordings_together(
    url: str, paths: list[Path], seed: int, lost: bool
) -> None:
    rng = Random(seed)
    story = Story(paths, rng)
    asyncio.run(check_day_with_losses(url, story, rng) if lost else check_complete_day(url, story))
