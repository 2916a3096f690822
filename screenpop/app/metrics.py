"""Figures for Prometheus of the parts that follow calls; each function reads one part.

A process registers those of the parts that it has with ``metrics_registry``. What each
figure means is in ``docs/operations.md``.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from screenpop import __version__
from screenpop.agi.server import AgiTally
from screenpop.ami.client import AmiClient, LinkCounters
from screenpop.ami.link_state import LinkState
from screenpop.app.import_jobs.job import ImportResult
from screenpop.app.import_jobs.service import ImportJobService
from screenpop.app.pbx_links import PbxLinks
from screenpop.app.running_app import App
from screenpop.app.webhook_sender import WebhookSender
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.runner_counters import CardOutcome
from screenpop.store.calls.writer import CallLogStatus
from screenpop.store.engine.database import Database
from screenpop.store.engine.migrate import newest_revision
from screenpop.web.metric_families import (
    counter,
    gauge,
    histogram,
    labelled_counter,
    labelled_gauge,
    labelled_histogram,
    metrics_registry,
)


def owner_metrics(app: App) -> CollectorRegistry:
    """Return the registry of the process that owns the calls; pages add their own part."""
    return metrics_registry(
        partial(build_metrics, app.database),
        partial(call_metrics, app.screen_pop),
        partial(link_metrics, app.links),
        partial(call_log_metrics, lambda: app.database.log.state, time.time),
        partial(webhook_metrics, app.webhooks, time.time),
        lambda: agi_metrics(app.agi_tally),
        lambda: task_metrics(app.last_successes()),
        partial(disk_metrics, app.settings.data_dir),
    )


def build_metrics(database: Database) -> Iterator[Metric]:
    """Return one figure whose labels have the version, the schema and the kind of database."""
    labels = (__version__, newest_revision(), database.kind)
    yield labelled_gauge(
        "build_info",
        "Always 1; the labels have the version.",
        ("version", "schema", "database"),
        {labels: 1.0},
    )


def call_metrics(runner: ScreenPopRunner) -> Iterator[Metric]:
    """Return the figures of calls, cards and lookups."""
    tally = runner.tally
    yield gauge("calls_live", "Calls that are going on.", runner.calls)
    yield gauge("work_waiting", "Events and receipts that wait to be handled.", runner.backlog)
    yield counter("ami_messages", "AMI events taken in.", tally.messages)
    yield histogram(
        "ami_lag_seconds", "From the arrival of AMI events to their handling.", tally.lag
    )
    yield labelled_histogram(
        "lookup_duration_seconds",
        "Lookups of callers, by outcome.",
        "outcome",
        {outcome.value: values for outcome, values in tally.lookups.items()},
    )
    yield counter("cards_published", "Cards published, each revision counted.", tally.cards)
    yield labelled_counter(
        "cards",
        "Cards of phones that rang, by what became of them, counted when the call ends.",
        "outcome",
        {outcome.value: float(tally.card_outcomes[outcome]) for outcome in CardOutcome},
    )
    yield histogram(
        "ring_to_painted_seconds",
        "From the ring of the agent's phone to the card on the screen.",
        tally.painted,
    )
    yield counter("calls_kept", "Calls given to the call log.", tally.calls_kept)
    yield counter("failures", "Mistakes of ours that cost one change or card.", tally.failures)


def link_metrics(links: PbxLinks) -> Iterator[Metric]:
    """Return the figures of the links; their names are those of the settings, so few."""
    names = [(str(link.address.pbx), link) for link in links.all]
    yield labelled_gauge(
        "pbx_live",
        "1 while the link is live.",
        ("pbx",),
        {(name,): float(link.state is LinkState.LIVE) for name, link in names},
    )
    yield labelled_gauge(
        "pbx_link_state",
        "1 for the state that the link is in.",
        ("pbx", "state"),
        {
            (name, state.value): float(link.state is state)
            for name, link in names
            for state in LinkState
        },
    )
    for figure, help_text, read in _LINK_COUNTS:
        yield labelled_counter(figure, help_text, "pbx", _counts(names, read))
    yield counter(
        "calls_lost_sight_of",
        "Calls closed because too many were live at once.",
        links.lost_sight_of,
    )


_LINK_COUNTS: tuple[tuple[str, str, Callable[[LinkCounters], int]], ...] = (
    ("pbx_connection_attempts", "Attempts to connect to the PBX.", lambda c: c.connections),
    ("pbx_messages_read", "AMI messages of the PBX that were used.", lambda c: c.kept),
    ("pbx_messages_malformed", "AMI messages that could not be read.", lambda c: c.malformed),
    ("pbx_messages_lost", "AMI messages dropped: we were too slow.", lambda c: c.lost),
)


def _counts(
    links: list[tuple[str, AmiClient]], read: Callable[[LinkCounters], int]
) -> dict[str, float]:
    return {name: float(read(link.counters())) for name, link in links}


def call_log_metrics(
    read: Callable[[], CallLogStatus], clock: Callable[[], float]
) -> Iterator[Metric]:
    """Return the figures of the queue that writes calls and notes into the database."""
    status = read()
    age_s = 0.0 if status.oldest_at is None else max(clock() - status.oldest_at, 0.0)
    yield gauge("call_log_waiting", "Calls and notes not yet written.", status.waiting)
    yield gauge("call_log_oldest_seconds", "How long the oldest of them has waited.", age_s)
    yield gauge(
        "call_log_failing", "1 while nothing can be written.", status.failing_since is not None
    )
    yield counter("call_log_written", "Calls and notes written.", status.written)
    yield counter(
        "call_log_refused", "Calls and notes not kept: the queue was full.", status.refused_full
    )
    yield counter(
        "call_log_set_aside", "Calls and notes that the database refused.", status.set_aside
    )


def webhook_metrics(sender: WebhookSender, clock: Callable[[], float]) -> Iterator[Metric]:
    """Return the figures of events for other programs."""
    queue = sender.queue
    age_s = 0.0 if queue.oldest_at is None else max(clock() - queue.oldest_at, 0.0)
    yield gauge("webhooks_waiting", "Events that wait for their target.", queue.waiting)
    yield gauge("webhooks_oldest_seconds", "How long the oldest of them has waited.", age_s)
    yield counter("webhooks_delivered", "Events that their target accepted.", sender.delivered)
    yield counter("webhooks_failed", "Attempts that a target did not accept.", sender.failed)


def agi_metrics(tally: AgiTally | None) -> Iterator[Metric]:
    """Return the figures of FastAGI; none while it is off."""
    if tally is None:
        return
    yield counter("agi_answered", "Questions of a dialplan that were answered.", tally.answered)
    yield counter("agi_refused", "Questions of a dialplan that were refused.", tally.refused)
    yield counter("agi_late", "Questions of a dialplan ended by the time limit.", tally.late)


def task_metrics(last_success: Mapping[str, float]) -> Iterator[Metric]:
    """Return when each regular task last succeeded, in seconds since 1970; 0: not yet."""
    yield labelled_gauge(
        "task_last_success_timestamp_seconds",
        "When the task last succeeded; 0: not since the start (backup: never).",
        ("task",),
        {(task,): at for task, at in last_success.items()},
    )


def import_metrics(imports: ImportJobService) -> Iterator[Metric]:
    """Return the figures of the imports that began in this process."""
    yield gauge("imports_running", "Imports, trials and undoings at work.", imports.running)
    yield labelled_counter(
        "imports",
        "Imports, trials and undoings that ended, by result.",
        "result",
        {result.value: float(imports.results[result]) for result in ImportResult},
    )


def disk_metrics(folder: Path) -> Iterator[Metric]:
    """Return the space of the disk that holds the data folder."""
    disk = os.statvfs(folder)
    yield gauge("disk_size_bytes", "Size of the disk.", disk.f_blocks * disk.f_frsize)
    yield gauge("disk_free_bytes", "Space that can be written.", disk.f_bavail * disk.f_frsize)
