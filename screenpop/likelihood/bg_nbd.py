"""The BG/NBD model of repeat purchases, fitted by maximum likelihood.

Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD
Model, Marketing Science 24(2), 275-284; equation (6) is the likelihood of one customer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

Floats = NDArray[np.float64]
_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.3, 0.8, 2.5), (3.0, 3.0, 0.3, 3.0))
"""Values of r, alpha (as share of the mean T), a and b from which the search begins."""
_LARGEST = 15.0
"""Largest absolute logarithm of a parameter; an estimate beyond it means there is no maximum."""
_FLAT = 1e-4
"""Largest slope of the mean log-likelihood, per unit of a parameter's logarithm, at a maximum."""
MIN_REPEATERS = 2


class FitError(ValueError):
    """The table has no maximum of the likelihood; the message has the reason and a remedy."""


@dataclass(frozen=True, slots=True)
class PurchaseTable:
    """One entry a customer, as in the paper; times in one unit, from the first purchase on."""

    frequency: Floats
    """Repeat purchases, whole numbers: the first purchase is not counted."""
    recency: Floats
    """Time of the last repeat purchase; 0 without one."""
    age: Floats
    """Time until the end of the observation (T)."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Estimates. Rates vary as Gamma(r, alpha), chances to leave as Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int

    def chance_of_purchase(self, table: PurchaseTable, horizon: float) -> Floats:
        """Return each customer's chance of at least one purchase in the next ``horizon``."""
        x, recency, age = table.frequency, table.recency, table.age
        late = np.log(self.alpha + age)
        leaving = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        leaving += (self.r + x) * (late - np.log(self.alpha + recency))
        active = np.where(x > 0, 1 / (1 + np.exp(np.minimum(leaving, 700.0))), 1.0)
        none = (self.r + x) * (late - np.log(self.alpha + age + horizon))
        return np.asarray(active * -np.expm1(none), dtype=np.float64)


def fit_bg_nbd(table: PurchaseTable, *, with_limits: bool = False) -> BgNbd:
    """Return the maximum likelihood estimates. Raises ``FitError`` where there is no maximum.

    ``with_limits``: accept a likelihood that grows towards a limit, such as equal rates of all
    customers (r and alpha grow without end), and return parameters near it.
    """
    customers, purchases = len(table.frequency), float(table.frequency.sum())
    if int((table.frequency > 0).sum()) < MIN_REPEATERS:
        raise FitError(
            f"{customers} customers, but fewer than {MIN_REPEATERS} of them came back;"
            " use a longer time or more customers"
        )
    scale = float(table.age.mean())
    scaled = PurchaseTable(table.frequency, table.recency / scale, table.age / scale)
    limits = [(-_LARGEST, _LARGEST)] * 4
    # Towards a limit the likelihood grows by less and less, and chances no longer change.
    options = {"maxiter": 150, "ftol": 1e-8} if with_limits else {"maxiter": 1000, "ftol": 1e-13}
    found = [
        minimize(
            *(_mean_loss, np.log(start), (scaled,)),
            jac=True,
            method="L-BFGS-B",
            bounds=limits,
            options={**options, "gtol": 1e-8},
        )
        for start in _STARTS
    ]
    best = min(found, key=lambda one: float(one.fun))
    loss, slope = _mean_loss(best.x, scaled)
    is_inside = bool(np.all(np.abs(best.x) < _LARGEST - 0.1))
    is_maximum = is_inside and bool(np.abs(slope).max() < _FLAT)
    if not (np.isfinite(loss) and (is_maximum or with_limits)):
        raise FitError(
            f"the likelihood of these {customers} customers has no maximum: the search ended at"
            f" {_parameters(best.x, scale)}; their purchases do not follow this model,"
            " or there are too few of them"
        )
    r, alpha, a, b = (float(one) for one in np.exp(best.x))
    total = -loss * customers - purchases * float(np.log(scale))
    return BgNbd(r, alpha * scale, a, b, total, customers)


def _parameters(logarithms: Floats, scale: float) -> str:
    r, alpha, a, b = np.exp(logarithms)
    return f"r={r:.3g}, alpha={alpha * scale:.3g}, a={a:.3g}, b={b:.3g}"


def _mean_loss(logarithms: Floats, table: PurchaseTable) -> tuple[float, Floats]:
    """Return the negative mean log-likelihood and its slope by the logarithms of r, alpha, a, b."""
    r, alpha, a, b = np.exp(logarithms)
    x = table.frequency
    came_back = x > 0
    late, early = np.log(alpha + table.age), np.log(alpha + table.recency)
    last = b + np.maximum(x, 1) - 1
    staying = -(r + x) * late
    left = np.where(came_back, np.log(a) - np.log(last) - (r + x) * early, -np.inf)
    either = np.logaddexp(staying, left)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + either
    value += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stays, leaves = np.exp(staying - either), np.exp(left - either)
    both = digamma(a + b) - digamma(a + b + x)
    by_r = digamma(r + x) - digamma(r) + np.log(alpha) - stays * late - leaves * early
    by_alpha = r / alpha - (r + x) * (
        stays / (alpha + table.age) + leaves / (alpha + table.recency)
    )
    by_a = both + leaves / a
    by_b = both + digamma(b + x) - digamma(b) - leaves / last
    slope = np.array([r * by_r.mean(), alpha * by_alpha.mean(), a * by_a.mean(), b * by_b.mean()])
    return -float(value.mean()), -slope
