"""Settings of logins."""

from pydantic import BaseModel, ConfigDict

from screenpop.accounts.users import Role


class LoginSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    second_factor_roles: tuple[Role, ...] = ()
    """Roles that need a code from an authenticator app besides the password."""
