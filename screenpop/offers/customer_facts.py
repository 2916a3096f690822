"""The facts of a customer's file that conditions compare."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, cast

from screenpop.conditions.facts import CustomerFacts
from screenpop.customers.consent import OFFERS
from screenpop.customers.models import CaseKind, CaseState, CustomerFile

if TYPE_CHECKING:
    from screenpop.conditions.facts import TripFacts


def facts_of(file: CustomerFile, day_of: Callable[[float], date]) -> CustomerFacts:
    """Return the facts of a caller; ``day_of``: the office's day at a time in seconds since 1970.

    The trips are those that the caller lookup reads, at most the newest 20.
    """
    customer, more = file.customer, file.more
    consents = dict(more.consents)
    if customer.marketing_consent is not None:
        consents[OFFERS] = customer.marketing_consent
    pending = [one for one in file.cases if one.state is not CaseState.CLOSED]
    return CustomerFacts(
        tags=more.tags,
        language=customer.language,
        title=customer.title.value,
        gender=customer.gender.value,
        tier=customer.tier.value,
        vip=customer.vip,
        city=more.city,
        company=customer.company,
        heard_from=more.heard_from,
        owner=more.owner,
        branch=more.branch,
        was_sent=more.was_sent,
        sent=sent if isinstance(sent := more.value.get("sent"), int) else None,
        has_email=more.has_email,
        customer_since=customer.customer_since,
        birthday=customer.birthday,
        anniversary=customer.anniversary,
        balance=customer.balance,
        currency=customer.currency,
        consents=consents,
        wishes=more.wishes,
        open_cases=len(pending),
        open_complaints=sum(one.kind is CaseKind.COMPLAINT for one in pending),
        last_contact=None if more.talked_at is None else day_of(more.talked_at),
        # A trip has all fields of ``TripFacts``, its codes as string enums: a copy of twenty trips
        # would take 20 µs.
        trips=cast("tuple[TripFacts, ...]", tuple([one for one in file.trips if one.is_own])),
        rhythm_due=more.rhythm_due,
        lapsed_from=more.lapsed_from,
        stage=str(more.value.get("stage", "")),
        likelihood=str(more.value.get("chance", "")),
        chance=more.chance,
        best_percent=more.best_percent,
        is_top=more.value.get("top") is True,
        own=more.own,
    )
