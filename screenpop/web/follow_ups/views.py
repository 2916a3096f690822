"""The view of a row of a work list, with only what the user may see."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from screenpop.accounts.departments import Section
from screenpop.cards.honorifics import address, salutation
from screenpop.customers.models import PersonRef
from screenpop.follow_ups.models import FollowUp
from screenpop.follow_ups.quiet_times import Quiet, why_quiet
from screenpop.follow_ups.work_list import SALE_KINDS, WorkKind
from screenpop.store.follow_ups.listed_customers import ListedCustomer, localized_params
from screenpop.store.follow_ups.work_lists import ListedRow
from screenpop.telephony.identifiers import E164
from screenpop.telephony.phone_numbers import format_for_people
from screenpop.web.calls.views import View


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, with a time zone; the time zone of the office, and the days on which it is closed."""

    now: datetime
    office: ZoneInfo
    closed_days: Container[date]


def work_row_view(
    row: ListedRow,
    sections: frozenset[Section],
    language: str,
    moment: Moment,
    names: Mapping[int, PersonRef],
) -> View:
    params = localized_params(row.kind, row.params, language, names)
    return {
        "id": f"c{row.customer.ref.id}",
        "kind": row.kind.value,
        "customer": customer_view(row.customer, language),
        "params": params,
        "trips": row.trips if Section.TRIPS in sections else None,
        "worth": row.worth if Section.PRICES in sections else None,
        "currency": row.currency if Section.PRICES in sections else "",
        "assigned": user_view(row.assigned_to, row.assigned_name),
        "quiet": _quiet(row.customer, row.kind, moment),
    }


def promise_view(one: FollowUp, customer: ListedCustomer, language: str, moment: Moment) -> View:
    return {
        "id": f"p{one.id}",
        "kind": WorkKind.PROMISE.value,
        "customer": customer_view(customer, language),
        "params": {
            "date": one.due.isoformat(),
            "by": one.made_by_name,
            "promise": one.promise,
        },
        "trips": None,
        "worth": None,
        "currency": "",
        "assigned": user_view(one.assigned_to, one.assigned_name),
        "quiet": _quiet(customer, WorkKind.PROMISE, moment),
    }


def referred_ids(rows: Iterable[ListedRow]) -> list[int]:
    return [int(row.params["referred"]) for row in rows if "referred" in row.params]


def customer_view(customer: ListedCustomer, language: str) -> View:
    ref = customer.ref
    return {
        "id": ref.id,
        "name": _address(ref, language),
        "salutation": salutation(ref.names, ref.title, ref.gender, language),
        "tier": customer.tier,
        "vip": customer.vip,
        "e164": customer.number,
        "phone_id": customer.phone_id,
        "number": format_for_people(E164(customer.number)) if customer.number else "",
    }


def _address(ref: PersonRef, language: str) -> str:
    return address(ref.names, ref.title, ref.gender, language)


def quiet_of(customer: ListedCustomer, kind: WorkKind, moment: Moment) -> Quiet | None:
    """Return why a customer is not called or written to for this list now."""
    return why_quiet(
        moment.now,
        moment.office,
        number=customer.number,
        language=customer.language,
        sale=kind in SALE_KINDS,
        closed_days=moment.closed_days,
    )


def _quiet(customer: ListedCustomer, kind: WorkKind, moment: Moment) -> View | None:
    quiet = quiet_of(customer, kind, moment)
    if quiet is None:
        return None
    return {
        "reason": quiet.reason.value,
        "there": quiet.there.strftime("%H:%M"),
        "until": None if quiet.until is None else quiet.until.timestamp(),
    }


def user_view(user_id: int | None, name: str) -> View | None:
    return None if user_id is None else {"id": user_id, "name": name}
