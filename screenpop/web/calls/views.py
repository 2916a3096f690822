"""The view of a logged call for pages and API, without hidden data."""

from collections.abc import Sequence

from screenpop.calls.labels import ChosenLabel, LabelKind
from screenpop.cards.honorifics import address
from screenpop.common.text import display_text
from screenpop.customers.models import Gender, Title
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.calls.queries import CallDetail, LoggedCall, LoggedLeg
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import E164, FROM_QUEUE_LOG, Endpoint, PbxId
from screenpop.telephony.phone_numbers import format_for_people, resolve

View = dict[str, object]

_LONGEST_NAME = 80
_LONGEST_NUMBER = 40
_COMPARED_DIGITS = 9


def call_view(call: LoggedCall, language: str, lines: TrunkLines) -> View:
    """Return one row of the log. Times are seconds since 1970 (UTC), durations seconds.

    ``line``: name of the dialled number, else the formatted number.
    ``caller``: formatted ``number``, ``e164``, ``name`` (sent by the PBX, not trusted),
    ``kind``, ``withheld``. ``customer`` and ``agent`` are ``{"id", "name"}`` or None.
    ``purpose`` and ``agent_disposition``: ``{"id", "name"}``, chosen by the agent, or None.
    ``from_queue_log``: filled in by ``screenpop audit`` from the PBX's file.
    ``before_pickup``: the card was painted before the answer; None if not answered.
    """
    return {
        "id": call.id,
        "pbx": call.pbx,
        "call": call.call,
        "simulated": call.simulated,
        "direction": call.direction,
        "arrived_at": call.arrived_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "wait_s": call.wait_s,
        "talk_s": call.talk_s,
        "disposition": call.disposition,
        "queue": call.queue,
        "did": call.did,
        "line": line_view(call.pbx, call.did, lines),
        "called": display_text(call.called, _LONGEST_NUMBER),
        "caller": _caller(call),
        "customer": _customer(call, language),
        "agent": None if call.agent is None else {"id": call.agent, "name": call.agent_name},
        "answered_by": list(call.answered_by),
        "estimated": call.estimated,
        "from_queue_log": call.boot == FROM_QUEUE_LOG,
        "before_pickup": call.before_pickup,
        **{kind.value: _label(call.labels.get(kind), language) for kind in LabelKind},
    }


def leg_view(leg: LoggedLeg, legs: Sequence[LoggedLeg] = ()) -> View:
    """Return one leg. ``number``: the external number dialled, else the phone.

    ``by`` and ``by_number``: name and phone of the agent who answered instead, or for a cancelled
    leg of the colleague who cancelled it; else empty."""
    names = {one.endpoint: one.agent_name for one in legs if one.agent_name}
    return {
        "endpoint": leg.endpoint,
        "number": display_text(leg.dialled or leg.endpoint, _LONGEST_NUMBER),
        "by": names.get(Endpoint(leg.stopped_by), ""),
        "by_number": display_text(leg.stopped_by, _LONGEST_NUMBER),
        "agent": leg.agent_name,
        "queue": leg.queue,
        "rang_at": leg.rang_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
        "outcome": leg.outcome,
        "rang": leg.rang,
    }


def detail_view(detail: CallDetail, language: str, lines: TrunkLines) -> View:
    """Return the row under ``entry``, with legs, transfers, receipts, notes and trace."""
    return {
        "entry": call_view(detail.call, language, lines),
        "legs": [leg_view(leg, detail.legs) for leg in detail.legs],
        "transfers": [
            {"origin": one.origin, "target": one.target, "kind": one.kind, "at": one.at}
            for one in detail.transfers
        ],
        "receipts": [
            {
                "agent": one.agent_name,
                "endpoint": one.endpoint,
                "sent_at": one.sent_at,
                "received_at": one.received_at,
                "painted_at": one.painted_at,
                "seen_at": one.seen_at,
                "before_pickup": one.before_pickup,
            }
            for one in detail.receipts
        ],
        "notes": [
            {
                "id": one.id,
                "agent_id": one.agent,
                "agent": one.agent_name,
                "text": one.text,
                "changed_at": one.changed_at,
                "changes": [{"by": change.by, "at": change.at} for change in one.changes],
            }
            for one in detail.notes
        ],
        "trace": [_step(step, detail.call) for step in detail.trace],
    }


def line_view(pbx: PbxId, did: str, lines: TrunkLines) -> dict[str, str]:
    """Return the ``label`` of a dialled number; without one, the ``number`` formatted."""
    if label := lines.label_of(pbx, did):
        return {"label": label, "number": ""}
    dialled = resolve(did, plan=lines.plan)
    number = format_for_people(dialled.e164) if dialled.e164 else did
    return {"label": "", "number": display_text(number, _LONGEST_NUMBER)}


def _is_withheld(call: LoggedCall) -> bool:
    """Return whether the PBX marked it withheld or sent a word such as ``anonymous``."""
    return call.withheld or call.caller_kind == CallerIdKind.WITHHELD


def _step(step: dict[str, object], call: LoggedCall) -> View:
    """Return a trace step; the number may have come before the withheld mark."""
    if not _is_withheld(call):
        return step
    return {name: value for name, value in step.items() if name not in {"raw", "e164"}}


def _caller(call: LoggedCall) -> View:
    withheld = _is_withheld(call)
    caller: View = {"kind": call.caller_kind, "withheld": withheld}
    if withheld:
        # The PBX may have sent the number although the caller withheld it.
        return caller | {"number": "", "e164": None, "name": ""}
    number = format_for_people(E164(call.e164)) if call.e164 else call.caller_raw
    return caller | {
        "number": display_text(number, _LONGEST_NUMBER),
        "e164": call.e164,
        "name": "" if _repeats_number(call) else display_text(call.caller_name, _LONGEST_NAME),
    }


def _repeats_number(call: LoggedCall) -> bool:
    """Return whether the caller ID name is only the number, in any way of writing it.

    Many trunks send the number as the name. The last nine digits are compared, as in matching.
    """
    if any(sign.isalpha() for sign in call.caller_name):
        return False
    name, raw = (_digits(text)[-_COMPARED_DIGITS:] for text in (call.caller_name, call.caller_raw))
    return bool(name) and name in {raw, _digits(call.e164 or "")[-_COMPARED_DIGITS:]}


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())


def _label(chosen: ChosenLabel | None, language: str) -> View | None:
    return None if chosen is None else {"id": chosen.id, "name": chosen.name(language)}


def _customer(call: LoggedCall, language: str) -> View | None:
    if call.customer is None:
        return None
    title, gender = Title(call.customer_title), Gender(call.customer_gender)
    name = address(call.customer_names, title, gender, language)
    return {"id": call.customer, "name": name}
