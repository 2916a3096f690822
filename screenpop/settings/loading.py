"""Loads the settings from a file and the environment; the environment overrides the file."""

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsError,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from screenpop.settings.errors import InvalidSettingsError, error_sentence, unknown_variables
from screenpop.settings.schema import Settings

FILE_NAME = "screenpop.toml"
FILE_VARIABLE = "SCREENPOP_SETTINGS"
"""The environment variable that names the settings file."""


def load_settings(file: Path | None = None, **instead: Any) -> Settings:
    """Return the settings from a file and the environment; ``instead`` overrides both.

    The file is ``$SCREENPOP_SETTINGS``, else ``screenpop.toml`` in the current folder, if it
    exists. Raises ``InvalidSettingsError``."""
    named = file or _named_by_environment()
    if named is not None and not named.is_file():
        raise InvalidSettingsError(f"There is no settings file {named}; check its path.")
    mistyped = unknown_variables(os.environ, {FILE_VARIABLE.removeprefix("SCREENPOP_")})
    if mistyped:
        raise InvalidSettingsError(*mistyped)
    chosen = settings_path(file)
    _refuse_cut_off(chosen)

    class FromFile(Settings):
        @classmethod
        @override
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, chosen)

    try:
        return _checked(FromFile, instead)
    except tomllib.TOMLDecodeError as problem:
        raise InvalidSettingsError(
            f"{chosen} is not TOML: {problem}. Write texts in quotes and lists in brackets."
        ) from None
    except SettingsError as problem:
        raise InvalidSettingsError(
            f"The environment cannot be read: {problem}. Lists and tables are written as JSON."
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidSettingsError(
            f"{chosen} cannot be read: {problem}. Give this user the right to read it, as UTF-8."
        ) from None


def _refuse_cut_off(file: Path) -> None:
    """Raise for a file that a full disk or power cut has emptied: defaults are not intended."""
    try:
        text = file.read_bytes()
    except OSError:
        return  # missing or unreadable; the parser reports that
    if not text.strip(b"\0 \t\r\n"):
        raise InvalidSettingsError(
            f"{file} is empty, as after a full disk or a power cut. Write the settings again, or"
            " remove the file."
        )
    if text.endswith(b"\0"):
        raise InvalidSettingsError(
            f"{file} ends in zero bytes, as after a power cut. Write the settings again from a"
            " backup."
        )


def settings_of(**values: Any) -> Settings:
    """Return settings from these values and the defaults only, without file and environment.

    Raises ``InvalidSettingsError``."""

    class OnlyThese(Settings):
        @classmethod
        @override
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (init_settings,)

    return _checked(OnlyThese, values)


def _checked(kind: type[Settings], values: dict[str, Any]) -> Settings:
    try:
        return kind(**values)
    except ValidationError as problem:
        sentences = tuple(error_sentence(error) for error in problem.errors(include_url=False))
        raise InvalidSettingsError(*sentences) from None


def settings_path(file: Path | None = None) -> Path:
    """Return where ``load_settings`` looks for the settings file; it may not be there."""
    return file or _named_by_environment() or Path(FILE_NAME)


def _named_by_environment() -> Path | None:
    name = os.environ.get(FILE_VARIABLE)
    return Path(name) if name else None
