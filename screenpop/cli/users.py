"""``screenpop user``: manages users and their phones."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from screenpop.cli.console import errors_as_sentences, out, print_done
from screenpop.cli.password_input import FromFile, FromStdin, read_password
from screenpop.cli.serve import SettingsFile

if TYPE_CHECKING:
    from screenpop.accounts.users import User
    from screenpop.settings import Settings
    from screenpop.store.engine.database import Database
    from screenpop.telephony.identifiers import Endpoint

T = TypeVar("T")

user = typer.Typer(help="Manage users and their phones.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="The name to log in with.")]
Phones = Annotated[
    str, typer.Option("--phones", help="Phones as named on the PBX: 101, or 101,99101.")
]
FirstPasswordOption = Annotated[
    bool,
    typer.Option(
        "--first-password",
        help="Make a password that must be changed at the first login, and print it.",
    ),
]


@user.command("add")
def add_user(
    username: Username,
    name: Annotated[str, typer.Option(help="The displayed name; default: the username.")] = "",
    role: Annotated[str, typer.Option(help="agent, supervisor or admin.")] = "agent",
    department: Annotated[
        str, typer.Option(help="sales, accounting, finance or support: decides what cards show.")
    ] = "sales",
    language: Annotated[str, typer.Option(help="en, fa or el.")] = "en",
    phones: Phones = "",
    first_password: FirstPasswordOption = False,
    password_stdin: FromStdin = False,
    password_file: FromFile = None,
    settings_file: SettingsFile = None,
) -> None:
    """Add a user. The password is prompted for, read from standard input or a file, or made."""
    with errors_as_sentences():
        from screenpop.accounts.users import Department, Role
        from screenpop.customers.models import LANGUAGES
        from screenpop.store.accounts.first_passwords import FIRST_PASSWORD_S, new_first_password
        from screenpop.store.accounts.users import create_user

        if first_password:
            password = new_first_password()
        else:
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
                first_password_until=time.time() + FIRST_PASSWORD_S if first_password else None,
            )

        with_database(settings_file, make)
        print_done(f"{username} can log in.")
        if first_password:
            _print_first_password(password)


@user.command("list")
def list_all(settings_file: SettingsFile = None) -> None:
    """List all users, including disabled ones."""
    with errors_as_sentences():
        from screenpop.store.accounts.user_admin import list_accounts

        async def read(database: "Database") -> Table:
            table = Table("username", "name", "role", "department", "language", "phones", "login")
            for account in await list_accounts(database):
                one = account.user
                table.add_row(
                    escape(one.username),
                    escape(one.display_name),
                    one.role.value,
                    one.department.value,
                    one.language,
                    escape(", ".join(phone for _, phone in account.phones)),
                    "yes" if account.is_active else "disabled",
                )
            return table

        out.print(with_database(settings_file, read))


@user.command("passwd")
def change_password(
    username: Username,
    first_password: FirstPasswordOption = False,
    password_stdin: FromStdin = False,
    password_file: FromFile = None,
    settings_file: SettingsFile = None,
) -> None:
    """Change a user's password; ends their sessions."""
    with errors_as_sentences():
        from screenpop.store.accounts.first_passwords import hand_out_password
        from screenpop.store.accounts.users import change_password as change

        password = ""
        if not first_password:
            password = read_password(from_stdin=password_stdin, from_file=password_file)
            _check_password(password, username, "")

        async def do(database: "Database") -> str:
            found = await _find(database, username)
            if first_password:
                return await hand_out_password(database, found.id, time.time())
            await change(database, found.id, password, time.time())
            return password

        password = with_database(settings_file, do)
        print_done(f"{username} has a new password.")
        if first_password:
            _print_first_password(password)


@user.command("endpoint")
def change_phones(
    username: Username,
    phones: Annotated[str, typer.Argument(help="101, or 101,99101; an empty text removes all.")],
    pbx: Annotated[str, typer.Option(help="Only on this PBX; default: on every PBX.")] = "",
    settings_file: SettingsFile = None,
) -> None:
    """Set the phones of a user."""
    with errors_as_sentences():
        from screenpop.store.accounts.users import set_endpoints
        from screenpop.telephony.identifiers import PbxId

        async def change(database: "Database") -> None:
            found = await _find(database, username)
            await set_endpoints(database, found.id, _endpoints(phones), PbxId(pbx))

        with_database(settings_file, change)
        print_done(
            f"{username} now has {phones or 'no phone'}. A running server applies it in seconds."
        )


@user.command("rename")
def rename(
    username: Username,
    name: Annotated[str, typer.Argument(help="The displayed name.")],
    settings_file: SettingsFile = None,
) -> None:
    """Change the displayed name; the username stays."""
    with errors_as_sentences():
        from screenpop.store.accounts.user_admin import rename_user

        _change_account(
            settings_file, username, lambda database, found: rename_user(database, found.id, name)
        )
        print_done(f"{username} is called {name.strip()}. A running server applies it in seconds.")


@user.command("role")
def change_role(
    username: Username,
    role: Annotated[str, typer.Option(help="agent, supervisor or admin.")] = "",
    department: Annotated[
        str, typer.Option(help="sales, accounting, finance or support: decides what cards show.")
    ] = "",
    settings_file: SettingsFile = None,
) -> None:
    """Change a user's role, department, or both."""
    with errors_as_sentences():
        from screenpop.accounts.users import Department, Role
        from screenpop.store.accounts import user_admin

        if not role and not department:
            raise typer.BadParameter("name --role, --department, or both")
        if role:
            _one_of("role", role, [one.value for one in Role])
        if department:
            _one_of("department", department, [one.value for one in Department])

        async def change(database: "Database", found: "User") -> None:
            await user_admin.change_role(
                database,
                found.id,
                Role(role) if role else found.role,
                Department(department) if department else found.department,
            )

        _change_account(settings_file, username, change)
        print_done(f"{username} is changed. Open pages of theirs follow in seconds.")


@user.command("disable")
def disable(username: Username, settings_file: SettingsFile = None) -> None:
    """Disable a user's login; ends their sessions. Their calls and notes stay."""
    with errors_as_sentences():
        from screenpop.store.accounts.user_admin import disable_user

        _change_account(
            settings_file, username, lambda database, found: disable_user(database, found.id)
        )
        print_done(f"{username} can no longer log in. Open pages of theirs close in seconds.")


@user.command("enable")
def enable(username: Username, settings_file: SettingsFile = None) -> None:
    """Enable the login of a disabled user."""
    with errors_as_sentences():
        from screenpop.store.accounts.user_admin import enable_user

        _change_account(
            settings_file, username, lambda database, found: enable_user(database, found.id)
        )
        print_done(f"{username} can log in.")


@user.command("totp-reset")
def reset_second_factor(username: Username, settings_file: SettingsFile = None) -> None:
    """Turn a user's two-step login off, for a lost phone; ends their sessions."""
    with errors_as_sentences():
        from screenpop.store.accounts.second_factor import turn_off

        had_one: list[bool] = []

        async def reset(database: "Database", found: "User") -> None:
            had_one.append(await turn_off(database, found.id))

        _change_account(settings_file, username, reset)
        print_done(
            f"{username} logs in with the password only, until two-step login is set up again."
            if had_one[0]
            else f"{username} has no two-step login."
        )


@user.command("provider-reset")
def reset_identity(username: Username, settings_file: SettingsFile = None) -> None:
    """Forget a user's identity at the login provider; their next login there stores it anew."""
    with errors_as_sentences():
        from screenpop.store.accounts.identities import forget_identities

        had: list[int] = []

        async def reset(database: "Database", found: "User") -> None:
            had.append(await forget_identities(database, found.id))

        _change_account(settings_file, username, reset)
        print_done(
            f"{username} is found by name at the next login by the provider."
            if had[0]
            else f"{username} has not logged in by the provider."
        )


@user.command("delete")
def delete(
    username: Username,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Delete a user permanently. Calls and histories keep the name; the username is free again."""
    with errors_as_sentences():
        from screenpop.store.accounts.user_admin import delete_user

        if not yes:
            typer.confirm(f"Delete {username} for good?", abort=True)
        _change_account(
            settings_file,
            username,
            lambda database, found: delete_user(database, found.id, time.time()),
        )
        print_done(f"{username} is deleted. Open pages of theirs close in seconds.")


def _change_account(
    settings_file: Path | None,
    username: str,
    change: "Callable[[Database, User], Awaitable[None]]",
) -> None:
    from screenpop.store.accounts.user_admin import find_account

    async def do(database: "Database") -> None:
        await change(database, await find_account(database, username))

    with_database(settings_file, do)


def _print_first_password(password: str) -> None:
    from screenpop.store.accounts.first_passwords import FIRST_PASSWORD_S

    days = int(FIRST_PASSWORD_S // 86_400)
    out.print(f"Password for the first login, within {days} days: [bold]{password}[/bold]")


def _one_of(name: str, value: str, known: "list[str] | tuple[str, ...]") -> str:
    if value not in known:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}", param_hint=name)
    return value


def _check_password(password: str, username: str, name: str) -> None:
    from screenpop.accounts.password_policy import check_password_policy
    from screenpop.store.accounts.common_passwords import common_passwords
    from screenpop.store.accounts.password_hash import PasswordRefusedError

    found = check_password_policy(
        password, username=username, display_name=name, common=common_passwords()
    )
    for problem in found:
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
    from screenpop.store.accounts.users import UserRefusedError, find_username

    found = await find_username(database, username)
    if found is None:
        raise UserRefusedError(
            "unknown_user", f"There is no user {username}. screenpop user list shows all."
        )
    return found


def with_database(settings_file: Path | None, work: Callable[["Database"], Awaitable[T]]) -> T:
    """Return what the work returns on the database of the settings."""
    from screenpop.settings import load_settings

    return _with_settings(load_settings(settings_file), work)


def _with_settings(settings: "Settings", work: Callable[["Database"], Awaitable[T]]) -> T:
    from screenpop.store.engine.database import opened

    async def do() -> T:
        async with opened(settings.database_address) as database:
            return await work(database)

    return asyncio.run(do())
