"""Figures for Prometheus, read from the components at each request."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from screenpop.ami.link_state import LinkState
from screenpop.app.pbx_links import PbxLinks
from screenpop.service.runner import ScreenPopRunner
from screenpop.store.calls.writer import CallLogWriter

MoreCounts = Callable[[], Iterable[tuple[str, str, int]]]


def metrics_of(
    screen_pop: ScreenPopRunner,
    links: PbxLinks,
    log: CallLogWriter,
    browsers: Callable[[], int],
    more: MoreCounts = tuple,
) -> CollectorRegistry:
    """Return the registry; ``more``: further counters as name, help and value."""
    registry = CollectorRegistry()
    registry.register(_Rooms(screen_pop, links, log, browsers, more))
    return registry


class _Rooms(Collector):
    def __init__(
        self,
        screen_pop: ScreenPopRunner,
        links: PbxLinks,
        log: CallLogWriter,
        browsers: Callable[[], int],
        more: MoreCounts,
    ) -> None:
        self._screen_pop = screen_pop
        self._links = links
        self._log = log
        self._browsers = browsers
        self._more = more

    @override
    def collect(self) -> Iterator[Metric]:
        tally, log = self._screen_pop.tally, self._log.state
        for name, help_text, value in (
            ("calls_live", "Calls that are going on.", self._screen_pop.calls),
            ("browsers", "Pages that are connected.", self._browsers()),
            ("work_waiting", "What waits for the task of the calls.", self._screen_pop.backlog),
            ("call_log_waiting", "Calls and notes not yet written.", log.waiting),
        ):
            yield GaugeMetricFamily(f"screenpop_{name}", help_text, value)
        for name, help_text, value in (
            ("ami_messages", "AMI events taken in.", tally.messages),
            ("cards", "Cards published, each revision counted.", tally.cards),
            ("lookups", "Numbers looked up.", tally.lookups),
            ("lookups_failed", "Lookups that failed or took too long.", tally.lookups_failed),
            ("calls_kept", "Records given to the call log.", tally.calls_kept),
            ("failures", "Mistakes of ours that cost one change or card.", tally.failures),
            (
                "calls_lost_sight_of",
                "Calls closed because too many were live at once.",
                self._links.lost_sight_of,
            ),
            ("call_log_refused", "Calls and notes not kept: the log was full.", log.refused_full),
            *self._more(),
        ):
            yield CounterMetricFamily(f"screenpop_{name}", help_text, value)
        live = GaugeMetricFamily("screenpop_pbx_live", "1 while its link is live.", labels=["pbx"])
        for link in self._links.all:
            live.add_metric([link.address.pbx], float(link.state is LinkState.LIVE))
        yield live
