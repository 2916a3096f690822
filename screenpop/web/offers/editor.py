"""The form of an offer with its condition: rows as of a segment, whom it fits, and its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.conditions.tree import Node
from screenpop.customers.models import CURRENCIES, LANGUAGES
from screenpop.offers.calendars import Calendar
from screenpop.offers.offer_errors import OfferError, OfferProblem
from screenpop.offers.offer_json import QUIET_REASONS
from screenpop.offers.offer_words import FIELDS, WordFacts, fill_words
from screenpop.offers.office_offer import OfferId, OfferTerms, OfficeOffer
from screenpop.store.branches import branch_names
from screenpop.store.offers.fitting import FittingCustomer, list_fitting
from screenpop.store.offers.saved import SavedOffer
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.forms import check_form_token
from screenpop.web.offers.api import checked_offer
from screenpop.web.offers.form import TIERS, typed_offer
from screenpop.web.offers.views import coming_holidays, count_of, customer_views, names_of
from screenpop.web.segments.access import may_use_condition, segment_or_404, usable_segments
from screenpop.web.segments.form import (
    GroupForm,
    RowForm,
    SegmentForm,
    act_on,
    complete,
    form_of,
    read_form,
    read_tree,
)
from screenpop.web.segments.pages import condition_choices, words_of
from screenpop.web.segments.words import Words

ROWS = "rows"
"""The choice of the condition that the rows of the form make."""
_SAMPLES = 10
"""Customers that are listed beside the form."""


def _blank() -> SegmentForm:
    return SegmentForm(groups=[GroupForm(rows=[RowForm()])])


@dataclass(slots=True)
class OfferForm:
    """What was typed: the fields, the rows of the condition, and the button that was pressed."""

    fields: Mapping[str, str]
    tree: SegmentForm = field(default_factory=_blank)
    act: str = ""

    @property
    def chosen(self) -> str:
        return self.fields.get("condition", "")


async def sent_form(context: WebContext, request: Request) -> OfferForm:
    """Return the form as sent. Raises 403 without its token."""
    form = await request.form(max_files=0, max_fields=2_000)
    items = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    fields = dict(items)
    check_form_token(request, fields.get("csrf", ""), context.cookies)
    return OfferForm(fields, read_form(items), fields.get("act", ""))


def shown_form(fields: Mapping[str, str], own: Node | None, language: str) -> OfferForm:
    """Return the form of an offer that has a condition; as rows, where rows can show it."""
    if own is None:
        return OfferForm(fields | {"condition": ""})  # type: ignore[operator]
    tree = form_of(own, language)
    if tree is None:
        return OfferForm({**fields, "condition": "own"})
    return OfferForm({**fields, "condition": ROWS}, tree)


async def drafted(
    context: WebContext, current_user: CurrentUser, form: OfferForm, language: str
) -> OfferForm:
    """Return the form after its button: rows added or removed, or those of a chosen segment."""
    act_on(form.tree, form.act)
    if form.act and form.act != "count":
        return replace(form, fields={**form.fields, "condition": ROWS})
    if form.chosen.isdecimal() and len(form.chosen) < 19:
        segment = await segment_or_404(context.database, int(form.chosen), current_user)
        tree = form_of(segment.condition, language) if segment.condition else None
        if tree is not None:
            return OfferForm({**form.fields, "condition": ROWS}, tree)
    return form


async def typed_terms(
    context: WebContext, current_user: CurrentUser, form: OfferForm, own: Node | None
) -> OfferTerms:
    """Return the terms of a form. Raises ``OfferError``.

    ``own``: the condition that the offer or its template has now.
    """
    condition = await _condition(context, current_user, form, own)
    plain = typed_offer(form.fields, condition, context.today())
    return await checked_offer(context, plain)


async def _condition(
    context: WebContext, current_user: CurrentUser, form: OfferForm, own: Node | None
) -> Node | None:
    condition = own if form.chosen == "own" else None
    if form.chosen == ROWS:
        complete(form.tree)
        condition = read_tree(form.tree, context.today())
        if condition is None:
            rows = [row for group in form.tree.groups for row in group.rows if row.problem]
            value = f"{rows[0].field}: {', '.join(rows[0].values)}" if rows else ""
            remedy = "complete each row of the condition, or remove it"
            raise OfferError(OfferProblem.CONDITION, "condition", remedy, written=value)
    elif form.chosen.isdecimal() and len(form.chosen) < 19:
        segment = await segment_or_404(context.database, int(form.chosen), current_user)
        condition = segment.condition
    if condition is not None and not may_use_condition(condition, current_user):
        raise HTTPException(403, "not_allowed")
    return condition


async def offer_editor(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    form: OfferForm,
    saved: SavedOffer | None = None,
    *,
    own: Node | None = None,
    problem: OfferError | None = None,
) -> Response:
    """Return the page with the form, whom it fits today, and its words for one of them."""
    words = await words_of(context, request)
    segments = [
        {"id": str(one.id), "name": one.name, "words": words.describe(one.condition)}
        for one in await usable_segments(context.database, current_user)
        if one.condition is not None
    ]
    complete(form.tree)
    data: View = {
        "form": form.fields,
        "saved": saved,
        "own": words.describe(own) if own is not None and form.chosen == "own" else "",
        "chosen": form.chosen,
        "segments": segments,
        "problem": problem,
        "problem_field": problem.field.split("[")[0].split(" ")[0] if problem else "",
        "all_languages": LANGUAGES,
        "calendars": [one.value for one in Calendar],
        "holidays": await coming_holidays(context),
        "branches": await branch_names(context.database),
        "currencies": CURRENCIES,
        "tiers": TIERS,
        "quiet_reasons": QUIET_REASONS,
        "word_fields": FIELDS,
        "base": "/offers",
        **await condition_choices(context, words, current_user, form.tree),
        **await _result(context, current_user, form, own, words),
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "offer_edit.html", "customers", data, status=status)


async def _result(
    context: WebContext,
    current_user: CurrentUser,
    form: OfferForm,
    own: Node | None,
    words: Words,
) -> dict[str, Any]:
    """Return whom the condition fits today, and the words for the first of them."""
    try:
        condition = await _condition(context, current_user, form, own)
    except OfferError:
        return {"count": None, "customers": [], "preview": {}}
    try:
        terms = await typed_terms(context, current_user, form, own)
    except OfferError:
        terms = None
    any_terms = terms or OfferTerms(name="", words={}, condition=condition)
    offer = SavedOffer(OfficeOffer(OfferId(0), any_terms), "", "", 0.0, {})
    fitting = await list_fitting(
        context.database, offer.offer, context.today(), context.zone, _SAMPLES
    )
    preview = await _preview(context, terms, fitting[0]) if terms and fitting else {}
    count = await count_of(context, offer)
    return {
        "count": count,
        "count_text": words.number(count),
        "customers": await customer_views(context, fitting, words.catalogue.language),
        "preview": preview,
    }


async def _preview(
    context: WebContext, terms: OfferTerms, customer: FittingCustomer
) -> Mapping[str, str]:
    called = await names_of(context, customer.customer_id)
    facts = WordFacts(called, customer.tier, customer.destination, terms.places)
    return fill_words(terms, facts)
