"""Stores a confirmed proposal: the settings file, the secret, the database, users.

Used by ``screenpop setup`` and by the page ``/admin/setup``.
"""

import re
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from screenpop.accounts.first_login import FirstLogin
from screenpop.accounts.users import Department, Role
from screenpop.ami.config import AmiConfig
from screenpop.app.secret_files import write_secret_file
from screenpop.discovery.proposal import Person, Proposal
from screenpop.discovery.settings_file import (
    Office,
    PbxAddress,
    extensions_line,
    pbx_toml,
    settings_toml,
)
from screenpop.settings import Settings, load_settings
from screenpop.store.accounts.first_passwords import FIRST_PASSWORD_S, new_first_password
from screenpop.store.accounts.user_admin import list_accounts
from screenpop.store.accounts.users import UserRefusedError, create_user
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Endpoint

SECRET_FILE = "ami-secret"  # noqa: S105 -- its name
ADMIN = "admin"
_NUMBER_PLAN = re.compile(r"^\[number_plan\][^\n]*\n", re.MULTILINE)


class SettingsExistError(Exception):
    """The settings file names a PBX already; nothing is written without being asked to."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} has a PBX already. Run setup with --replace to write it anew; a copy of the"
            " old file is kept."
        )


@dataclass(frozen=True, slots=True)
class Logins:
    made: tuple[FirstLogin, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    """Names of people for whom no user was made, with the reason as a sentence."""


@dataclass(frozen=True, slots=True)
class Written:
    path: Path
    backup: Path | None
    settings: Settings


def pbx_address(address: AmiConfig, secret_file: Path) -> PbxAddress:
    """Return what the settings file has of an address."""
    tls: dict[str, str | bool] = {}
    if address.tls is not None:
        given = {
            "tls_ca_file": address.tls.ca_file,
            "tls_pin_sha256": address.tls.pin_sha256,
            "tls_server_name": address.tls.server_name,
        }
        tls = {"tls": True, **{name: value for name, value in given.items() if value}}
    where = (address.host, address.port, address.username, str(secret_file))
    return PbxAddress(*where, tls, address.pbx)


def settings_text(path: Path, proposal: Proposal, office: Office, address: PbxAddress) -> str:
    """Return the text for the settings file: the present one and a PBX, or a whole new one.

    Settings without a PBX stay as they are and get its sections at their end."""
    present = _present(path)
    if present is None or "pbx" in present[1]:
        return settings_toml(proposal, office, address)
    text, values = present
    if proposal.extensions and "extensions" not in values.get("number_plan", {}):
        text = _NUMBER_PLAN.sub(rf"\g<0>{extensions_line(proposal)}\n", text, count=1)
    return text.rstrip() + "\n\n" + pbx_toml(proposal, address, values.get("queues", {}))


def write_settings(
    path: Path, text: str, secret: str, secret_path: Path, *, may_replace: bool
) -> Written:
    """Write the secret and the settings (both 0600), each atomically, after a trial load.

    Raises ``SettingsExistError``, ``InvalidSettingsError`` if the text cannot be loaded, and
    ``OSError``; the settings file is then unchanged.
    """
    present = _present(path)
    if present is not None and "pbx" in present[1] and not may_replace:
        raise SettingsExistError(path)
    secret_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret_file(secret_path, f"{secret}\n".encode())
    candidate = path.with_name(f".{path.name}.new")
    write_secret_file(candidate, text.encode())
    try:
        settings = load_settings(candidate)
        backup = _keep_copy(path)
        candidate.replace(path)
    finally:
        candidate.unlink(missing_ok=True)
    return Written(path, backup, settings)


def _keep_copy(path: Path) -> Path | None:
    """Copy the present file to ``NAME.<time>.bak`` beside it, and return that path."""
    if not path.exists():
        return None
    stamp = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%d-%H%M%S-%f")
    copy = path.with_name(f"{path.name}.{stamp}.bak")
    write_secret_file(copy, path.read_bytes())
    return copy


def _present(path: Path) -> tuple[str, Mapping[str, Any]] | None:
    """Return text and values of the settings file; None if there is none or it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # Unreadable settings are replaced only when asked to, like those with a PBX.
        return "", {"pbx": ()}


async def make_users(
    database: Database, people: Sequence[Person], language: str, now: float
) -> Logins:
    """Make a user for each person whose phones are free, and an administrator if none is there.

    Each gets a first password. Raises ``DatabaseProblemError``."""
    accounts = await list_accounts(database)
    owners = {str(phone): one.user.display_name for one in accounts for _, phone in one.phones}
    names = {one.user.username for one in accounts}
    made: list[FirstLogin] = []
    skipped: list[tuple[str, str]] = []
    if not any(one.user.role is Role.ADMIN for one in accounts):
        username = _unused(ADMIN, names)
        made.append(await _make(database, ADMIN.title(), username, Role.ADMIN, (), language, now))
    for person in people:
        taken = next((phone for phone in person.phones if phone in owners), None)
        if taken is not None:
            skipped.append((person.display_name, f"{owners[taken]} has the phone {taken}"))
            continue
        username = _unused(person.username, names)
        try:
            login = await _make(
                *(database, person.display_name, username, Role.AGENT, person.phones),
                *(person.language or language, now),
            )
        except UserRefusedError as refused:
            skipped.append((person.display_name, str(refused)))
            continue
        made.append(login)
        names.add(username)
        owners |= dict.fromkeys(person.phones, person.display_name)
    return Logins(tuple(made), tuple(skipped))


async def _make(
    database: Database,
    name: str,
    username: str,
    role: Role,
    phones: Iterable[str],
    language: str,
    now: float,
) -> FirstLogin:
    password = new_first_password()
    await create_user(
        database,
        username=username,
        display_name=name,
        password=password,
        role=role,
        department=Department.SALES,
        language=language,
        now=now,
        endpoints=[Endpoint(phone) for phone in phones],
        first_password_until=now + FIRST_PASSWORD_S,
    )
    return FirstLogin(name, username, password, tuple(phones))


def _unused(username: str, names: set[str]) -> str:
    number, free = 2, username
    while free in names:
        free, number = f"{username}-{number}", number + 1
    return free
