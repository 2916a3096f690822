"""``/value/tiers``: the office's rules for tiers, what others would change, and their history."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Body
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.common.search_normalization import fold
from screenpop.customers.models import CURRENCIES, Tier
from screenpop.loyalty.tier_json import (
    EARNED_TIERS,
    MOST_RULES,
    TierRulesError,
    read_rules,
    write_rules,
)
from screenpop.loyalty.tiers import TierRule
from screenpop.store.value.tier_rules import list_versions, rules_in_use, save_rules
from screenpop.web.auth.current_user import RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.ports import TierChanges
from screenpop.web.problem_details import problem_response
from screenpop.web.segments.access import RequireManageSegments
from screenpop.web.value.routes import require_trips

_BLANK_ROWS = 2
_GROUPING = str.maketrans("", "", ",.٬ '’")
_Rules = Annotated[list[Any], Body(embed=True)]
Row = Mapping[str, str]


def tier_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/value/tiers")
    async def page(request: Request, current_user: RequireUser) -> Response:
        require_trips(current_user)
        rules = await rules_in_use(context.database, context.tier_rules)
        return await _page(context, request, [_row_of(rule) for rule in rules])

    @routes.post("/value/tiers")
    async def save(request: Request, current_user: RequireManageSegments) -> Response:
        form = await form_fields(context, request)
        rows, act = _rows(form), form.get("act", "")
        if act not in ("preview", "save"):
            raise HTTPException(422, "bad_request:act")
        try:
            rules = read_rules([_plain(row) for row in rows])
        except TierRulesError as problem:
            return await _page(context, request, rows, problem=problem)
        if act == "preview":
            changes = await _changes(context, rules)
            return await _page(context, request, rows, changes=changes)
        user_id, now = current_user.user.id, context.clock()
        await save_rules(context.database, rules, user_id=user_id, now=now)
        return RedirectResponse("/value/tiers", 303)

    return routes


def tier_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["value"])

    @routes.get("/tier-rules")
    async def read(current_user: RequireUser) -> JSONResponse:
        """Return the rules for tiers in use, and the last versions, the newest first."""
        require_trips(current_user)
        rules = await rules_in_use(context.database, context.tier_rules)
        versions = [
            {"rules": write_rules(one.rules), "at": one.at, "by": one.by}
            for one in await list_versions(context.database)
        ]
        return JSONResponse({"rules": write_rules(rules), "versions": versions})

    @routes.put("/tier-rules")
    async def replace(
        request: Request, current_user: RequireManageSegments, rules: _Rules
    ) -> Response:
        """Replace the rules; all customers are scored by them soon. No tier is lowered."""
        check_json(request)
        try:
            read = read_rules(rules)
        except TierRulesError as error:
            return _refused(error)
        user_id, now = current_user.user.id, context.clock()
        await save_rules(context.database, read, user_id=user_id, now=now)
        return JSONResponse({"rules": write_rules(read)})

    @routes.post("/tier-rules/preview")
    async def preview(request: Request, _: RequireManageSegments, rules: _Rules) -> Response:
        """Return how many customers these rules would raise, and how many keep a higher tier."""
        check_json(request)
        try:
            changes = await _changes(context, read_rules(rules))
        except TierRulesError as error:
            return _refused(error)
        return JSONResponse(
            {
                "customers": changes.customers,
                "raised": dict(changes.raised),
                "kept": dict(changes.kept),
            }
        )

    return routes


def _refused(error: TierRulesError) -> Response:
    more = {"problem": error.problem, "field": error.field, "value": error.value}
    details = [{"field": error.field, "problem": error.remedy}]
    sentence = "The rules are refused; field, value and errors name the place and the remedy."
    return problem_response(422, "bad_tier_rules", sentence, details, more=more)


async def _changes(context: WebContext, rules: Sequence[TierRule]) -> TierChanges:
    found = None
    if context.tier_preview is not None:
        found = await context.tier_preview(rules, context.today())
    if found is None:
        raise HTTPException(503, "tiers_not_counted")
    return found


def _row_of(rule: TierRule) -> Row:
    return {
        "tier": rule.tier.value,
        "trips": str(rule.trips or ""),
        "spend": str(rule.spend or ""),
        "currency": rule.currency,
        "within_months": str(rule.within_months or ""),
    }


def _rows(form: Mapping[str, str]) -> list[Row]:
    """Return the rows that were typed; those without a tier are left out."""
    names = ("tier", "trips", "spend", "currency", "within_months")
    rows = [
        {name: form.get(f"{name}.{number}", "").strip() for name in names}
        for number in range(MOST_RULES + _BLANK_ROWS)
    ]
    return [row for row in rows if row["tier"] or row["trips"] or row["spend"]]


def _plain(row: Row) -> dict[str, object]:
    spend = _number(row["spend"])
    return {
        "tier": row["tier"],
        "trips": _number(row["trips"]),
        "spend": spend,
        # The list of currencies of a row without a sum has some choice, too.
        "currency": row["currency"] if spend else "",
        "within_months": _number(row["within_months"]),
    }


def _number(text: str) -> int | str:
    """Return a number in any digits, 0 for an empty text, other text as it is."""
    plain = fold(text).translate(_GROUPING)
    return int(plain or "0") if (plain or "0").isdecimal() and len(plain) <= 20 else text


async def _page(
    context: WebContext,
    request: Request,
    rows: Sequence[Row],
    *,
    problem: TierRulesError | None = None,
    changes: TierChanges | None = None,
) -> Response:
    wrong = None
    if problem is not None and problem.field.startswith("rules["):
        wrong = int(problem.field[len("rules[") :].partition("]")[0])
    order = {tier.value: place for place, tier in enumerate(Tier)}
    data: View = {
        "rows": [*rows, *[{}] * (_BLANK_ROWS if len(rows) < MOST_RULES else 0)],
        "problem": problem,
        "wrong": wrong,
        "wrong_field": problem.field.rpartition(".")[2] if problem else "",
        "changes": changes,
        "raised": sorted(changes.raised.items(), key=lambda one: order[one[0]]) if changes else [],
        "kept": sorted(changes.kept.items(), key=lambda one: order[one[0]]) if changes else [],
        "tiers": EARNED_TIERS,
        "currencies": CURRENCIES,
        "versions": await list_versions(context.database),
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "value_tiers.html", "customers", data, status=status)
