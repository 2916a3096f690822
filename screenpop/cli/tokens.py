"""``screenpop token``: makes, lists and revokes tokens by which programs use the API."""

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from screenpop.cli.console import errors_as_sentences, out, print_done
from screenpop.cli.serve import SettingsFile
from screenpop.cli.users import with_database

if TYPE_CHECKING:
    from screenpop.store.engine.database import Database

token = typer.Typer(help="Manage tokens by which programs use the API.", no_args_is_help=True)


@token.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="The program that will use it.")],
    scope: Annotated[
        list[str], typer.Option(help="What it may do, such as lookup:read; may be repeated.")
    ],
    days: Annotated[int, typer.Option(help="After how many days it expires; 0: never.")] = 365,
    settings_file: SettingsFile = None,
) -> None:
    """Make a token and print it; it cannot be shown again."""
    with errors_as_sentences():
        from screenpop.accounts.token_scopes import parse_scopes
        from screenpop.store.accounts.api_tokens import make_api_token

        scopes = parse_scopes(scope)

        async def make(database: "Database") -> str:
            return await make_api_token(
                database, name=name, scopes=scopes, days=days, maker=None, now=time.time()
            )

        text = with_database(settings_file, make)
        print_done(f"{name} may use the API: {', '.join(sorted(scopes))}. Copy the token now:")
        typer.echo(text)


@token.command("list")
def list_tokens(settings_file: SettingsFile = None) -> None:
    """List all tokens without their texts."""
    with errors_as_sentences():
        from screenpop.store.accounts.api_tokens import list_api_tokens

        async def read(database: "Database") -> Table:
            table = Table(
                "id", "name", "token", "scopes", "expires", "last use", "made by", "valid"
            )
            for one in await list_api_tokens(database, time.time()):
                table.add_row(
                    str(one.token.id),
                    escape(one.token.name),
                    f"…{one.ending}",
                    ", ".join(sorted(one.token.scopes)),
                    _day(one.token.expires_at),
                    _day(one.token.last_used_at),
                    escape(one.made_by_name or "command line"),
                    "yes" if one.is_usable else "no",
                )
            return table

        out.print(with_database(settings_file, read))


@token.command("revoke")
def revoke_token(
    token_id: Annotated[int, typer.Argument(help="The id that screenpop token list shows.")],
    settings_file: SettingsFile = None,
) -> None:
    """End a token at once."""
    with errors_as_sentences():
        from screenpop.store.accounts.api_tokens import ApiTokenRefusedError, revoke_api_token

        async def revoke(database: "Database") -> None:
            if not await revoke_api_token(database, token_id):
                raise ApiTokenRefusedError("unknown")

        with_database(settings_file, revoke)
        print_done(f"Token {token_id} is revoked.")


def _day(at: float | None) -> str:
    return "never" if at is None else time.strftime("%Y-%m-%d", time.localtime(at))
