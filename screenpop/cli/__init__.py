"""The command line. Each command imports its packages when it runs; errors are one sentence."""

from typing import Annotated

import typer

from screenpop import __version__
from screenpop.cli import (
    audit,
    backup,
    certificate,
    doctor,
    import_command,
    lookback,
    privacy,
    scale,
    score,
    serve,
    setup,
    shipped_files,
    simulate,
    tokens,
    users,
)
from screenpop.cli.console import out

cli = typer.Typer(
    help="Caller-ID screen pop for Asterisk: shows who is calling before the phone is answered.",
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


cli.command()(serve.demo)
cli.command()(setup.setup)
cli.command()(serve.serve)
cli.command()(scale.listen)
cli.command()(scale.web)
cli.command()(serve.migrate)
cli.command()(backup.backup)
cli.command()(backup.restore)
cli.command()(certificate.certificate)
cli.command()(backup.rotate_key)
cli.command()(doctor.doctor)
cli.add_typer(users.user, name="user")
cli.add_typer(tokens.token, name="token")
cli.command("import")(import_command.import_file)
cli.command()(privacy.export)
cli.command()(privacy.access)
cli.command()(privacy.erase)
cli.command()(score.score)
cli.command()(audit.audit)
cli.command()(lookback.lookback)
cli.command()(shipped_files.asterisk_conf)
cli.command()(shipped_files.service_file)
cli.command()(doctor.number)
cli.command()(simulate.simulate)
cli.command()(simulate.replay)


def main() -> None:
    cli()
