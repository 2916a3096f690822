"""Figures for Prometheus: a registry of parts that are read at each request, and what the pages
count themselves.

Names follow https://prometheus.io/docs/practices/naming/: seconds, ``_total`` for counters.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from typing_extensions import override

from screenpop.common.histogram import Histogram
from screenpop.web.websocket.endpoint import WebSocketEndpoint

ReadMetrics = Callable[[], Iterable[Metric]]
"""Returns the figures of one part of the program as they are now."""


class _Part(Collector):
    def __init__(self, read: ReadMetrics) -> None:
        self._read = read

    @override
    def collect(self) -> Iterable[Metric]:
        return self._read()


def metrics_registry(*parts: ReadMetrics) -> CollectorRegistry:
    """Return a registry of these parts and of the process itself (CPU, memory, open files)."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for part in parts:
        add_part(registry, part)
    return registry


def add_part(registry: CollectorRegistry, part: ReadMetrics) -> None:
    registry.register(_Part(part))


def gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"screenpop_{name}", help_text, value)


def counter(name: str, help_text: str, value: float) -> Metric:
    """``name`` without ``_total``, which is added."""
    return CounterMetricFamily(f"screenpop_{name}", help_text, value)


def labelled_gauge(
    name: str, help_text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> Metric:
    family = GaugeMetricFamily(f"screenpop_{name}", help_text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def labelled_counter(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    """``name`` without ``_total``, which is added."""
    family = CounterMetricFamily(f"screenpop_{name}", help_text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


def histogram(name: str, help_text: str, values: Histogram) -> Metric:
    family = HistogramMetricFamily(f"screenpop_{name}", help_text)
    family.add_metric((), *_buckets(values))
    return family


def labelled_histogram(
    name: str, help_text: str, label: str, values: Mapping[str, Histogram]
) -> Metric:
    family = HistogramMetricFamily(f"screenpop_{name}", help_text, labels=(label,))
    for key, one in values.items():
        family.add_metric((key,), *_buckets(one))
    return family


def _buckets(values: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Return the cumulated buckets as Prometheus has them, and the sum of all values."""
    found, below = [], 0
    for edge, count in zip((*map(str, values.edges), "+Inf"), values.counts, strict=True):
        below += count
        found.append((edge, float(below)))
    return found, values.total


def socket_metrics(endpoint: WebSocketEndpoint) -> Iterator[Metric]:
    """Return the figures of the browsers' connections."""
    yield gauge("browsers", "Pages that are connected.", endpoint.count)
    yield counter("browsers_connected", "Pages that have connected.", endpoint.opened)
    yield labelled_counter(
        "browsers_closed",
        "Connections that Screenpop closed, by reason; slow: the page did not read.",
        "reason",
        {reason: float(count) for reason, count in endpoint.closed.items()},
    )
