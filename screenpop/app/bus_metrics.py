"""Figures for Prometheus of the two sides of the bus; ``docs/operations.md`` has their meaning."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from screenpop.bus.redis_publisher import RedisPublisher
from screenpop.bus.redis_requests import RequestReceiver, RequestSender
from screenpop.bus.redis_streams import RedisStreams
from screenpop.web.metric_families import counter, gauge, labelled_counter


def web_bus_metrics(streams: RedisStreams, sender: RequestSender) -> Iterator[Metric]:
    """Return the figures of a web process's side."""
    yield gauge("bus_live", "1 while beats of the listener arrive.", streams.is_live)
    yield gauge("bus_connected", "1 while Redis answers.", streams.is_connected)
    yield counter(
        "bus_requests_dropped", "Requests dropped: too many waited for the bus.", sender.dropped
    )
    yield _unreadable({"stream": streams.skipped, "answer": sender.skipped})


def listener_bus_metrics(publisher: RedisPublisher, receiver: RequestReceiver) -> Iterator[Metric]:
    """Return the figures of the active listener's side."""
    yield gauge("bus_waiting", "Objects not yet written to Redis.", publisher.backlog)
    yield gauge("bus_connected", "1 while Redis answers.", publisher.is_connected)
    yield counter(
        "bus_requests_outdated",
        "Requests of web processes not carried out: they were too old when they were read.",
        receiver.outdated,
    )
    yield _unreadable({"presence": publisher.skipped, "request": receiver.skipped})


def _unreadable(skipped: dict[str, int]) -> Metric:
    return labelled_counter(
        "bus_unreadable",
        "Messages and values of Redis that could not be read, by what they should have been.",
        "what",
        {what: float(count) for what, count in skipped.items()},
    )
