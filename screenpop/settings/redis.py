"""The bus between ``screenpop listen`` and the processes of ``screenpop web``."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator

from screenpop.settings.fields import Line, Section, read_secret

_SCHEMES = ("redis://", "rediss://", "unix://")


class RedisSettings(Section):
    """``[redis]``: a Redis or Valkey server; ``screenpop serve`` needs none."""

    url: Line = ""
    """``redis://host:6379/0``, ``rediss://…`` with TLS, ``unix:///path``; empty: none."""
    password_file: Path | None = None
    """A file that contains only the password of Redis."""
    prefix: Annotated[Line, Field(pattern=r"^[a-z0-9_-]{1,32}$")] = "screenpop"
    """The beginning of all keys; offices that share one Redis need different ones."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not value.startswith(_SCHEMES):
            raise ValueError("write redis://host:6379/0, rediss://host:6379/0 or unix:///path")
        if "@" in urlsplit(value).netloc:
            raise ValueError("it contains a user or a password; write that into password_file")
        return value

    def address(self) -> str:
        """Return the URL with the password of the file. Raises ``ValueError`` if unreadable."""
        if self.password_file is None:
            return self.url
        password = quote(read_secret(SecretStr(""), self.password_file), safe="")
        scheme, rest = self.url.split("://", 1)
        return f"{scheme}://:{password}@{rest}"
