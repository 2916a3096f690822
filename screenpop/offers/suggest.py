"""Suggestions for this caller today, ranked, or none with a reason."""

from datetime import date

from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import CaseKind, CaseState, CustomerFile
from screenpop.customers.place_names import place_name
from screenpop.offers.rules import RULES, Kind, Rule, RuleMatch
from screenpop.offers.suggestion import Reason, Suggestion, Suggestions

_SALE = Kind.SALE

MAX_SUGGESTIONS = 4
"""An agent does not read more while a phone rings."""


def suggest(file: CustomerFile, today: date) -> Suggestions:
    """Return the highest ranked suggestions; no sale for a destination suggested already.

    None while a complaint or a refund is open. Without consent to marketing only service is
    suggested, and ``silence`` has the reason when none is left. A declined offer is left out until
    its day.
    """
    silence = _silent_for_case(file)
    if silence is not None:
        return Suggestions(silence=silence)
    trips = itinerary(file.trips, today)
    fitting = [(rule, fit) for rule in RULES if (fit := rule.fits(file, trips)) is not None]
    if file.customer.quiet_offers and fitting:
        quiet = {id_ for id_, day in file.customer.quiet_offers.items() if today < day}
        fitting = [(rule, fit) for rule, fit in fitting if _offer_id(rule, fit) not in quiet]
        if not fitting:
            return Suggestions(silence=Reason("offers_declined"))
    # Who was never asked may be offered something on a call that they made themselves.
    if file.customer.marketing_consent is not False:
        return Suggestions(_highest_ranked(fitting))
    service = _highest_ranked([(rule, fit) for rule, fit in fitting if rule.kind is Kind.SERVICE])
    return Suggestions(service, Reason("no_consent") if fitting and not service else None)


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


def _highest_ranked(fitting: list[tuple[Rule, RuleMatch]]) -> tuple[Suggestion, ...]:
    """Return the first few; ``fitting`` is in the order of the table, highest weight first."""
    chosen: list[Suggestion] = []
    suggested: set[str] = set()
    for rule, fit in fitting:
        if rule.kind is _SALE and fit.destination in suggested:
            continue
        if fit.destination:
            suggested.add(fit.destination)
        chosen.append(_suggestion(rule, fit))
    return tuple(chosen[:MAX_SUGGESTIONS])


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
