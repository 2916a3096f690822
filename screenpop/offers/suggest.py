"""Suggestions for this caller today, ranked, or none with a reason.

Service before sale: first what helps with a trip that is already there, then the office's own
offers. Nothing is sold that no office offers.
"""

from collections.abc import Collection, Sequence
from datetime import date

from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import CaseKind, CaseState, CustomerFile
from screenpop.customers.place_names import place_name
from screenpop.offers.office_suggestions import NO_OFFICE, OfficeOffers
from screenpop.offers.rules import RULES, Rule, RuleMatch
from screenpop.offers.suggestion import Reason, Suggestion, Suggestions

MAX_SUGGESTIONS = 3
"""An agent does not read more while a phone rings."""


def suggest(file: CustomerFile, today: date, office: OfficeOffers = NO_OFFICE) -> Suggestions:
    """Return the highest ranked suggestions.

    None while a complaint or a refund is open. Without consent to offers only service is suggested,
    and ``silence`` has the reason when none is left. A declined offer is left out until its day.
    """
    silence = _silent_for_case(file)
    if silence is not None:
        return Suggestions(silence=silence)
    trips, quiet = itinerary(file.trips, today), _quiet(file, today)
    matched = [(rule, fit) for rule in RULES if (fit := rule.fits(file, trips)) is not None]
    service = [
        _suggestion(rule, fit) for rule, fit in matched if _offer_id(rule, fit) not in quiet
    ][:MAX_SUGGESTIONS]
    # A caller who was never asked may be offered something on a call that they made themselves.
    if file.customer.marketing_consent is False:
        if service:
            return Suggestions(tuple(service))
        own = _office_offers(office, file, today, quiet, service, 1)
        silence = Reason("no_consent") if own.items else None
    else:
        most = MAX_SUGGESTIONS - len(service)
        own = _office_offers(office, file, today, quiet, service, most)
        if service or own.items:
            return Suggestions((*service, *own.items), withheld=own.withheld)
    if silence is None and (matched or own.silence):
        silence = Reason("offers_declined")
    return Suggestions(silence=silence, withheld=own.withheld)


def _office_offers(
    office: OfficeOffers,
    file: CustomerFile,
    today: date,
    quiet: Collection[str],
    service: Sequence[Suggestion],
    most: int,
) -> Suggestions:
    """Return the first offers that fit and are not quiet; ``silence`` where one was quiet.

    A destination is suggested for one reason. An offer that would be among the first but for its
    control share is withheld, and the next takes its place. The others are not looked at.
    """
    items: list[Suggestion] = []
    withheld: list[str] = []
    silence = None
    if most <= 0:
        return Suggestions()
    named = {_place(one) for one in service} - {None}
    for one in office.fitting(file, today):
        if one.id in quiet:
            silence = Reason("offers_declined")
            continue
        if (place := _place(one)) in named:
            continue
        if office.withholds(one.id, file.customer.id):
            withheld.append(one.id)
            continue
        items.append(one)
        if len(items) == most:
            break
        if place is not None:
            named.add(place)
    return Suggestions(tuple(items), silence, tuple(withheld))


def _place(one: Suggestion) -> str | int | None:
    return one.reason.params.get("destination")


def _quiet(file: CustomerFile, today: date) -> Collection[str]:
    return {id_ for id_, day in file.customer.quiet_offers.items() if today < day}


_SILENT_KINDS = ((CaseKind.COMPLAINT, "complaint_open"), (CaseKind.REFUND, "refund_open"))
_CLOSED = CaseState.CLOSED


def _silent_for_case(file: CustomerFile) -> Reason | None:
    """Return the reason of the open case that prevents suggestions, a complaint before a refund.

    None without such a case.
    """
    if not file.cases:
        return None
    for kind, code in _SILENT_KINDS:
        opened = [
            case.opened for case in file.cases if case.kind is kind and case.state is not _CLOSED
        ]
        if opened:
            return Reason(code, {"since": min(opened).isoformat()})
    return None


def _offer_id(rule: Rule, fit: RuleMatch) -> str:
    return rule.id if fit.trip is None else f"{rule.id}:{fit.trip.id}"


def _suggestion(rule: Rule, fit: RuleMatch) -> Suggestion:
    if fit.trip is None:
        return Suggestion(_offer_id(rule, fit), rule.text, fit.reason, rule.weight)
    # Replaced, not formatted: a destination may hold braces. And isolated (UAX #9): one written in
    # the other direction must not reorder the sentence.
    text = {
        language: words.replace(
            "{destination}", f"\u2068{place_name(fit.destination, language)}\u2069"
        )
        for language, words in rule.text.items()
    }
    return Suggestion(_offer_id(rule, fit), text, fit.reason, rule.weight)
