"""The real outcome of a call: declared by the scenario's author, checked against the SIP."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pbx_lab.errors import LabBrokenError
from pbx_lab.sip import SipLeg

SOON = 0.7
AT_ONCE = 0.1


@dataclass
class Truth:
    """One call as people lived it. legs: "101:answered 102:answered_elsewhere"."""

    opening: SipLeg | None
    disposition: str
    legs: str = ""
    direction: str = "inbound"
    caller: str = "09123456789"
    did: str | None = None
    dialled: str | None = None
    queue: str | None = None
    answered_by: Sequence[str] = ()
    transfers: Sequence[tuple[str, str, str]] = ()
    note: str = ""
    withheld: bool = False

    def declared(self) -> list[tuple[str, str]]:
        """The legs as pairs of endpoint and outcome."""
        return [
            (name, outcome) for name, _, outcome in (x.partition(":") for x in self.legs.split())
        ]


def outcome(leg: SipLeg, all_legs: Iterable[SipLeg]) -> str:
    """How an attempt to reach one endpoint ended, from SIP alone."""
    final = leg.final
    if leg.first("INVITE", 180) is None and (final is None or final.code in (408, 487, 503)):
        return "unreachable"
    if final is None:
        return "no_answer"
    plain = {200: "answered", 486: "busy", 600: "busy", 603: "declined", 302: "forwarded"}
    if final.code in plain:
        return plain[final.code]
    cancel = leg.first("CANCEL")
    at = cancel.at if cancel else final.at
    others = [other for other in all_legs if other is not leg]
    cancel_reason = cancel.headers.get("reason", "") if cancel else ""
    if any(o.answered and was_taken(o, at - o.answered.at, cancel_reason) for o in others):
        return "answered_elsewhere"
    for other in others:
        for method in ("CANCEL", "BYE"):
            gone = other.first(method, to_pbx=True)
            if gone and 0 <= at - gone.at < SOON:
                return "cancelled"
    return "no_answer"


def was_taken(other: SipLeg, before: float, cancel_reason: str) -> bool:
    """Return whether the answer on another leg, so many seconds before, is why a phone stopped
    ringing.

    The called side answers first and a picker dials in before. The customer's own leg is answered
    in the same moment, but by a voicemail too: only the phone's CANCEL shows the reason.
    """
    if "trunk" in other.endpoint and not other.dialled:
        return abs(before) < AT_ONCE and "elsewhere" in cancel_reason
    return 0 <= before < SOON


def check(truths: Sequence[Truth], legs: Sequence[SipLeg]) -> None:
    """Refuse a scenario whose declared outcome differs from that of the phones."""
    lived = Counter((leg.endpoint, outcome(leg, legs)) for leg in legs if leg.dialled)
    counted = Counter(pair for truth in truths for pair in truth.declared())
    if lived != counted:
        raise LabBrokenError(f"the phones lived {dict(lived)}, the scenario tells {dict(counted)}")


def as_json(
    truths: Sequence[Truth], legs: Sequence[SipLeg], phones: Sequence[str], about: str
) -> str:
    """The file beside a recording."""
    calls = [
        {
            "direction": truth.direction,
            "caller": truth.caller,
            "did": truth.did,
            "dialled": truth.dialled,
            "queue": truth.queue,
            "disposition": truth.disposition,
            "answered_by": list(truth.answered_by),
            "transfers": [
                {"from": giver, "to": taker, "kind": kind} for giver, taker, kind in truth.transfers
            ],
            "legs": [{"endpoint": e, "outcome": o} for e, o in truth.declared()],
            **times(truth, legs),
            **({"note": truth.note} if truth.note else {}),
        }
        for truth in truths
    ]
    return json.dumps({"about": about, "phones": list(phones), "calls": calls}, indent=1) + "\n"


def times(truth: Truth, legs: Sequence[SipLeg]) -> dict[str, float | None]:
    """Seconds from the first INVITE to the first answer by a person, of ringing, and of talk."""
    opening = truth.opening
    nothing: dict[str, float | None] = {"wait_s": None, "ring_to_answer_s": None, "talk_s": None}
    if opening is None:
        return nothing
    begun = opening.invite.at
    taken = [
        leg
        for leg in legs
        if leg.dialled
        and leg.answered
        and leg.invite.at >= begun
        and leg.endpoint in truth.answered_by
        and truth.caller.lstrip("+") in leg.invite.headers["from"].replace("+", "")
    ] or [
        leg
        for leg in legs
        if leg.dialled
        and leg.answered
        and leg.invite.at >= begun
        and leg.endpoint in truth.answered_by
    ]
    if not taken or taken[0].answered is None:
        return {**nothing, "wait_s": round(opening.ended.at - begun, 2) if opening.ended else None}
    answered = taken[0].answered.at
    over = max(
        (leg.ended.at for leg in [*taken, opening] if leg.ended and leg.ended.at >= answered),
        default=answered,
    )
    return {
        "wait_s": round(answered - begun, 2),
        "ring_to_answer_s": round(answered - taken[0].invite.at, 2),
        "talk_s": round(over - answered, 2),
    }
