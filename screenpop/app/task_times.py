"""When the regular tasks last succeeded, for the metrics."""

import time
from collections.abc import Callable
from pathlib import Path

LAST_BACKUP_FILE = "last-backup"
"""In the data folder; written by ``screenpop backup``, whose process is another one."""


class TaskTimes:
    """Seconds since 1970 by task; 0: not since the start. Tasks that are off are absent."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.last_success: dict[str, float] = {}

    def expect(self, task: str) -> Callable[[], None]:
        """Return what the task calls each time that it has succeeded."""
        self.last_success.setdefault(task, 0.0)

        def succeeded() -> None:
            self.last_success[task] = self._clock()

        return succeeded


def record_backup(data_dir: Path) -> None:
    """Write down that a backup was made now. Raises ``OSError``."""
    file = data_dir / LAST_BACKUP_FILE
    file.touch(mode=0o600)


def last_backup_at(data_dir: Path) -> float:
    """Return when the last backup was made, seconds since 1970; 0 if none is known."""
    try:
        return (data_dir / LAST_BACKUP_FILE).stat().st_mtime
    except OSError:
        return 0.0
