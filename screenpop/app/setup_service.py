"""Implements ``web.setup.port``: reads the PBX, keeps proposals for a while, stores them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from screenpop.accounts.users import UserId
from screenpop.ami.config import AmiConfig, AmiTls
from screenpop.app.discovery import DiscoveryError, discover, missing_line, unread_code
from screenpop.app.running_app import App
from screenpop.app.secret_files import write_secret_file
from screenpop.app.setup import (
    SECRET_FILE,
    SettingsExistError,
    make_users,
    pbx_address,
    settings_text,
    write_settings,
)
from screenpop.discovery.proposal import ChosenItems, Proposal, propose
from screenpop.discovery.settings_file import Office
from screenpop.settings import InvalidSettingsError, Settings
from screenpop.settings.fields import long_enough, one_line
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import PbxId
from screenpop.web.setup.port import (
    PbxLogin,
    SetupDone,
    SetupRefusedError,
    Unreadable,
)

_RESTART_AFTER_S = 0.3
KEPT_S = 1800.0
"""How long a proposal, and the secret that was typed for it, is kept in memory."""


@dataclass(frozen=True, slots=True)
class _Pending:
    proposal: Proposal
    address: AmiConfig
    until: float


class SetupService:
    """``restart``: stops the server so that it starts anew."""

    def __init__(
        self,
        settings: Settings,
        path: Path,
        database: Database,
        restart: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._path = path
        self._database = database
        self._clock = clock
        self._pending: dict[UserId, _Pending] = {}
        self._is_reading = False
        self.restart = restart

    def has_pbx(self) -> bool:
        return bool(self._settings.pbx)

    async def read(self, user: UserId, login: PbxLogin) -> None:
        """Read the PBX and keep the proposal for this user. Raises ``SetupRefusedError``."""
        if self._is_reading:
            raise SetupRefusedError("setup_problem.busy")
        address = _address(login)
        self._is_reading = True
        try:
            proposal = propose(await discover(address))
        except DiscoveryError as failed:
            code = f"pbx.{failed.problem.code.value}"
            raise SetupRefusedError(code, failed.problem.params) from failed
        finally:
            self._is_reading = False
        self._pending[user] = _Pending(proposal, address, self._clock() + KEPT_S)

    def proposal(self, user: UserId) -> tuple[Proposal, tuple[Unreadable, ...]] | None:
        pending = self._of(user)
        if pending is None:
            return None
        unread = (
            Unreadable(unread_code(one), one.action, missing_line(one))
            for one in pending.proposal.unread
        )
        return pending.proposal, tuple(unread)

    async def apply(self, user: UserId, chosen: ChosenItems, language: str) -> SetupDone:
        """Write secret, settings and users; the settings as text if the file is not writable."""
        pending = self._of(user)
        if pending is None:
            raise SetupRefusedError("setup_problem.too_old")
        confirmed = chosen.of(pending.proposal)
        text = self._write(confirmed, pending.address)
        made = await make_users(self._database, confirmed.people, language, self._clock())
        del self._pending[user]
        return SetupDone(
            made.made,
            tuple(name for name, _ in made.skipped),
            str(self._path),
            text,
        )

    def _write(self, confirmed: Proposal, address: AmiConfig) -> str:
        """Return the text that could not be written; empty if it was."""
        secret_path = self._settings.data_dir.absolute() / SECRET_FILE
        plan = self._settings.number_plan
        office = Office(
            *(plan.region, self._settings.timezone, str(self._settings.data_dir.absolute())),
            plan.area_code,
        )
        text = settings_text(self._path, confirmed, office, pbx_address(address, secret_path))
        try:
            write_settings(self._path, text, address.secret, secret_path, may_replace=False)
        except SettingsExistError as problem:
            raise SetupRefusedError("setup_problem.has_pbx") from problem
        except InvalidSettingsError as problem:
            why = " ".join(problem.sentences)
            raise SetupRefusedError("setup_problem.invalid", {"why": why}) from problem
        except OSError:
            # The service's own unit lets it write in the data folder only.
            write_secret_file(secret_path, f"{address.secret}\n".encode())
            return text
        return ""

    def _of(self, user: UserId) -> _Pending | None:
        now = self._clock()
        self._pending = {owner: one for owner, one in self._pending.items() if now < one.until}
        return self._pending.get(user)


def setup_of(app: App) -> SetupService | None:
    """Return the service of a server whose settings are in a file."""
    if app.settings_path is None:
        return None

    def restart() -> None:
        app.restarts = True
        # The page that waits for the new server is sent first.
        asyncio.get_running_loop().call_later(_RESTART_AFTER_S, app.stop.set)

    return SetupService(app.settings, app.settings_path, app.database, restart)


def _address(login: PbxLogin) -> AmiConfig:
    try:
        secret = long_enough(one_line(login.secret.strip()), "the secret")
        host, username = one_line(login.host.strip()), one_line(login.username.strip())
    except ValueError:
        raise SetupRefusedError("setup_problem.secret") from None
    if not host or not username:
        raise SetupRefusedError("setup_problem.incomplete")
    address = AmiConfig(PbxId("office"), host, username, secret, login.port)
    if not login.has_tls:
        return address
    return replace(
        address, tls=AmiTls("", login.pin_sha256.strip(), one_line(login.server_name.strip()))
    )
