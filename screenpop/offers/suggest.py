"""Suggestions for this caller today, ranked, or none with a reason.

Service before sale: first what helps with a trip that is already there, then the office's own
offers, then the sale rules.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import chain, islice

from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import CaseKind, CaseState, CustomerFile
from screenpop.customers.place_names import place_name
from screenpop.offers.office_suggestions import NO_OFFICE, OfficeOffers
from screenpop.offers.rules import RULES, Kind, Rule, RuleMatch
from screenpop.offers.suggestion import Reason, Suggestion, Suggestions

_SALE = Kind.SALE

MAX_SUGGESTIONS = 3
"""An agent does not read more while a phone rings."""


def suggest(file: CustomerFile, today: date, office: OfficeOffers = NO_OFFICE) -> Suggestions:
    """Return the highest ranked suggestions; no sale for a destination suggested already.

    None while a complaint or a refund is open. Without consent to offers only service is suggested,
    and ``silence`` has the reason when none is left. A declined offer is left out until its day.
    """
    silence = _silent_for_case(file)
    if silence is not None:
        return Suggestions(silence=silence)
    trips, quiet = itinerary(file.trips, today), _quiet(file, today)
    # A caller who was never asked may be offered something on a call that they made themselves.
    may_sell = file.customer.marketing_consent is not False
    matched = [(rule, fit) for rule in RULES if (fit := rule.fits(file, trips)) is not None]
    fitting = [(rule, fit) for rule, fit in matched if _offer_id(rule, fit) not in quiet]
    own, declined = _office_offers(office, file, today, quiet, MAX_SUGGESTIONS if may_sell else 1)
    if not fitting and not own:
        declined = declined or bool(matched)
        return Suggestions(silence=Reason("offers_declined") if declined else None)
    service = [(rule, fit) for rule, fit in fitting if rule.kind is not _SALE]
    if may_sell:
        sale = [(rule, fit) for rule, fit in fitting if rule.kind is _SALE]
        return Suggestions(_highest_ranked(service, own, sale))
    items = _highest_ranked(service, (), [])
    return Suggestions(items, None if items else Reason("no_consent"))


def _office_offers(
    office: OfficeOffers, file: CustomerFile, today: date, quiet: Collection[str], most: int
) -> tuple[list[Suggestion], bool]:
    """Return the first offers that fit and are not quiet, and whether a quiet one was among them.

    The others are not looked at.
    """
    found: list[Suggestion] = []
    declined = False
    for one in office.fitting(file, today):
        if one.id in quiet:
            declined = True
            continue
        found.append(one)
        if len(found) == most:
            break
    return found, declined


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


Fitting = Sequence[tuple[Rule, RuleMatch]]


def _highest_ranked(
    service: Fitting, own: Sequence[Suggestion], sale: Fitting
) -> tuple[Suggestion, ...]:
    """Return the first few; each list is in the order of its table, highest weight first."""
    named = {fit.destination for _, fit in service if fit.destination}

    def other_places() -> Iterator[Suggestion]:
        for rule, fit in sale:
            if fit.destination in named:
                continue
            if fit.destination:
                named.add(fit.destination)
            yield _suggestion(rule, fit)

    helping = (_suggestion(rule, fit) for rule, fit in service)
    return tuple(islice(chain(helping, own, other_places()), MAX_SUGGESTIONS))


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
