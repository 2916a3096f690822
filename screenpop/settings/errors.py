"""Error sentences for invalid settings: name, value, and what to do."""

import difflib
from collections.abc import Iterable, Mapping

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from screenpop.settings.pbx import NumberPlanSettings, PbxSettings, TrunkSettings
from screenpop.settings.programs import ProgramSettings
from screenpop.settings.schema import Settings
from screenpop.settings.value import TierRuleSettings, ValueSettings


class InvalidSettingsError(Exception):
    """The settings are invalid. ``sentences``: one per error, each with what to do."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


_HINTS = {
    "port": "give a port from 1 to 65535",
    "bind_port": "give a port from 1 to 65535, or 0 for a free one",
    "wrap_up_minutes": "give minutes from 0 to 240",
    "missed_minutes": "give minutes from 0 to 1440",
    "simulate": "write true or false",
    "tls": "write true or false",
    "log_level": "write debug, info, warning or error",
    "log_format": "write auto, human or json",
    "languages": "use en, fa and el, in quotes and in brackets",
    "region": "give the country as two capital letters, such as GR or IR",
    "username": "give the name of the user in manager.conf",
    "label": "give the text of the button, at most 40 characters",
    "opens": "write click, ring or answer",
    "id": "give a short name of yours, such as office",
    "name": "give the endpoint's name as the PBX has it",
    "number_plan": 'give at least [number_plan] with region = "GR" or another country',
}
_SECTIONS: dict[str, type[BaseModel]] = {
    "number_plan": NumberPlanSettings,
    "pbx": PbxSettings,
    "trunks": TrunkSettings,
    "programs": ProgramSettings,
    "value": ValueSettings,
    "tiers": TierRuleSettings,
}
_SECRETS = frozenset({"secret", "database_url"})


def error_sentence(error: ErrorDetails) -> str:
    path = error["loc"]
    name = _name(path)
    last = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    hint = _HINTS.get(last, "docs/settings.md lists the possible values")
    match error["type"]:
        case "missing":
            return f"{name} is not set; {hint}."
        case "extra_forbidden":
            owner = next((_SECTIONS[str(p)] for p in reversed(path[:-1]) if p in _SECTIONS), None)
            return f"{name} is no setting.{_did_you_mean(last, (owner or Settings).model_fields)}"
        case "value_error":
            reason = str(error.get("ctx", {}).get("error", error["msg"])).rstrip(".")
            return f"{name}{_display_value(last, error['input'])}: {reason}."
        case _:
            return f"{name}{_display_value(last, error['input'])}: {hint}."


def _name(path: tuple[int | str, ...]) -> str:
    """Return the setting's name, such as ``pbx[1].port`` for the port of the first ``[[pbx]]``."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


def _display_value(last: str, value: object) -> str:
    """Return `` is <value>`` as given; empty for secrets and whole sections."""
    if last in _SECRETS or not isinstance(value, str | int | float | bool):
        return ""
    return f" is {value!r}"


def unknown_variables(environment: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """Return a sentence for each ``SCREENPOP_`` variable that is no setting."""
    fields = {name.upper() for name in Settings.model_fields} | set(known)
    return [
        f"{variable} is no setting.{_did_you_mean(name.lower(), Settings.model_fields)}"
        for variable in sorted(environment)
        if variable.startswith("SCREENPOP_")
        if (name := variable.removeprefix("SCREENPOP_").partition("__")[0]) not in fields
    ]


def _did_you_mean(name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]}?" if close else " docs/settings.md lists them all."
