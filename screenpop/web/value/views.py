"""Values and runs as the pages and the JSON API show them."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from screenpop.accounts.departments import Section
from screenpop.customers.models import CustomerId
from screenpop.loyalty.value import CustomerValue, ValueRun
from screenpop.store.engine.database import Database
from screenpop.store.value.queries import load_value
from screenpop.store.value.rows import card_view
from screenpop.web.calls.views import View

CHART_SIZE = 300
"""Width and height of the picture of reliability, without its margins, in units of its own."""
_LARGEST_DOT, _SMALLEST_DOT = 9.0, 3.0


def value_view(value: CustomerValue, sections: Collection[Section]) -> View:
    """Return a customer's value without what the department may not see."""
    view: View = {
        **card_view(value),
        "scored_on": value.scored_on.isoformat(),
        "trips": value.trips,
        "first_trip": _iso(value.first_trip),
        "last_trip": _iso(value.last_trip),
        "earned_tier": value.earned_tier.value,
        "percent": value.chance,
        "reasons": [{"code": one.code, "raises": one.raises} for one in value.reasons],
    }
    if Section.PRICES in sections:
        view |= {"spend": value.spend, "currency": value.currency, "percentile": value.percentile}
    return view


async def customer_value_view(
    database: Database, customer_id: CustomerId, sections: Collection[Section]
) -> View | None:
    """Return the value for the customer's page; None before the first run or without trips."""
    if Section.TRIPS not in sections:
        return None
    value = await load_value(database, customer_id)
    return None if value is None else value_view(value, sections)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def run_view(run: ValueRun) -> View:
    """Return a run with its backtest; ``dates`` as ISO days."""
    report: Mapping[str, Any] = run.report
    scores = [dict(one) for one in report["scores"]]
    used = next((one for one in scores if one["model"] == report["best"]), None)
    shown = used or next((one for one in scores if one["bins"]), None)
    return {
        "at": run.at,
        "day": run.day.isoformat(),
        "took_s": run.took_s,
        "customers": run.customers,
        "horizon": report["horizon"],
        "dates": [date.fromordinal(day).isoformat() for day in report["dates"]],
        "pairs": report["customers"],
        "came": report["came"],
        "scores": scores,
        "best": report["best"],
        "chart": [] if used is None else chart_dots(used["bins"]),
        "bins": [] if shown is None else shown["bins"],
        "parameters": parameters_view(report.get("parameters")),
    }


def chart_dots(bins: Collection[Mapping[str, Any]]) -> list[View]:
    """Return a dot a bin with its interval, in the chart's units; y grows downwards."""
    most = max((one["customers"] for one in bins), default=1)
    return [
        {
            "x": round(one["mean_chance"] * CHART_SIZE, 1),
            "y": round((1 - one["came"]) * CHART_SIZE, 1),
            "top": round((1 - one["high"]) * CHART_SIZE, 1),
            "bottom": round((1 - one["low"]) * CHART_SIZE, 1),
            "r": round(
                _SMALLEST_DOT + (_LARGEST_DOT - _SMALLEST_DOT) * (one["customers"] / most) ** 0.5,
                1,
            ),
        }
        for one in bins
    ]


def parameters_view(fitted: Mapping[str, Any] | None) -> list[View]:
    """Return the parameters of each candidate that was fitted, as names and numbers."""
    if fitted is None:
        return []
    found: list[View] = [{"model": "average", "values": [("share", fitted["average"])]}]
    if fitted["bg_nbd"] is not None:
        values = [(name, fitted["bg_nbd"][name]) for name in ("r", "alpha", "a", "b")]
        values.append(("log-likelihood", fitted["bg_nbd"]["log_likelihood"]))
        found.append({"model": "bg_nbd", "values": values})
    if fitted["hazard"] is not None:
        hazard = fitted["hazard"]
        names = fitted.get("columns") or [str(n) for n in range(len(hazard["coefficients"]))]
        values = [("intercept", hazard["intercept"])]
        values += list(zip(names, hazard["coefficients"], strict=True))
        values.append(("log-likelihood", hazard["log_likelihood"]))
        found.append({"model": "hazard", "values": values})
    return found
