"""Checks one live PBX for ``screenpop doctor``; each finding is one sentence that says what to do.

It sends only actions that change nothing, except for the optional test call."""

import asyncio
import difflib
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from screenpop.agents.roster import Roster
from screenpop.ami.problem_codes import printable
from screenpop.app.call_outcome import NEEDED, WHAT_THE_PHONE_DID, CallOutcome, read_outcome
from screenpop.asterisk.action_list import CompleteList, ListOutcome
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.channel_name import endpoint_of
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import Endpoint, PbxId
from screenpop.telephony.number_plan import extension_pattern

CLOCKS_APART_S = 2.0
"""Seconds between the two clocks that count as wrong; less may be network delay."""
_PHONE_TECHNOLOGIES = frozenset({"PJSIP", "SIP", "IAX2", "SCCP"})
_DANGEROUS = {"Command": "command", "UpdateConfig": "config", "ModuleLoad": "system"}
_RESPONSE_WITHIN_S = 2.0
"""Seconds to wait: ``OriginateResponse`` comes at or just after an unanswered call's end."""
_NUM_PRES = "CALLERID(num-pres)"


class Grade(StrEnum):
    GOOD = "good"
    HINT = "hint"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    grade: Grade
    sentence: str
    is_unknown: bool = False
    """True if the finding only names something that could not be checked."""


class PbxActions(Protocol):
    """The part of ``AmiClient`` that the checks use."""

    async def send(self, action: str, **headers: object) -> AmiMessage: ...

    async def list_action(self, action: str, **headers: object) -> ListOutcome: ...


@dataclass(slots=True)
class EventRecorder:
    """Records the events and channel lists of the link during the checks."""

    snapshot: PbxSnapshot | None = None
    heard: list[AmiMessage] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def messages(self, batch: Sequence[AmiMessage], _at: float) -> None:
        self.heard += batch
        self._more.set()

    def lists(self, snapshot: PbxSnapshot, _at: float) -> None:
        self.snapshot = snapshot

    async def until(self, done: Callable[[], bool], within_s: float) -> bool:
        """Return whether the condition became true in time."""
        try:
            async with asyncio.timeout(within_s):
                while not done():
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class KnownPhones:
    """The phones and trunks known from users and settings."""

    pbx: PbxId
    roster: Roster
    is_phone: Callable[[Endpoint], bool]
    patterns: tuple[str, ...] = ()
    """Phone patterns of the settings: ``phones`` of this PBX and ``number_plan.extensions``."""
    trunks: tuple[str, ...] = ()
    """The names under ``[[pbx.trunks]]``."""


async def run_checks(
    pbx: PbxActions,
    ear: EventRecorder,
    office: KnownPhones,
    *,
    test_call: str = "",
    clock: Callable[[], float] = time.time,
    answer_within_s: float = 30.0,
) -> list[Finding]:
    """Return all findings. ``test_call``: a phone to ring once with Originate; empty for none."""
    found = await _clocks(pbx, clock)
    found += await _rights(pbx)
    devices = await _devices(pbx)
    found += _seats(devices, office)
    found += _unknown_names(devices, office)
    if not any(row.event == "FullyBooted" for row in ear.heard):
        found.append(
            Finding(
                Grade.BAD,
                "No FullyBooted came after the login: add system to read = in manager.conf, or"
                " restarts of the PBX go unnoticed.",
            )
        )
    if test_call:
        channel = next(
            (name for name in devices if endpoint_of(name) == test_call), f"PJSIP/{test_call}"
        )
        return found + await _call(pbx, ear, channel, answer_within_s)
    rows = ear.snapshot.channels if ear.snapshot is not None else ()
    return [*found, _channel_variables(rows, known=bool(rows)), _only_a_call_can_tell()]


async def _clocks(pbx: PbxActions, clock: Callable[[], float]) -> list[Finding]:
    before = clock()
    stamp = (await pbx.send("Ping")).get("Timestamp")
    try:
        apart = float(stamp) - (before + clock()) / 2
    except ValueError:
        return []
    if abs(apart) <= CLOCKS_APART_S:
        return [Finding(Grade.GOOD, "Its clock and ours agree.")]
    side = "ahead of" if apart > 0 else "behind"
    return [
        Finding(
            Grade.BAD,
            f"Its clock is {abs(apart):.0f} s {side} ours: set both machines by a time server"
            " (NTP), or times in the log of the two will not fit together.",
        )
    ]


async def _rights(pbx: PbxActions) -> list[Finding]:
    """Check the user's ``write =`` classes by the actions that ``ListCommands`` returns."""
    reply = await pbx.send("ListCommands")
    if reply.response != "Success":
        return []
    too_much = sorted(name for action, name in _DANGEROUS.items() if action in reply.fields)
    if not too_much:
        return [Finding(Grade.GOOD, "The AMI user can change nothing on the PBX.")]
    classes = " and ".join(dict.fromkeys(too_much))
    return [
        Finding(
            Grade.HINT,
            f"The AMI user may do more than it needs: take {classes} out of write = in"
            " manager.conf; reporting is enough.",
        )
    ]


async def _devices(pbx: PbxActions) -> tuple[str, ...]:
    outcome = await pbx.list_action("DeviceStateList")
    if not isinstance(outcome, CompleteList):
        return ()
    names = (row.get("Device") for row in outcome.items)
    return tuple(name for name in names if name.partition("/")[0] in _PHONE_TECHNOLOGIES)


def _seats(devices: Sequence[str], office: KnownPhones) -> list[Finding]:
    known = {endpoint_of(name) for name in devices}
    ours = {endpoint for pbx, endpoint in office.roster.desks if pbx == office.pbx}
    found: list[Finding] = []
    lonely = sorted(
        phone
        for phone in known
        if office.is_phone(phone) and office.roster.agent_at(office.pbx, phone) is None
    )
    if lonely:
        found.append(
            Finding(
                Grade.HINT,
                f"Nobody sits at {_listed(lonely)}: no card comes when such a phone rings. Say who"
                " does with: screenpop user endpoint NAME PHONE.",
            )
        )
    if known and (strange := sorted(ours - known)):
        found.append(
            Finding(
                Grade.HINT,
                f"The PBX does not know the phone {_listed(strange)}: check the spelling with"
                " screenpop user list; a phone is named as in PJSIP/NAME.",
            )
        )
    if not ours:
        found.append(
            Finding(
                Grade.HINT,
                "No user has a phone on this PBX, so no card can come. Give one with: screenpop"
                " user endpoint NAME 101.",
            )
        )
    if not known:
        found.append(
            Finding(
                Grade.HINT,
                "It does not say which phones it has (DeviceStateList), so they could not be"
                " compared with our users.",
            )
        )
    if not found:
        found.append(Finding(Grade.GOOD, "Every phone has its agent, every agent a phone."))
    return found


def _unknown_names(devices: Sequence[str], office: KnownPhones) -> list[Finding]:
    """Return findings for patterns and trunks of the settings that match nothing."""
    known = sorted({str(endpoint_of(name)) for name in devices})
    if not known:
        return []
    found = [
        Finding(
            Grade.HINT,
            f"The pattern {printable(pattern, 40)} (phones or extensions in the settings) fits no"
            f" phone of this PBX, which has {_listed(known)}: correct it or take it out.",
        )
        for pattern in dict.fromkeys(office.patterns)
        if not any(map(extension_pattern((pattern,)).fullmatch, known))
    ]
    for trunk in office.trunks:
        if trunk not in known and "/" not in trunk:
            close = difflib.get_close_matches(trunk, known, n=1)
            advice = f"Did you mean {close[0]}?" if close else f"It has {_listed(known)}."
            found.append(
                Finding(
                    Grade.HINT,
                    f"The PBX does not know the trunk {printable(trunk, 40)} of [[pbx.trunks]]:"
                    f" {advice}",
                )
            )
    return found


def _listed(names: Iterable[str], most: int = 12) -> str:
    shown = [printable(name, 40) for name in names]
    rest = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {rest} more" if rest > 0 else "")


def _channel_variables(rows: Sequence[AmiMessage], *, known: bool) -> Finding:
    if any(_names_presentation(row) for row in rows):
        return Finding(Grade.GOOD, "It tells when a caller withholds the number (channelvars).")
    if not known:
        return Finding(
            Grade.HINT,
            "No call is up now, so it cannot be seen whether withheld numbers are marked"
            f" (channelvars = {_NUM_PRES} in manager.conf).",
        )
    return Finding(
        Grade.HINT,
        "A number that the caller withholds may be shown all the same: add channelvars ="
        f" {_NUM_PRES} to [general] in manager.conf.",
    )


def _names_presentation(row: AmiMessage) -> bool:
    values = [*row.all("ChanVariable"), *row.all("DestChanVariable")]
    return any(value.startswith(_NUM_PRES) for value in values)


def _only_a_call_can_tell() -> Finding:
    return Finding(
        Grade.HINT,
        "Whether a filter (eventfilter) or a class missing under read = hides events only a call"
        " can tell: screenpop doctor --test-call 101 rings that phone once.",
    )


# -- the test call -----------------------------------------------------------------------------


async def _call(
    pbx: PbxActions, ear: EventRecorder, channel: str, within_s: float
) -> list[Finding]:
    """Ring a phone and check which events arrive."""
    ours = f"screenpop-doctor-{secrets.token_hex(6)}"
    reply = await pbx.send(
        "Originate",
        Channel=channel,
        ChannelId=ours,
        Application="Wait",
        Data="1",
        CallerID='"Screenpop doctor" <0>',
        Timeout=5000,
        Async="true",
    )
    if reply.response != "Success":
        return [_call_refused(channel, reply.get("Message"))]

    def about_it(name: str) -> list[AmiMessage]:
        return [row for row in ear.heard if row.event == name and _is_about(row, ours)]

    def response() -> AmiMessage | None:
        rows = (row for row in ear.heard if row.event == "OriginateResponse")
        return next((row for row in rows if _answers(row, reply, ours)), None)

    def is_over() -> bool:
        row = response()
        return bool(about_it("Hangup")) or (row is not None and row.get("Reason") == "0")

    ended = await ear.until(is_over, within_s)
    await ear.until(lambda: response() is not None, min(_RESPONSE_WITHIN_S, within_s))
    outcome = read_outcome(response(), about_it("DialEnd"))
    heard = {name: about_it(name) for name in NEEDED[CallOutcome.ANSWERED]}
    missing = [name for name in NEEDED[outcome] if not heard[name]]
    rows = [row for some in heard.values() for row in some]
    seen = _events_seen(channel, outcome, missing, ended=ended, anything=bool(rows))
    if not rows:
        return [seen]
    return [seen, _channel_variables(rows, known=True), *_timestamps(rows)]


def _answers(row: AmiMessage, reply: AmiMessage, uniqueid: str) -> bool:
    """Return whether the event answers the Originate, by channel id or, without one, ActionID."""
    if row.get("Uniqueid") == uniqueid:
        return True
    return bool(reply.action_id) and row.action_id == reply.action_id


def _is_about(row: AmiMessage, uniqueid: str) -> bool:
    return uniqueid in {row.get("Uniqueid"), row.get("DestUniqueid")}


def _call_refused(channel: str, said: str) -> Finding:
    if "permission" in said.lower():
        return Finding(
            Grade.HINT,
            "The AMI user may not place calls, which is as it should be. For the test call add"
            " originate to write = for a moment, or call that phone from another one.",
        )
    return Finding(
        Grade.BAD, f"The test call to {printable(channel)} was refused: {printable(said)}."
    )


def _events_seen(
    channel: str, outcome: CallOutcome, missing: list[str], *, ended: bool, anything: bool
) -> Finding:
    did = f"{printable(channel)} {WHAT_THE_PHONE_DID[outcome]}"
    if outcome is CallOutcome.UNREACHABLE:
        return Finding(
            Grade.HINT,
            f"{did}: it is not registered, or the PBX has no such phone. Which events come could"
            " not be seen; repeat the test with a phone that is registered.",
        )
    if not anything:
        return Finding(
            Grade.BAD,
            f"{did}, but no event came: add call to read = in manager.conf, or take away the"
            " eventfilter that hides everything.",
        )
    if missing:
        return Finding(
            Grade.BAD,
            f"{did}, but {_listed(missing)} did not come: an eventfilter of the AMI user or"
            " disabledevents in [general] hides it. Compare with asterisk_conf/manager.d.",
        )
    if not ended:
        return Finding(Grade.HINT, f"{printable(channel)} still rings; the rest was not awaited.")
    if outcome in {CallOutcome.BUSY, CallOutcome.REFUSED}:
        return Finding(
            Grade.GOOD,
            f"{did}; the call was seen from its start to its end. Only a phone that rings shows"
            " whether Newstate comes too.",
        )
    return Finding(Grade.GOOD, f"{did}; the call was seen from its start to its end.")


def _timestamps(rows: Sequence[AmiMessage]) -> list[Finding]:
    if not rows or any(row.get("Timestamp") for row in rows):
        return []
    return [
        Finding(
            Grade.HINT,
            "Events carry no time: set timestampevents = yes in [general] of manager.conf, so that"
            " durations stay right when events come late.",
        )
    ]


def is_healthy(found: Iterable[Finding]) -> bool:
    return all(one.grade is not Grade.BAD for one in found)
