"""What offers brought, from the same outcomes and estimates as the page of offers."""

from collections.abc import Mapping

from screenpop.offers.office_offer import OfferId, suggestion_id
from screenpop.offers.outcomes import OfferFigures, sum_up
from screenpop.reports.offer_results import OfferResult
from screenpop.store.engine.database import Database
from screenpop.store.offers.outcomes import OutcomeFilter, load_outcomes


async def offer_results(
    database: Database, wanted: OutcomeFilter, names: Mapping[int, str]
) -> list[OfferResult]:
    """Return the results of these offers, by their ids."""
    figures = sum_up(await load_outcomes(database, wanted))
    return [
        _result(name, figures.get(suggestion_id(OfferId(number)), OfferFigures()))
        for number, name in names.items()
    ]


def _result(name: str, figures: OfferFigures) -> OfferResult:
    lift = figures.lift
    return OfferResult(
        name=name,
        shown=figures.offered,
        accepted=figures.answers["accepted"],
        later=figures.answers["later"],
        no=figures.answers["no"],
        reasons=dict(figures.reasons),
        booked_part=figures.of_offered.value,
        withheld_part=figures.of_withheld.value,
        lift=None if lift is None else (lift.difference, lift.low, lift.high),
    )
