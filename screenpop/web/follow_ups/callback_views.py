"""The view of a callback, with only what the user may see, and of the times to callback."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from screenpop.accounts.departments import Section
from screenpop.customers.place_names import place_name
from screenpop.follow_ups.callbacks import Reason, ReasonCode, number_problem, reasons_of
from screenpop.follow_ups.office_hours import OfficeHours
from screenpop.follow_ups.quiet_times import why_quiet
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.calls.queries import LoggedCall
from screenpop.store.follow_ups.callback_times import CallbackTime
from screenpop.store.follow_ups.callbacks import Callback
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import E164
from screenpop.telephony.phone_numbers import format_for_people
from screenpop.web.calls.callback_refusal import taken_view
from screenpop.web.calls.views import View, call_view
from screenpop.web.follow_ups.views import customer_view

_TRIP_REASONS = frozenset({ReasonCode.ON_TRIP, ReasonCode.TRIP_SOON})


def callback_view(
    row: Callback,
    sections: frozenset[Section],
    language: str,
    now: datetime,
    office: ZoneInfo,
    hours: OfficeHours,
    lines: TrunkLines,
    openable: Collection[int] | None,
) -> View:
    """Return one row. ``openable``: the calls whose pages the user may open; None: all."""
    newest = row.attempts[0].call
    today = now.astimezone(office).date()
    numbers = _numbers(row)
    problem = number_problem(
        withheld=_is_hidden(newest), raw=newest.caller_raw, can_dial=bool(numbers)
    )
    first = str(numbers[0]["e164"]) if numbers else ""
    return {
        "id": row.id,
        "call": newest.id,
        "customer": None if row.customer is None else customer_view(row.customer, language),
        "caller": call_view(newest, language, lines)["caller"],
        "numbers": numbers,
        "problem": None if problem is None else problem.value,
        "reasons": _reasons(row, sections, language, today, now),
        "times": row.times,
        "first_at": row.facts.first_at,
        "attempts": [
            {
                "call": attempt.call.id,
                "at": attempt.call.arrived_at,
                "kind": attempt.kind.value,
                "after_hours": hours.is_after_hours(
                    datetime.fromtimestamp(attempt.call.arrived_at, office)
                ),
                "queue": attempt.call.queue,
                "can_open": openable is None or attempt.call.id in openable,
            }
            for attempt in row.attempts
        ],
        "taken": taken_view(row.taken),
        "quiet": _quiet(first, row, now, office),
    }


def time_view(one: CallbackTime) -> View:
    return {
        "call": one.first_id,
        "customer": one.customer,
        "first_at": one.first_at,
        "reached_at": one.reached_at,
        "seconds": one.seconds,
        "attempts": one.attempts,
    }


def dialled_number(call: LoggedCall) -> str:
    """Return the E.164 number of a missed call that may be called back; empty without one."""
    return "" if _is_hidden(call) else call.e164 or ""


def _numbers(row: Callback) -> list[View]:
    """Return the numbers that were called from, newest first; else the customer's stored one."""
    found: dict[str, int] = {}
    for attempt in row.attempts:
        number = dialled_number(attempt.call)
        if number:
            found.setdefault(number, attempt.call.id)
    if not found and row.customer is not None and row.customer.number:
        found[row.customer.number] = row.attempts[0].call.id
    return [
        {"e164": number, "number": format_for_people(E164(number)), "call": call}
        for number, call in found.items()
    ]


def _reasons(
    row: Callback, sections: frozenset[Section], language: str, today: date, now: datetime
) -> list[View]:
    reasons: Iterable[Reason] = reasons_of(row.facts, today, now.timestamp())
    found: list[View] = []
    for reason in reasons:
        params: dict[str, object] = dict(reason.params)
        if reason.code in _TRIP_REASONS:
            if Section.TRIPS not in sections:
                continue
            params["destination"] = place_name(row.destination, language)
        if reason.code is ReasonCode.PROMISE:
            params["promise"] = row.promise
        found.append({"code": reason.code.value, "params": params})
    return found


def _quiet(number: str, row: Callback, now: datetime, office: ZoneInfo) -> View | None:
    """Return why not to call now; a callback sells nothing, so only sleeping hours count."""
    if not number:
        return None
    language = "" if row.customer is None else row.customer.language
    quiet = why_quiet(now, office, number=number, language=language, sale=False)
    if quiet is None:
        return None
    until = None if quiet.until is None else quiet.until.timestamp()
    return {"reason": quiet.reason.value, "there": quiet.there.strftime("%H:%M"), "until": until}


def _is_hidden(call: LoggedCall) -> bool:
    return call.withheld or call.caller_kind == CallerIdKind.WITHHELD
