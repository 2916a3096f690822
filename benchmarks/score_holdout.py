"""Backtests the candidates on public histories and on invented ones: ``make score-holdout``.

The public histories are purchases of CDNOW's customers from January 1997 to June 1998, from the
package ``lifetimes``. The invented ones come from ``benchmarks.seasonal_travellers``.
"""

import sys
import time
from collections import defaultdict
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from benchmarks.seasonal_travellers import draw_travellers
from screenpop.likelihood.backtest import backtest, fit_all
from screenpop.likelihood.hazard import COLUMNS
from screenpop.likelihood.histories import Histories, TripFacts, build_histories

_SEED = 20260226
_TODAY = date(2026, 2, 26)
_INVENTED = 20_000


def public_histories() -> tuple[Histories, date]:
    """Return all 23,570 customers of CDNOW and the last day of the data."""
    found = find_spec("lifetimes")
    if found is None or found.origin is None:
        sys.exit("The package lifetimes is not installed; run make setup.")
    lines = (Path(found.origin).parent / "datasets" / "CDNOW_master.txt").read_text().splitlines()
    bought: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for line in lines[1:]:
        customer, day, _, amount = line.split()
        when = date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal()
        bought[customer][when] += float(amount)
    usual = 35.0
    people: list[tuple[list[TripFacts], list[int]]] = [
        ([TripFacts(day, 1, amount / usual) for day, amount in days.items()], [])
        for days in bought.values()
    ]
    last = max(max(days) for days in bought.values())
    return build_histories(people), date.fromordinal(last)


def print_backtest(title: str, histories: Histories, today: date) -> None:
    began = time.perf_counter()
    result = backtest(histories, today.toordinal())
    took = time.perf_counter() - began
    print(f"\n{title}: {histories.size:,} customers, {len(histories.day):,} days; {took:.1f} s")
    if not result.dates:
        print("  the past is too short")
        return
    days = ", ".join(date.fromordinal(day).isoformat() for day in result.dates)
    print(f"  dates: {days}")
    print(f"  {result.came:.1%} came back within {result.horizon} days")
    print("  candidate   Brier    better than the average by (95 %)     change")
    for one in result.scores:
        if one.brier is None:
            print(f"  {one.model:<10}  not fitted: {one.problem}")
        elif one.better is None or one.low is None or one.high is None:
            print(f"  {one.model:<10}  {one.brier:.4f}")
        else:
            print(
                f"  {one.model:<10}  {one.brier:.4f}   {one.better:+.4f}"
                f" ({one.low:+.4f} to {one.high:+.4f})      {one.gain:+.1%}"
            )
    print(f"  speaks: {result.best or 'none, the rhythm is shown'}")
    for one in result.scores:
        if one.model is result.best:
            for part in one.bins:
                print(
                    f"    chance {part.mean_chance:5.1%}: {part.came:5.1%} came"
                    f" ({part.low:.1%} to {part.high:.1%}), {part.customers:,}"
                )
    fitted = fit_all(histories, today.toordinal())
    if fitted is not None and fitted.bg_nbd is not None:
        one_fit = fitted.bg_nbd
        print(
            f"  BG/NBD in days: r={one_fit.r:.3f} alpha={one_fit.alpha:.2f}"
            f" a={one_fit.a:.3f} b={one_fit.b:.3f} LL={one_fit.log_likelihood:.1f}"
        )
    if fitted is not None and fitted.hazard is not None:
        pairs = zip(COLUMNS, fitted.hazard.coefficients, strict=True)
        print("  hazard: " + " ".join(f"{name}={value:+.2f}" for name, value in pairs))


def main() -> None:
    print_backtest("Public: purchases of CDNOW's customers", *public_histories())
    histories = draw_travellers(_INVENTED, _TODAY.toordinal(), _SEED)
    print_backtest(f"Invented: seasonal travellers, seed {_SEED}", histories, _TODAY)


if __name__ == "__main__":
    main()
