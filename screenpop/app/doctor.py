"""Checks one live PBX for ``screenpop doctor``; each finding is one sentence with the remedy.

It sends only actions that change nothing, except for the optional test call."""

import difflib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from screenpop.agents.roster import Roster
from screenpop.ami.problem_codes import printable
from screenpop.app.doctor_findings import EventRecorder, Finding, Grade, PbxActions, listed
from screenpop.app.doctor_test_call import channel_variable_finding, place_test_call
from screenpop.asterisk.action_list import CompleteList
from screenpop.asterisk.channel_name import endpoint_of
from screenpop.telephony.identifiers import Endpoint, PbxId
from screenpop.telephony.number_plan import extension_pattern

CLOCKS_APART_S = 2.0
"""Seconds between the two clocks that count as wrong; less may be network delay."""
_PHONE_TECHNOLOGIES = frozenset({"PJSIP", "SIP", "IAX2", "SCCP"})
_DANGEROUS = {"Command": "command", "UpdateConfig": "config", "ModuleLoad": "system"}


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
        return found + await place_test_call(pbx, ear, channel, answer_within_s)
    rows = ear.snapshot.channels if ear.snapshot is not None else ()
    return [*found, channel_variable_finding(rows, known=bool(rows)), _needs_test_call()]


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
                f"No agent has {listed(lonely)}: no card comes when such a phone rings. Assign it"
                " with: screenpop user endpoint NAME PHONE.",
            )
        )
    if known and (strange := sorted(ours - known)):
        found.append(
            Finding(
                Grade.HINT,
                f"The PBX does not know the phone {listed(strange)}: check the spelling with"
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
                "It does not list its phones (DeviceStateList), so they could not be compared with"
                " those of the users.",
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
            f" phone of this PBX, which has {listed(known)}: correct it or take it out.",
        )
        for pattern in dict.fromkeys(office.patterns)
        if not any(map(extension_pattern((pattern,)).fullmatch, known))
    ]
    for trunk in office.trunks:
        if trunk not in known and "/" not in trunk:
            close = difflib.get_close_matches(trunk, known, n=1)
            advice = f"Did you mean {close[0]}?" if close else f"It has {listed(known)}."
            found.append(
                Finding(
                    Grade.HINT,
                    f"The PBX does not know the trunk {printable(trunk, 40)} of [[pbx.trunks]]:"
                    f" {advice}",
                )
            )
    return found


def _needs_test_call() -> Finding:
    return Finding(
        Grade.HINT,
        "Whether a filter (eventfilter) or a class missing under read = hides events only a call"
        " can show: screenpop doctor --test-call 101 rings that phone once.",
    )


def is_healthy(found: Iterable[Finding]) -> bool:
    return all(one.grade is not Grade.BAD for one in found)
