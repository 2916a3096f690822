"""Durations are counted by bucket, as Prometheus reads them."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.common.histogram import Histogram


def test_a_value_at_an_edge_is_in_its_bucket_and_one_above_it_in_the_next() -> None:
    times = Histogram((0.1, 0.5))
    for value in (0.0999, 0.1, 0.1001, 0.5, 0.5001, 7.0):
        times.observe(value)
    assert times.counts == [2, 2, 2]
    assert (times.count, round(times.total, 4)) == (6, 8.3001)


def test_a_negative_duration_counts_as_none() -> None:
    times = Histogram((0.1,))
    times.observe(-3.0)
    assert (times.counts, times.total) == ([1, 0], 0.0)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6)))
def test_each_value_is_in_one_bucket(values: list[float]) -> None:
    times = Histogram((0.001, 0.1, 10.0))
    for value in values:
        times.observe(value)
    assert times.count == len(values)
