"""Customers drawn from the BG/NBD model, to compare estimates with the values they come from."""

import numpy as np

from screenpop.likelihood.bg_nbd import PurchaseTable


def draw_purchases(
    r: float, alpha: float, a: float, b: float, *, customers: int, age: float, seed: int
) -> tuple[PurchaseTable, np.ndarray]:
    """Return a table until ``age``, and whether each customer buys in the time ``age`` after it."""
    random = np.random.default_rng(seed)
    rates = random.gamma(r, 1 / alpha, customers)
    chances = random.beta(a, b, customers)
    frequency, recency = np.zeros(customers), np.zeros(customers)
    ages = random.uniform(age / 2, age, customers)
    later = np.zeros(customers, dtype=bool)
    for place in range(customers):
        at = 0.0
        while True:
            at += random.exponential(1 / rates[place]) if rates[place] > 0 else np.inf
            if at > ages[place]:
                later[place] = at <= ages[place] + age
                break
            frequency[place] += 1
            recency[place] = at
            if random.random() < chances[place]:
                break
    return PurchaseTable(frequency, recency, ages), later
