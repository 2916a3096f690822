"""``screenpop demo``, ``serve``, ``migrate``."""

import asyncio
import gc
import os
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from screenpop.cli.console import errors_as_sentences, out, print_done

if TYPE_CHECKING:
    from screenpop.app.running_app import App
    from screenpop.settings import Settings
    from screenpop.store.engine.migrate import MigrationStep

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="The settings file; default: screenpop.toml in this folder."),
]


LogFormat = Annotated[
    Literal["auto", "human", "json"] | None,
    typer.Option("--log-format", help="Instead of log_format of the settings."),
]


def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 chooses a free one.")
    ] = 8080,
    data: Annotated[Path, typer.Option(help="The data folder; filled if it is empty.")] = Path(
        "demo-data"
    ),
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
    no_calls: Annotated[
        bool, typer.Option("--no-calls", help="Play only calls of screenpop simulate.")
    ] = False,
    play: Annotated[
        Path | None,
        typer.Option(help="Play this AMI recording, again and again, instead of invented calls."),
    ] = None,
) -> None:
    """Run Screenpop with invented customers and a simulated PBX, on this machine only."""
    with errors_as_sentences(), without_collections():
        from screenpop.app.data_dir import prepare_data_dir
        from screenpop.app.server import serve as serve_app
        from screenpop.cli.logging_setup import configure_logging
        from screenpop.demo.settings import demo_settings, prepare_demo
        from screenpop.simulator.recording_file import read_recording
        from screenpop.store.engine.database import migrate as migrate_database

        recording = read_recording(play) if play is not None else None
        settings = demo_settings(port, data)
        configure_logging("warning", "auto")
        prepare_data_dir(data)
        out.print("[dim]Preparing invented customers …[/dim]")
        migrate_database(settings.database_address)

        async def run() -> None:
            cast = await prepare_demo(
                settings, time.time(), plays=not no_calls, recording=recording
            )
            await serve_app(settings, cast, lambda app: _welcome(app, open_page=not no_browser))

        asyncio.run(run())


def serve(settings_file: SettingsFile = None, log_format: LogFormat = None) -> None:
    """Run the server until Ctrl-C or SIGTERM."""
    with errors_as_sentences(), without_collections():
        from screenpop.app.server import serve as serve_app
        from screenpop.cli.logging_setup import configure_logging
        from screenpop.settings import load_settings
        from screenpop.settings.loading import settings_path

        path = settings_path(settings_file).absolute()
        while True:
            settings = load_settings(settings_file)
            configure_logging(settings.log_level, log_format or settings.log_format)
            if not asyncio.run(serve_app(settings, settings_path=path)):
                return


def migrate(
    settings_file: SettingsFile = None,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Save nothing before the update.")
    ] = False,
) -> None:
    """Create the database, or update it to this version, after a backup into the data folder."""
    with errors_as_sentences():
        from screenpop.app.backup import save_before_migration
        from screenpop.app.data_dir import prepare_data_dir
        from screenpop.settings import load_settings
        from screenpop.store.backup.database_copy import database_revision
        from screenpop.store.engine.database import migrate as migrate_database
        from screenpop.store.engine.migrate import is_known_revision, newest_revision

        settings = load_settings(settings_file)
        prepare_data_dir(settings.data_dir)
        found = database_revision(settings.database_address)
        is_older = found is not None and found != newest_revision() and is_known_revision(found)
        if is_older:
            _check_space(settings, with_backup=not no_backup)
        saved = None if no_backup or not is_older else save_before_migration(settings)
        if saved is not None:
            print_done(f"Saved before the update: {saved}")
        revision = migrate_database(
            settings.database_address, _print_step(time.monotonic()) if is_older else None
        )
        print_done(f"The database is at schema {revision}.")


def _check_space(settings: "Settings", *, with_backup: bool) -> None:
    from screenpop.app.upgrade_space import megabytes, refuse_too_little, upgrade_space

    space = upgrade_space(settings, with_backup=with_backup)
    out.print(f"  The database has {megabytes(space.database)}.")
    refuse_too_little(space)
    for folder, need, free in space.needed:
        out.print(
            f"  {megabytes(need)} of free disk are needed in {folder}; {megabytes(free)} are free.",
            markup=False,
        )
    if settings.database_address.startswith("postgresql"):
        out.print(
            f"  PostgreSQL needs {megabytes(space.growth)} more on its own disk, which Screenpop"
            " cannot see."
        )


def _print_step(began: float) -> Callable[["MigrationStep"], None]:
    def print_step(step: "MigrationStep") -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        out.print(
            f"  {minutes:02}:{seconds:02}  step {step.number} of {step.count}: {step.revision}"
            f" {step.title}",
            markup=False,
        )

    return print_step


@contextmanager
def without_collections() -> Iterator[None]:
    """Collect no garbage during a start, an eighth of its time: what it makes lives on.

    ``GarbageCollection.begin`` enables collections when all is started.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _welcome(app: "App", *, open_page: bool) -> None:
    from screenpop.demo.seed import DEMO_PASSWORD, DEMO_USERS

    table = Table(box=None, padding=(0, 2), show_header=False)
    for user in DEMO_USERS:
        phone = f"phone {user.endpoint}" if user.endpoint else ""
        table.add_row(f"  [bold]{user.username}[/bold]", user.role.value, phone)
    out.print()
    out.print("  [bold]Screenpop is running.[/bold] Open it, log in, and the phone will ring:")
    out.print(f"  [bold cyan]{escape(app.url)}[/bold cyan]", style="not dim")
    out.print()
    out.print(table)
    out.print(f"\n  The password of each is [bold]{DEMO_PASSWORD}[/bold]. Ctrl-C stops it.\n")
    if open_page and _can_show_pages():
        webbrowser.open(app.url)


def _can_show_pages() -> bool:
    """Return whether there is a desktop: a text browser would take over this terminal."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
