import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from screenpop.cli import cli
from screenpop.likelihood.bg_nbd import BgNbd, FitError, PurchaseTable, fit_bg_nbd
from tests.likelihood.simulated import draw_purchases

PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
"""Fader, Hardie, Lee (2005), table 2: repeat purchases of 2,357 customers of CDNOW in 39 weeks."""


def cdnow() -> Path:
    """Return the file of the published data; the package is found without importing it."""
    found = find_spec("lifetimes")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "datasets" / "cdnow_customers_summary.csv"


def test_the_command_prints_the_published_estimates_for_the_published_data() -> None:
    done = CliRunner().invoke(cli, ["score", "--table", str(cdnow())])
    assert done.exit_code == 0, done.output
    printed = dict(line.split() for line in done.stdout.splitlines())
    for name, published in PUBLISHED.items():
        assert round(float(printed[name]), 3) == published
    assert round(float(printed["log-likelihood"]), 1) == -9582.4
    assert printed["customers"] == "2357"


def test_estimates_of_drawn_customers_are_near_the_values_they_were_drawn_from() -> None:
    table, later = draw_purchases(0.8, 10.0, 0.6, 3.0, customers=6_000, age=60.0, seed=4)
    found = fit_bg_nbd(table)
    assert found.r == pytest.approx(0.8, rel=0.12)
    assert found.alpha == pytest.approx(10.0, rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(0.6 / 3.6, rel=0.15)
    chance = found.chance_of_purchase(table, 60.0)
    # Three standard errors of a share of 6,000.
    assert chance.mean() == pytest.approx(later.mean(), abs=0.02)
    likeliest = chance >= np.quantile(chance, 0.8)
    assert chance[likeliest].mean() == pytest.approx(later[likeliest].mean(), abs=0.045)


@pytest.mark.parametrize("unit", [7.0, 1 / 52, 1e6])
def test_another_unit_of_time_changes_alpha_alone(unit: float) -> None:
    table, _ = draw_purchases(0.8, 10.0, 0.6, 3.0, customers=800, age=60.0, seed=5)
    one = fit_bg_nbd(table)
    other = fit_bg_nbd(PurchaseTable(table.frequency, table.recency * unit, table.age * unit))
    for name in ("r", "a", "b"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-3)
    assert other.alpha == pytest.approx(one.alpha * unit, rel=1e-3)
    shift = -table.frequency.sum() * math.log(unit)
    assert other.log_likelihood == pytest.approx(one.log_likelihood + shift, abs=1e-3)


def test_no_parameters_nearby_are_more_likely() -> None:
    table, _ = draw_purchases(1.5, 20.0, 1.0, 4.0, customers=500, age=80.0, seed=6)
    best = fit_bg_nbd(table)
    assert best.log_likelihood == pytest.approx(naive_log_likelihood(best, table), rel=1e-9)
    for name in PUBLISHED:
        for factor in (0.97, 1.03):
            near = {one: getattr(best, one) for one in PUBLISHED}
            near[name] *= factor
            other = BgNbd(**near, log_likelihood=0.0, customers=500)
            assert naive_log_likelihood(other, table) < best.log_likelihood


def naive_log_likelihood(model: BgNbd, table: PurchaseTable) -> float:
    """Return equation (6) of the paper, written with gamma functions one customer at a time."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    total = 0.0
    for x, recency, age in zip(table.frequency, table.recency, table.age, strict=True):
        beta = math.lgamma(a) + math.lgamma(b + x) - math.lgamma(a + b + x)
        stays = math.exp(beta) * (alpha + age) ** -(r + x)
        if x > 0:
            gone = math.lgamma(a + 1) + math.lgamma(b + x - 1) - math.lgamma(a + b + x)
            stays += math.exp(gone) * (alpha + recency) ** -(r + x)
        total += math.log(stays) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        total += math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
    return total


@pytest.mark.parametrize(
    ("frequency", "recency", "age"),
    [
        ([0.0] * 50, [0.0] * 50, [30.0] * 50),
        ([3.0] + [0.0] * 50, [20.0] + [0.0] * 50, [30.0] * 51),
        # As regular as clockwork: rates do not vary, so r and alpha grow without end.
        ([10.0] * 50, [30.0] * 50, [30.0] * 50),
    ],
)
def test_a_table_without_a_maximum_is_refused_with_a_reason(
    frequency: list[float], recency: list[float], age: list[float]
) -> None:
    table = PurchaseTable(np.array(frequency), np.array(recency), np.array(age))
    with pytest.raises(FitError, match=r"customers|maximum"):
        fit_bg_nbd(table)


def test_the_chance_is_between_0_and_1_and_grows_with_the_horizon() -> None:
    model = BgNbd(0.243, 4.414, 0.793, 2.426, 0.0, 2357)
    table = PurchaseTable(
        np.array([0.0, 1.0, 26.0, 400.0]), np.array([0.0, 2.0, 30.8, 1.0]), np.array([38.0] * 4)
    )
    before = np.zeros(4)
    for horizon in (0.001, 1.0, 13.0, 1e9):
        chance = model.chance_of_purchase(table, horizon)
        assert (chance >= before).all()
        assert (chance <= 1).all()
        before = chance
    assert before[3] < 1e-6  # 400 purchases in one week, then none in 37 weeks
