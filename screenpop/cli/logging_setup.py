"""Sets up the log: readable text on a terminal, otherwise one JSON object per line."""

import logging
import sys

import structlog
from structlog.types import Processor

from screenpop.cli.log_cleaning import OwnOrWarning, clean_record

_QUIET = ("uvicorn.access", "aiosqlite", "alembic", "asyncio")
"""Libraries whose records cost much; those of others below a warning are dropped later."""


_IDS = ("pbx", "call")
"""What ``extra`` of ``logging`` adds to a record."""


def configure_logging(level: str, shape: str) -> None:
    """Send all log records, also those of libraries, to standard error.

    ``level``: ``debug``, ``info``, ``warning`` or ``error``.
    ``shape``: ``auto``, ``human`` or ``json``.
    """
    is_human = shape == "human" or (shape == "auto" and sys.stderr.isatty())
    shared = _shared(is_human=is_human)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(log_formatter(is_human=is_human, has_colors=sys.stderr.isatty()))
    handler.addFilter(OwnOrWarning())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # The app logs its own sentence when a link breaks.
    logging.getLogger("screenpop.ami.client").setLevel(logging.ERROR)
    # uvicorn logs its start and stop; our own line includes the address.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def log_formatter(*, is_human: bool, has_colors: bool = False) -> logging.Formatter:
    """Return how a record becomes text: lines for people, or one JSON object."""
    last: Processor = structlog.processors.JSONRenderer()
    if is_human:
        last = structlog.dev.ConsoleRenderer(colors=has_colors)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(is_human=is_human),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            clean_record,
            last,
        ],
    )


def _shared(*, is_human: bool) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(_IDS),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_human else "iso", utc=not is_human),
    ]
