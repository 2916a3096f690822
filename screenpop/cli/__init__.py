"""The commands. Each imports its rooms when it runs, and tells a mistake in one sentence."""

from typing import Annotated

import typer

from screenpop import __version__
from screenpop.cli import checks, importing, office, playing, privacy, serving, shipped_files
from screenpop.cli.telling import out

cli = typer.Typer(
    help="Caller-ID screen pop for Asterisk: who is calling, before the phone is picked up.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@cli.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        out.print(f"screenpop {__version__}")
        raise typer.Exit


cli.command()(serving.demo)
cli.command()(serving.serve)
cli.command()(serving.migrate)
cli.command()(checks.doctor)
cli.add_typer(office.user, name="user")
cli.command("import")(importing.import_file)
cli.command()(privacy.export)
cli.command()(privacy.access)
cli.command()(privacy.erase)
cli.command()(shipped_files.asterisk_conf)
cli.command()(shipped_files.service_file)
cli.command()(checks.number)
cli.command()(playing.simulate)
cli.command()(playing.replay)


def main() -> None:
    cli()
