"""The simulated PBX of a running server: a socket to link to, and a player of its calls."""

import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from screenpop.common.text import display_text
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.call_script import CallScriptError, Outcome, ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recorded_calls import CallParties, scenario_has_caller

USERNAME = "simulated"
_MOST_NAMED = 20
"""Phones that a sentence lists."""


@dataclass(frozen=True, slots=True)
class SimulatedPbxServer:
    account: Account
    server: AmiServer
    player: CallPlayer

    async def simulate(self, asked: Mapping[str, object]) -> Mapping[str, object]:
        """Play one call: ``{"call": id}``, with ``"warning": "unknown_phone"`` and a ``detail``
        where a phone has no user; or ``{"error": code, "detail": sentence}`` with one of
        ``no_caller``, ``bad_phone``, ``bad_call``."""
        try:
            call = call_from_request(asked)
            scenario = str(asked.get("scenario", ""))
            self._check_parties(call, scenario)
            if not scenario:
                return {"call": self.player.start(call), "pbx": USERNAME, **self._warning(call)}
            # An unnamed line stays the recorded one.
            parties = CallParties(call.number, call.to, str(asked.get("did", "")))
            return {
                "call": self.player.start_scenario(scenario, parties),
                "pbx": USERNAME,
                **self._warning(call),
            }
        except CallScriptError as mistake:
            return {"error": mistake.code, "detail": str(mistake)}

    def _check_parties(self, call: ScriptedCall, scenario: str) -> None:
        if not display_text(call.number, 80) and not (
            scenario and not scenario_has_caller(scenario)
        ):
            raise CallScriptError(
                "from: no caller given; name a number, or anonymous for a withheld one",
                "no_caller",
            )

    def _warning(self, call: ScriptedCall) -> dict[str, object]:
        """Return ``warning`` and ``detail`` for phones without a user; empty when all have one."""
        phones = self.player.pbx.phones
        unknown = [phone for phone in call.to if phone not in phones]
        if not phones or not unknown:
            return {}
        sentence = (
            f"to: no user has the phone {', '.join(unknown)}, so no card is shown for it; the"
            f" phones are {', '.join(sorted(phones)[:_MOST_NAMED])}"
        )
        return {"warning": "unknown_phone", "detail": sentence}


@asynccontextmanager
async def open_simulated_pbx(
    *,
    phones: Mapping[str, str],
    queues: Mapping[str, Sequence[str]],
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[SimulatedPbxServer]:
    """``phones`` and ``queues`` may change while it is open. Its secret is new each time."""
    pbx = SimulatedPbx(
        clock, booted=datetime.fromtimestamp(clock(), UTC), phones=phones, queues=queues
    )
    account = Account(USERNAME, secrets.token_urlsafe(24))
    async with AmiServer(pbx, account).listening() as server, CallPlayer(pbx).open() as player:
        pbx.originate = lambda phone, number: _originate(player, phone, number)
        yield SimulatedPbxServer(account, server, player)


def _originate(player: CallPlayer, phone: str, number: str) -> None:
    with contextlib.suppress(CallScriptError):
        player.start_scenario("click_to_call", CallParties(number, (phone,)))


def call_from_request(asked: Mapping[str, Any]) -> ScriptedCall:
    """A call from a JSON request that the web room has checked for its types. Fields that are
    missing have the script's defaults. Raises ``CallScriptError``."""
    known = {"from", "to", "name", "did", "queue", "outcome", "wait_s", "ring_s", "talk_s"}
    fields = {key: value for key, value in asked.items() if key in known}
    number, to = fields.pop("from", ""), fields.pop("to", ())
    if "outcome" in fields:
        fields["outcome"] = _outcome(fields["outcome"])
    return ScriptedCall(number=number, to=tuple(to), **fields)


def _outcome(text: object) -> Outcome:
    try:
        return Outcome(str(text))
    except ValueError:
        known = ", ".join(Outcome)
        raise CallScriptError(f"outcome: {text!r} is none of {known}") from None
