"""``screenpop user``: who works here."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from screenpop.cli.password_input import FromFile, FromStdin, read_password
from screenpop.cli.serving import SettingsFile
from screenpop.cli.telling import done, out, told

if TYPE_CHECKING:
    from screenpop.accounts.users import User
    from screenpop.settings import Settings
    from screenpop.store.database import Database
    from screenpop.telephony.identifiers import Endpoint

T = TypeVar("T")

user = typer.Typer(help="People who log in, and their phones.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="What they log in with.")]
Phones = Annotated[str, typer.Option("--phones", help="As the PBX names them: 101, or 101,99101.")]


@user.command("add")
def add_user(
    username: Username,
    name: Annotated[str, typer.Option(help="As colleagues read it; else the username.")] = "",
    role: Annotated[str, typer.Option(help="agent, supervisor or admin.")] = "agent",
    department: Annotated[
        str, typer.Option(help="sales, accounting, finance or support: what their cards show.")
    ] = "sales",
    language: Annotated[str, typer.Option(help="en, fa or el.")] = "en",
    phones: Phones = "",
    password_stdin: FromStdin = False,
    password_file: FromFile = None,
    settings_file: SettingsFile = None,
) -> None:
    """Make a user. The password is asked for, or read from the input or a file."""
    with told():
        from screenpop.accounts.users import Department, Role
        from screenpop.customers.records import LANGUAGES
        from screenpop.store.users import create_user

        password = read_password(from_stdin=password_stdin, from_file=password_file)
        _check_password(password, username, name)
        role = _one_of("role", role, [one.value for one in Role])
        department = _one_of("department", department, [one.value for one in Department])
        language = _one_of("language", language, LANGUAGES)

        async def make(database: "Database") -> None:
            await create_user(
                database,
                username=username,
                display_name=name or username,
                password=password,
                role=Role(role),
                department=Department(department),
                language=language,
                now=time.time(),
                endpoints=_endpoints(phones),
            )

        _with_database(settings_file, make)
        done(f"{username} can log in.")


@user.command("list")
def list_all(settings_file: SettingsFile = None) -> None:
    """Everybody who can log in."""
    with told():
        from screenpop.accounts.users import UserId
        from screenpop.store.users import list_agents, list_users

        async def read(database: "Database") -> Table:
            phones = {UserId(one.id): one.endpoints for one in await list_agents(database)}
            table = Table("username", "name", "role", "department", "language", "phones")
            for one in await list_users(database):
                table.add_row(
                    escape(one.username),
                    escape(one.display_name),
                    one.role.value,
                    one.department.value,
                    one.language,
                    ", ".join(phones.get(one.id, ())),
                )
            return table

        out.print(_with_database(settings_file, read))


@user.command("passwd")
def change_password(
    username: Username,
    password_stdin: FromStdin = False,
    password_file: FromFile = None,
    settings_file: SettingsFile = None,
) -> None:
    """Give a user another password; ends their sessions."""
    with told():
        from screenpop.store.sessions import end_all_sessions
        from screenpop.store.users import set_password

        password = read_password(from_stdin=password_stdin, from_file=password_file)
        _check_password(password, username, "")

        async def change(database: "Database") -> None:
            found = await _find(database, username)
            await set_password(database, found.id, password)
            await end_all_sessions(database, found.id)

        _with_database(settings_file, change)
        done(f"{username} has a new password.")


@user.command("endpoint")
def change_phones(
    username: Username,
    phones: Annotated[str, typer.Argument(help="101, or 101,99101; an empty text takes all away.")],
    pbx: Annotated[str, typer.Option(help="Only on this PBX; else on whatever PBX.")] = "",
    settings_file: SettingsFile = None,
) -> None:
    """Say at which phones a user sits."""
    with told():
        from screenpop.store.users import set_endpoints
        from screenpop.telephony.identifiers import PbxId

        async def change(database: "Database") -> None:
            found = await _find(database, username)
            await set_endpoints(database, found.id, _endpoints(phones), PbxId(pbx))

        _with_database(settings_file, change)
        done(f"{username} sits at {phones or 'no phone'}. A running server knows it in seconds.")


def _one_of(name: str, value: str, known: "list[str] | tuple[str, ...]") -> str:
    if value not in known:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}", param_hint=name)
    return value


def _check_password(password: str, username: str, name: str) -> None:
    from screenpop.accounts.passwords import password_problems
    from screenpop.store.passwords import PasswordRefusedError

    for problem in password_problems(password, username=username, display_name=name):
        sentence = _PASSWORD_PROBLEMS[problem.code].format(**problem.params)
        raise PasswordRefusedError(problem.code, sentence)


_PASSWORD_PROBLEMS = {
    "too_short": "The password is too short; take at least {least} characters, such as four words.",
    "too_long": "The password is too long; take at most {most} characters.",
    "same_signs": "The password repeats itself; take at least {least} different characters.",
    "too_common": "The password is among the first that are tried; choose another.",
    "holds_name": "The password is little more than the name; choose another.",
}


def _endpoints(phones: str) -> "list[Endpoint]":
    from screenpop.telephony.identifiers import Endpoint

    return [Endpoint(phone.strip()) for phone in phones.split(",") if phone.strip()]


async def _find(database: "Database", username: str) -> "User":
    from screenpop.store.users import UserRefusedError, find_username

    found = await find_username(database, username)
    if found is None:
        raise UserRefusedError(
            "unknown_user", f"There is no user {username}. screenpop user list shows all."
        )
    return found


def _with_database(settings_file: Path | None, work: Callable[["Database"], Awaitable[T]]) -> T:
    from screenpop.settings import load_settings

    return _with_settings(load_settings(settings_file), work)


def _with_settings(settings: "Settings", work: Callable[["Database"], Awaitable[T]]) -> T:
    from screenpop.store.database import opened

    async def do() -> T:
        async with opened(settings.database_address) as database:
            return await work(database)

    return asyncio.run(do())
