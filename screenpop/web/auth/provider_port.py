"""The port of a login provider, which ``app`` implements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from screenpop.accounts.users import Department, Role


class ProviderError(Exception):
    """``code``: ``provider_down`` or ``provider_refused``; the log has the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """What this browser must bring back; kept in a signed cookie."""

    state: str
    nonce: str
    verifier: str
    """The secret of PKCE (RFC 7636)."""
    back_to: str
    """The address to which the provider leads the browser back."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The person that has logged in at the provider, after all checks."""

    issuer: str
    subject: str
    username: str
    display_name: str
    new_user: tuple[Role, Department] | None
    """What the person becomes if there is no such user; None: no user is made."""


class LoginProvider(Protocol):
    @property
    def name(self) -> str:
        """Return what pages call the provider."""

    @property
    def has_second_factor(self) -> bool:
        """Return whether the provider asks for a second factor, so that Screenpop does not."""

    async def begin(self, origin: str) -> tuple[str, BegunLogin]:
        """Return the provider's address to go to. Raises ``ProviderError``.

        ``origin``: that of the request; the browser is led back to it if it is one of ours.
        """

    async def finish(self, begun: BegunLogin, given: Mapping[str, str]) -> Identity:
        """Return who has logged in; ``given``: the query that the browser brought back.

        The state is compared before. Raises ``ProviderError``.
        """

    async def ended(self, token: str) -> tuple[str, str, str]:
        """Return issuer and id of a person who has logged out there, and the id of the token.

        ``token``: the log-out token that the provider sent. Raises ``ProviderError``.
        """

    async def end_address(self, origin: str) -> str:
        """Return where the browser logs out of the provider; empty if it has no such page."""
