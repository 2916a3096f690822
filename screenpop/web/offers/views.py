"""Offers as pages and API show them, and which of them a user may see."""

from collections.abc import Callable, Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response

from screenpop.customers.display_name import display_name
from screenpop.customers.models import CustomerId, PersonRef
from screenpop.customers.place_names import place_name
from screenpop.offers.offer_errors import OfferError
from screenpop.offers.offer_json import write_offer
from screenpop.offers.office_offer import OfferId
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.offers.fitting import FittingCustomer, count_fitting, list_fitting
from screenpop.store.offers.holidays import StatedHolidays, list_holidays
from screenpop.store.offers.saved import SavedOffer, list_offers, load_offer
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.problem_details import problem_response
from screenpop.web.segments.access import may_use_condition


def may_see(saved: SavedOffer, current_user: CurrentUser) -> bool:
    condition = saved.offer.terms.condition
    return condition is None or may_use_condition(condition, current_user)


async def visible_offers(context: WebContext, current_user: CurrentUser) -> Sequence[SavedOffer]:
    return [one for one in await list_offers(context.database) if may_see(one, current_user)]


async def offer_or_404(context: WebContext, number: int, current_user: CurrentUser) -> SavedOffer:
    """Return an offer; one that the user may not see is not found."""
    saved = await load_offer(context.database, OfferId(number))
    if saved is None or not may_see(saved, current_user):
        raise HTTPException(404, "not_found")
    return saved


async def coming_holidays(context: WebContext) -> list[View]:
    """Return the stated school holidays that have not ended."""
    today = context.today()
    return [
        holidays_view(one)
        for one in await list_holidays(context.database)
        if one.holidays.last >= today
    ]


def holidays_view(stated: StatedHolidays) -> View:
    one = stated.holidays
    first, last = one.first.isoformat(), one.last.isoformat()
    return {"id": stated.id, "name": one.name, "first": first, "last": last}


def offer_view(saved: SavedOffer) -> View:
    """Return an offer for the API: the same JSON as it takes, and what happened to it."""
    offer = saved.offer
    return {
        "id": offer.id,
        "active": offer.active,
        "places_left": offer.places_left,
        "answers": {code: saved.answers.get(code, 0) for code in ("accepted", "later", "no")},
        "made_by": saved.made_by,
        "changed_by": saved.changed_by,
        "changed_at": saved.changed_at,
        **write_offer(offer.terms),
    }


async def count_of(context: WebContext, saved: SavedOffer) -> int:
    """Return how many customers an offer fits today."""
    offer, today = saved.offer, context.today()
    return (await count_fitting(context.database, [offer], today, context.zone))[offer.id]


async def fitting_views(context: WebContext, saved: SavedOffer, language: str) -> list[View]:
    """Return the customers that an offer fits today, with names and reasons in a language."""
    found = await list_fitting(context.database, saved.offer, context.today(), context.zone)
    return await customer_views(context, found, language)


async def names_of(context: WebContext, customer_id: int) -> Callable[[str], str]:
    """Return how a customer is called in each language."""
    async with context.database.reading() as connection:
        people = await load_customer_refs(connection, [CustomerId(customer_id)])
    person = people.get(CustomerId(customer_id))

    def called(language: str) -> str:
        if person is None:
            return ""
        name = display_name(person.names, language)
        return name.called or name.full

    return called


async def customer_views(
    context: WebContext, found: Sequence[FittingCustomer], language: str
) -> list[View]:
    ids = [CustomerId(one.customer_id) for one in found]
    async with context.database.reading() as connection:
        people = await load_customer_refs(connection, ids)
    return [
        {
            "id": one.customer_id,
            "name": _name(people.get(CustomerId(one.customer_id)), language),
            "reason": reason_view(one, language),
        }
        for one in found
    ]


def _name(person: PersonRef | None, language: str) -> str:
    return "" if person is None else display_name(person.names, language).full


def reason_view(one: FittingCustomer, language: str) -> View:
    params = dict(one.reason.params)
    if "destination" in params:
        params["destination"] = place_name(str(params["destination"]), language)
    return {"code": one.reason.code, "params": params}


def refused_offer(error: OfferError) -> Response:
    """Return the answer to an offer that is refused: field, value and remedy."""
    details = {"field": error.field, "problem": error.remedy}
    more = {"problem": error.problem.value, "field": error.field, "value": error.value}
    sentence = "The offer is refused; field, value and errors name the place and the remedy."
    return problem_response(422, "bad_offer", sentence, [details], more=more)
