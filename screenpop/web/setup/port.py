"""The port between the page and the PBX, the settings file and the users."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from screenpop.accounts.first_login import FirstLogin
from screenpop.accounts.users import UserId
from screenpop.discovery.proposal import ChosenItems, Proposal


@dataclass(frozen=True, slots=True)
class PbxLogin:
    """How to reach the PBX, as typed."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    has_tls: bool = False
    pin_sha256: str = ""
    server_name: str = ""


class SetupRefusedError(Exception):
    """``code``: of ``pbx.*`` or ``setup_problem.*``, with the parameters of its sentence."""

    def __init__(self, code: str, params: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = params or {}


@dataclass(frozen=True, slots=True)
class SetupDone:
    logins: tuple[FirstLogin, ...]
    skipped: tuple[str, ...]
    """People for whom no user was made: their phones have one."""
    path: str
    """The settings file."""
    text: str
    """What an administrator of the machine has to write into it; empty if it is written."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A list that could not be read: ``code`` of ``setup_unread.*``."""

    code: str
    action: str
    line: str
    """The line of Asterisk's files that would allow it; empty if none would."""


class SetupPort(Protocol):
    def has_pbx(self) -> bool:
        """Return whether the settings have a PBX, so that nothing is to be set up."""

    async def read(self, user: UserId, login: PbxLogin) -> None:
        """Read the PBX and keep the proposal for this user. Raises ``SetupRefusedError``."""

    def proposal(self, user: UserId) -> tuple[Proposal, tuple[Unreadable, ...]] | None:
        """Return the proposal of this user, or None once it is applied or too old."""

    async def apply(self, user: UserId, chosen: ChosenItems, language: str) -> SetupDone:
        """Write settings and users. Raises ``SetupRefusedError``."""

    def restart(self) -> None:
        """Start the server anew with the written settings."""
