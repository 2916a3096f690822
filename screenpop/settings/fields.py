"""What the sections of the settings share: ports, lines, secrets."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

Port = Annotated[int, Field(ge=1, le=65535)]


def one_line(text: str) -> str:
    """Return the text. Raises ``ValueError`` if it contains a line break."""
    if any(char in text for char in "\r\n\0"):
        raise ValueError("it contains a line break; write it on one line")
    return text


Line = Annotated[str, AfterValidator(one_line)]


MIN_AMI_SECRET_LENGTH = 6
"""Least number of characters; a shorter secret is truncated or can be guessed."""


def long_enough(secret: str, name: str) -> str:
    """Return the secret. Raises ``ValueError``, with the remedy, if it is too short."""
    if len(secret) < MIN_AMI_SECRET_LENGTH:
        raise ValueError(
            f"{name} has fewer than {MIN_AMI_SECRET_LENGTH} characters; write the whole secret, or"
            " choose a longer one here and in manager.conf"
        )
    return secret


def read_secret(given: SecretStr, file: Path | None) -> str:
    """Return the secret or that of its file. Raises ``ValueError`` if it cannot be used."""
    if file is None:
        return long_enough(one_line(given.get_secret_value()), "secret")
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ValueError(
            f"secret_file {file} cannot be read; check its path and its rights"
        ) from problem
    if not secret:
        raise ValueError(f"secret_file {file} is empty; write the secret into it")
    return long_enough(one_line(secret), f"secret_file {file}")


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
