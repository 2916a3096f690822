"""What offers brought: answers, reasons of a no, and the lift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screenpop.reports.description import Figure, Report, ReportColumn, ReportTable, Unit, share


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferResult:
    """Customers to whom one offer was first shown in the period, by their last answer."""

    name: str
    shown: int
    accepted: int
    later: int
    no: int
    reasons: Mapping[str, int]
    """Customers who declined, by the code of the reason; empty: no reason."""
    booked_part: float | None
    """Share of those whose days have passed that booked; None of none."""
    withheld_part: float | None
    """The same of the control group."""
    lift: tuple[float, float, float] | None
    """The difference and its 95 percent interval; None without a control group."""


def describe_offers(found: Sequence[OfferResult]) -> Report:
    """Return the report, the offers that were shown most first."""
    offers = sorted(found, key=lambda one: (-one.shown, one.name))
    shown, accepted = sum(one.shown for one in offers), sum(one.accepted for one in offers)
    answered = sum(one.accepted + one.later + one.no for one in offers)
    figures = (
        Figure("accepted_part", share(accepted, shown), Unit.SHARE),
        Figure("shown", shown),
        Figure("accepted", accepted),
        Figure("answered_part", share(answered, shown), Unit.SHARE),
    )
    offer = ReportColumn("offer", Unit.TEXT, "no_offer")
    answers = ReportTable(
        "offer_answers",
        (
            offer,
            ReportColumn("shown"),
            ReportColumn("accepted"),
            ReportColumn("later"),
            ReportColumn("no"),
            ReportColumn("unanswered"),
            ReportColumn("accepted_part", Unit.SHARE),
        ),
        tuple(
            (
                one.name,
                one.shown,
                one.accepted,
                one.later,
                one.no,
                one.shown - one.accepted - one.later - one.no,
                share(one.accepted, one.shown),
            )
            for one in offers
        ),
        chart="shown",
        compared=True,
    )
    reasons = ReportTable(
        "offer_reasons",
        (offer, ReportColumn("decline_reason", Unit.CODE, "decline_reason"), ReportColumn("no")),
        tuple(
            (one.name, reason or "none", count)
            for one in offers
            for reason, count in sorted(one.reasons.items(), key=lambda each: -each[1])
        ),
        keys=2,
        chart="no",
    )
    lift = ReportTable(
        "offer_lift",
        (
            offer,
            ReportColumn("booked_shown", Unit.SHARE),
            ReportColumn("booked_withheld", Unit.SHARE),
            ReportColumn("lift", Unit.SHARE),
            ReportColumn("lift_low", Unit.SHARE),
            ReportColumn("lift_high", Unit.SHARE),
        ),
        tuple(
            (one.name, one.booked_part, one.withheld_part, *(one.lift or (None, None, None)))
            for one in offers
            if one.shown or one.withheld_part is not None
        ),
    )
    tables = (answers, reasons, lift) if offers else ()
    return Report("offers", figures, tables)
