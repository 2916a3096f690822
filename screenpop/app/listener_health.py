"""``/healthz``, ``/readyz`` and ``/metrics`` of a listener, active or waiting."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from screenpop.app.health_site import serving_health
from screenpop.app.live_calls import LiveCalls
from screenpop.bus.redis_publisher import RedisPublisher
from screenpop.settings import Settings
from screenpop.store.engine.database import Database
from screenpop.store.engine.health_check import FitnessCheck
from screenpop.telephony.identifiers import PbxId
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.current_user import UserResolver
from screenpop.web.health import health_routes
from screenpop.web.metric_families import add_part, gauge


class ListenerHealth:
    """The state of one listener process; it is active between ``active`` and its end."""

    def __init__(self) -> None:
        self._figures: CollectorRegistry | None = None
        self._publisher: RedisPublisher | None = None
        self._calls: LiveCalls | None = None
        self._epoch = 0

    @contextmanager
    def active(
        self,
        figures: CollectorRegistry,
        calls: LiveCalls,
        publisher: RedisPublisher,
        epoch: int,
    ) -> Iterator[None]:
        """Show these figures and links, and the lease's epoch, until the block is left."""
        self._figures, self._calls, self._publisher = figures, calls, publisher
        self._epoch = epoch
        try:
            yield
        finally:
            self._figures = self._calls = self._publisher = None
            self._epoch = 0

    def metrics(self) -> Iterable[Metric]:
        """Return the figures of the active listener; of a waiting one that it waits."""
        is_active = self._figures is not None
        yield gauge("listener_active", "1 in the process that owns the calls.", is_active)
        yield gauge(
            "listener_epoch",
            "The number of its lease, higher with each holder; 0: it waits.",
            self._epoch,
        )
        if self._figures is not None:
            yield from self._figures.collect()

    def link_states(self) -> Mapping[PbxId, str]:
        """Return the links of the active listener; none while it waits."""
        return {} if self._calls is None else self._calls.link_states()

    @asynccontextmanager
    async def serving(
        self, settings: Settings, database: Database, token: str, port: int
    ) -> AsyncIterator[str]:
        """Serve until the block is left; yield the URL. Raises ``ListeningError``."""
        registry = CollectorRegistry()
        add_part(registry, self.metrics)
        fitness = FitnessCheck(database)

        async def check() -> Mapping[str, str]:
            reasons = await fitness.problems()
            if self._publisher is not None and not self._publisher.is_connected:
                reasons["bus_unreachable"] = "Redis does not answer."
            return reasons

        resolver = UserResolver(database, Cookies(https=False), token, time.time)
        routes = health_routes(check, self.link_states, registry, resolver)
        async with serving_health(settings, routes, port) as url:
            yield url
