"""How the command line speaks: results to people, mistakes in one sentence each."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def told() -> Iterator[None]:
    """A mistake of the person, or of the machine around us, is told and ends the command with 1.
    Anything else is a mistake of ours and shows its traceback."""
    try:
        yield
    except Exception as problem:
        sentences = sentences_of(problem)
        if not sentences:
            raise
        for sentence in sentences:
            err.print(f"[red]✗[/red] {escape(sentence)}")
        raise typer.Exit(1) from None


def done(sentence: str) -> None:
    out.print(f"[green]✓[/green] {escape(sentence)}")


def sentences_of(problem: Exception) -> tuple[str, ...]:
    """What to tell people about a mistake of theirs or of the machine; empty for one of ours."""
    from screenpop.app.folder import FolderError
    from screenpop.settings import SettingsMistakesError
    from screenpop.simulator.recording import RecordingError
    from screenpop.simulator.remote import RemoteError
    from screenpop.simulator.script import ScriptMistakeError
    from screenpop.spreadsheets.problems import SheetRefusedError
    from screenpop.store.passwords import PasswordRefusedError
    from screenpop.store.problems import DatabaseProblemError
    from screenpop.store.users import UserRefusedError
    from screenpop.web.listening import ListeningError

    ours = (
        DatabaseProblemError,
        FolderError,
        ListeningError,
        PasswordRefusedError,
        RecordingError,
        RemoteError,
        ScriptMistakeError,
        SheetRefusedError,
        UserRefusedError,
    )
    match problem:
        case SettingsMistakesError():
            return problem.sentences
        case _ if isinstance(problem, ours):
            return (str(problem),)
        case FileNotFoundError():
            return (f"There is no file {problem.filename}; check its path.",)
        case IsADirectoryError() | PermissionError():
            return (f"{problem.filename} cannot be read: {problem.strerror}.",)
        case _:
            return ()
