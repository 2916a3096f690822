"""The test call of ``screenpop doctor``: ring a phone once and check which events arrive."""

import secrets
from collections.abc import Sequence

from screenpop.ami.problem_codes import printable
from screenpop.app.call_outcome import NEEDED, WHAT_THE_PHONE_DID, CallOutcome, read_outcome
from screenpop.app.doctor_findings import EventRecorder, Finding, Grade, PbxActions, listed
from screenpop.asterisk.ami_message import AmiMessage

_RESPONSE_WITHIN_S = 2.0
"""Seconds to wait: ``OriginateResponse`` comes at or just after an unanswered call's end."""
_NUM_PRES = "CALLERID(num-pres)"


async def place_test_call(
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
        return bool(about_it("Hangup"))

    def is_unreachable() -> bool:
        row = response()
        return row is not None and row.get("Reason") == "0"

    ended = await ear.until(lambda: is_over() or is_unreachable(), within_s)
    if not is_over() and is_unreachable():
        # Without a channel nothing follows. A busy phone has one, and its OriginateResponse with
        # Reason 0 may come before DialEnd and Hangup: Asterisk sends them from another thread.
        made_call = await ear.until(
            lambda: bool(about_it("Newchannel")), min(_RESPONSE_WITHIN_S, within_s)
        )
        if made_call:
            ended = await ear.until(is_over, within_s)
    await ear.until(lambda: response() is not None, min(_RESPONSE_WITHIN_S, within_s))
    outcome = read_outcome(response(), about_it("DialEnd"))
    heard = {name: about_it(name) for name in NEEDED[CallOutcome.ANSWERED]}
    missing = [name for name in NEEDED[outcome] if not heard[name]]
    rows = [row for some in heard.values() for row in some]
    seen = _events_seen(channel, outcome, missing, ended=ended, anything=bool(rows))
    if not rows:
        return [seen]
    return [seen, channel_variable_finding(rows, known=True), *_timestamps(rows)]


def _answers(row: AmiMessage, reply: AmiMessage, uniqueid: str) -> bool:
    """Return whether the event answers the Originate, by channel id or, without one, ActionID."""
    if row.get("Uniqueid") == uniqueid:
        return True
    return bool(reply.action_id) and row.action_id == reply.action_id


def _is_about(row: AmiMessage, uniqueid: str) -> bool:
    return uniqueid in {row.get("Uniqueid"), row.get("DestUniqueid")}


def _call_refused(channel: str, message: str) -> Finding:
    if "permission" in message.lower():
        return Finding(
            Grade.HINT,
            "The AMI user may not place calls, which is as it should be. For the test call add"
            " originate to write = for a moment, or call that phone from another one.",
        )
    return Finding(
        Grade.BAD, f"The test call to {printable(channel)} was refused: {printable(message)}."
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
            f"{did}, but {listed(missing)} did not come: an eventfilter of the AMI user or"
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


def channel_variable_finding(rows: Sequence[AmiMessage], *, known: bool) -> Finding:
    if any(_names_presentation(row) for row in rows):
        return Finding(Grade.GOOD, "It reports when a caller withholds the number (channelvars).")
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
