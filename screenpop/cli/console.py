"""Prints results to standard output, and errors as one sentence each to standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

PART_FAILED_STATUS = 70
"""The exit status when a part of a running server failed; ``SOFTWARE`` for systemd (sysexits.h)."""


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Print errors of the user or the machine, and exit with 1, or with ``PART_FAILED_STATUS``.

    Any other exception is a bug and keeps its traceback."""
    try:
        yield
    except Exception as problem:
        sentences = sentences_of(problem)
        if not sentences:
            raise
        for sentence in sentences:
            err.print(f"[red]✗[/red] {escape(sentence)}")
        raise typer.Exit(_status_of(problem)) from None


def _status_of(problem: Exception) -> int:
    from screenpop.app.background_tasks import PartFailedError

    return PART_FAILED_STATUS if isinstance(problem, PartFailedError) else 1


def print_done(sentence: str) -> None:
    out.print(f"[green]✓[/green] {escape(sentence)}")


def sentences_of(problem: Exception) -> tuple[str, ...]:
    """Return the sentences for an error of the user or the machine; empty for a bug."""
    from screenpop.accounts.token_scopes import UnknownScopeError
    from screenpop.app.background_tasks import PartFailedError
    from screenpop.app.data_dir import DataDirError
    from screenpop.app.office_certificate import CertificateFolderError
    from screenpop.bus.redis_connection import BusUnreachableError
    from screenpop.certificates.issue import CertificateFileError
    from screenpop.certificates.names import CertificateNameError
    from screenpop.settings import InvalidSettingsError
    from screenpop.simulator.api_client import ApiClientError
    from screenpop.simulator.call_script import CallScriptError
    from screenpop.simulator.recording import RecordingError
    from screenpop.spreadsheets.rows.errors import SheetRefusedError
    from screenpop.store.accounts.api_tokens import ApiTokenRefusedError
    from screenpop.store.accounts.password_hash import PasswordRefusedError
    from screenpop.store.accounts.users import UserRefusedError
    from screenpop.store.backup.errors import BackupError
    from screenpop.store.engine.errors import DatabaseProblemError
    from screenpop.web.listen_socket import ListeningError

    ours = (
        ApiTokenRefusedError,
        BackupError,
        BusUnreachableError,
        CertificateFileError,
        CertificateFolderError,
        CertificateNameError,
        DatabaseProblemError,
        DataDirError,
        ListeningError,
        PartFailedError,
        PasswordRefusedError,
        RecordingError,
        ApiClientError,
        CallScriptError,
        SheetRefusedError,
        UnknownScopeError,
        UserRefusedError,
    )
    match problem:
        case InvalidSettingsError():
            return problem.sentences
        case _ if isinstance(problem, ours):
            return (str(problem),)
        case FileNotFoundError():
            return (f"There is no file {problem.filename}; check its path.",)
        case FileExistsError():
            return (f"{problem.filename} exists already; name another file, or remove it.",)
        case IsADirectoryError() | PermissionError():
            return (f"{problem.filename} cannot be read: {problem.strerror}.",)
        case _:
            return ()
