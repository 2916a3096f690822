"""The bus between ``screenpop listen`` and the processes of ``screenpop web``."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from screenpop.settings.fields import Line, Section, read_secret

_SCHEMES = ("redis://", "rediss://", "unix://")


class RedisSettings(Section):
    """``[redis]``: a Redis or Valkey server; ``screenpop serve`` needs none."""

    url: Line = ""
    """``redis://host:6379/0``, ``rediss://…`` with TLS, ``unix:///path``; empty: none."""
    username: Line = ""
    """The user of Redis's access list; empty: its default user."""
    password_file: Path | None = None
    """A file that contains only the password of Redis."""
    ca_file: Path | None = None
    """The certificate (PEM) of the authority that signed that of Redis; with ``rediss://`` only.
    None: the authorities that the system trusts."""
    prefix: Annotated[Line, Field(pattern=r"^[a-z0-9_-]{1,32}$")] = "screenpop"
    """The beginning of all keys; offices that share one Redis need different ones."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not value.startswith(_SCHEMES):
            raise ValueError("write redis://host:6379/0, rediss://host:6379/0 or unix:///path")
        if "@" in urlsplit(value).netloc:
            raise ValueError("it has a user or a password; write username and password_file")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.username and self.password_file is None:
            raise ValueError("username needs password_file")
        if self.ca_file is not None and not self.url.startswith("rediss://"):
            raise ValueError("ca_file is for TLS: write url with rediss://, or leave ca_file out")
        return self

    def address(self) -> str:
        """Return the URL with user and password. Raises ``ValueError`` for an unreadable file."""
        if self.password_file is None:
            return self.url
        password = quote(read_secret(SecretStr(""), self.password_file), safe="")
        scheme, rest = self.url.split("://", 1)
        return f"{scheme}://{quote(self.username, safe='')}:{password}@{rest}"
