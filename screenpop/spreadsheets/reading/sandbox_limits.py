"""Resource limits of the process that opens untrusted files."""

import resource

MEMORY = 1536 * 1024 * 1024
"""Bytes of address space."""
OPENING_S = 20
"""Seconds of CPU until the first row."""
READING_S = 900
"""Seconds of CPU in total."""
_FILES = 64


def apply_sandbox_limits() -> None:
    """Allow little memory, a few seconds of CPU, no file to write, no other process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (OPENING_S, READING_S))


def end_opening_limit() -> None:
    """Raise the CPU limit once the file is open: long reading then means many rows, not a trap."""
    resource.setrlimit(resource.RLIMIT_CPU, (READING_S, READING_S))
