"""Settings of logins."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from screenpop.accounts.users import Department, Role
from screenpop.settings.fields import Line, Section, read_secret
from screenpop.settings.http_source import check_address


class OidcSettings(Section):
    """A login provider of the office (OpenID Connect), besides the passwords of Screenpop."""

    issuer: Line = ""
    """The provider's address, as its tokens name it; empty: there is none."""
    name: Line = Field(default="", max_length=40)
    """What the button calls the provider; empty: its host."""
    client_id: Line = ""
    client_secret_file: Path | None = None
    """A file that contains only the secret."""
    scopes: tuple[Line, ...] = ("openid", "profile", "email")
    username_claim: Line = "preferred_username"
    """The provider's claim that is the user's name here; users must not be able to choose it."""
    new_users: bool = False
    """Makes a user at the first login of a person whom Screenpop does not know."""
    role_claim: Line = ""
    """What gives the role of a new user, by ``roles``; empty: all are agents."""
    roles: dict[str, Role] = Field(default_factory=dict)
    department_claim: Line = ""
    """What gives the department of a new user, by ``departments``; empty: all are in sales."""
    departments: dict[str, Department] = Field(default_factory=dict)
    second_factor_at_provider: bool = False
    """The provider asks for a second factor itself, so Screenpop does not."""
    private_http: bool = False
    """Allows http, to loopback and private addresses only."""

    @model_validator(mode="after")
    def _is_a_provider(self) -> Self:
        if not self.issuer:
            return self
        check_issuer(self.issuer, private_http=self.private_http)
        if not self.client_id:
            raise ValueError("client_id is missing; the provider gives it to each application")
        if self.client_secret_file is None:
            raise ValueError("client_secret_file is missing; write the client's secret into a file")
        if "openid" not in self.scopes:
            raise ValueError('scopes lack "openid", without which there is no identity')
        for claim, values in (("role_claim", self.roles), ("department_claim", self.departments)):
            if bool(getattr(self, claim)) != bool(values):
                raise ValueError(f"{claim} needs the table of its values, and the table needs it")
        missing = [name for name in ("authlib", "joserfc") if find_spec(name) is None]
        if missing:
            raise ValueError(
                f"a login by a provider needs {' and '.join(missing)}; run"
                f" {sys.executable} -m pip install 'screenpop[oidc]'"
            )
        self.read_secret()
        return self

    def read_secret(self) -> str:
        """Return the secret of the file. Raises ``ValueError`` if it cannot be used."""
        return read_secret(SecretStr(""), self.client_secret_file)


def check_issuer(issuer: str, *, private_http: bool) -> None:
    """Raise ``ValueError``, with the remedy, for an address that no provider can have."""
    try:
        check_address(issuer, private_http=private_http)
    except ValueError as problem:
        raise ValueError(str(problem).replace("url ", "issuer ")) from problem
    if "?" in issuer or "#" in issuer:
        raise ValueError("issuer has a query; write it as the provider's discovery document does")


class LoginSettings(Section):
    second_factor_roles: tuple[Role, ...] = ()
    """Roles that need a code from an authenticator app besides the password."""
    oidc: OidcSettings = Field(default_factory=OidcSettings)
