"""Sets up the log: readable text on a terminal, otherwise one JSON object per line."""

import logging
import sys

import structlog
from structlog.types import Processor

_QUIET = ("uvicorn.access", "aiosqlite", "alembic", "asyncio")


def configure_logging(level: str, shape: str) -> None:
    """Send all log records, also those of libraries, to standard error.

    ``level``: ``debug``, ``info``, ``warning`` or ``error``.
    ``shape``: ``auto``, ``human`` or ``json``.
    """
    human = shape == "human" or (shape == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
    ]
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if human
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # The app logs its own sentence when a link breaks.
    logging.getLogger("screenpop.ami.client").setLevel(logging.ERROR)
    # uvicorn logs its start and stop; our own line includes the address.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
