import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screenpop import web
from screenpop.simulator import call_player as stage_module
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.call_script import CallScriptError, ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recorded_calls import (
    CallParties,
    recorded_call_names,
    scenario_has_caller,
)
from screenpop.simulator.simulated_pbx_server import open_simulated_pbx

pytestmark = pytest.mark.anyio

CALL = ScriptedCall(number="0912", to=("101",))


async def for_ever(_: float) -> None:
    await asyncio.get_running_loop().create_future()


def a_player() -> CallPlayer:
    pbx = SimulatedPbx(
        lambda: 7.0, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={"101": "M", "102": "E"}
    )
    return CallPlayer(pbx, for_ever)


async def test_a_started_call_has_its_id_at_once_and_occupies_its_phone() -> None:
    async with a_player().open() as player:
        assert player.start(CALL) == "7.0"
        assert player.start(ScriptedCall(number="1", to=("102",))) == "7.1"
        await asyncio.sleep(0)
        assert player.free_phones() == []


async def test_what_still_plays_ends_with_the_stage() -> None:
    before = asyncio.all_tasks()
    async with a_player().open() as player:
        player.start(CALL)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() > before
    assert asyncio.all_tasks() == before


async def test_finished_calls_play_to_their_end_and_the_next_call_waits_again() -> None:
    async with a_player().open() as player:
        ended: list[bytes] = []
        player.pbx.listeners.add(
            lambda event: ended.append(event) if b"Hangup\r\n" in event else None
        )
        player.start(CALL)
        player.start_scenario("declined", CallParties("0913", ("102",)))
        await asyncio.sleep(0)
        assert "101" not in player.free_phones()
        async with asyncio.timeout(5):
            await player.finish_all()
        assert sorted(player.free_phones()) == ["101", "102"]
        assert len(ended) >= 4, "both ends of both calls"
        player.start(CALL)
        await asyncio.sleep(0)
        assert player.free_phones() == ["102"]


async def test_finishing_without_calls_does_nothing() -> None:
    async with a_player().open() as player:
        await player.finish_all()
        assert sorted(player.free_phones()) == ["101", "102"]


async def test_too_many_calls_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "MAX_CONCURRENT_CALLS", 2)
    async with a_player().open() as player:
        player.start(CALL)
        player.start(CALL)
        with pytest.raises(CallScriptError, match="2 calls"):
            player.start(CALL)


async def test_a_simulation_answers_a_request_with_the_calls_id_or_with_a_reason() -> None:
    async with open_simulated_pbx(phones={"101": "M"}, queues={}) as simulated:
        played = await simulated.simulate({"from": "0912", "to": ["101"]})
        assert played.keys() == {"call", "pbx"}
        refused = await simulated.simulate({"from": "0912", "to": ["1 0 1"]})
        assert refused["error"] == "bad_phone"
        assert "use the extension" in str(refused["detail"])
        assert simulated.server.port > 0
        assert len(simulated.account.secret) > 20


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"from": "", "to": ["101"]}, "no_caller", "no caller given"),
        ({"from": " ", "to": ["101"]}, "no_caller", "no caller given"),
        ({"from": "\u202e\u200f", "to": ["101"]}, "no_caller", "no caller given"),
        ({"to": ["101"], "scenario": "blind_transfer"}, "no_caller", "no caller given"),
        ({"from": "0912", "to": []}, "bad_phone", "no phone given"),
        ({"from": "0912", "to": ["101"], "did": "x"}, "bad_call", "did"),
    ],
)
async def test_a_call_without_a_caller_or_a_phone_is_refused_with_a_sentence(
    asked: dict[str, object], code: str, words: str
) -> None:
    async with open_simulated_pbx(phones={"101": "M"}, queues={}) as simulated:
        refused = await simulated.simulate(asked)
        assert refused["error"] == code
        assert words in str(refused["detail"])


async def test_a_call_to_a_phone_without_a_user_is_played_with_a_warning() -> None:
    async with open_simulated_pbx(phones={"101": "M"}, queues={}) as simulated:
        played = await simulated.simulate({"from": "0912", "to": ["101", "999"]})
        assert (played["pbx"], played["warning"]) == ("simulated", "unknown_phone")
        assert "no user has the phone 999" in str(played["detail"])
        assert "the phones are 101" in str(played["detail"])
        assert "warning" not in await simulated.simulate({"from": "0913", "to": ["101"]})


async def test_a_recording_with_its_own_caller_needs_none() -> None:
    without = {name for name in recorded_call_names() if not scenario_has_caller(name)}
    assert without == {"internal", "withheld"}
    page = (Path(web.__file__).parent / "templates" / "simulate.html").read_text()
    assert str(tuple(sorted(without))).replace("'", '"') in page
    async with open_simulated_pbx(phones={"101": "M"}, queues={}) as simulated:
        played = await simulated.simulate({"to": ["101"], "scenario": "internal"})
        assert played.keys() == {"call", "pbx"}
