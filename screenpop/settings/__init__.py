"""Typed settings from ``screenpop.toml`` and the environment, checked before anything starts.

A name such as ``number_plan.region`` is ``SCREENPOP_NUMBER_PLAN__REGION`` in the environment, and
``SCREENPOP_PBX`` takes JSON. ``docs/settings.md`` lists every setting.
"""

from screenpop.settings.card import CardSettings
from screenpop.settings.errors import InvalidSettingsError
from screenpop.settings.loading import load_settings, settings_of
from screenpop.settings.pbx import (
    NumberPlanSettings,
    PbxSettings,
    QueueSettings,
    TrunkSettings,
    unread_pbx_secrets,
)
from screenpop.settings.programs import MessagesSettings, ProgramSettings
from screenpop.settings.schema import Settings

__all__ = [
    "CardSettings",
    "InvalidSettingsError",
    "MessagesSettings",
    "NumberPlanSettings",
    "PbxSettings",
    "ProgramSettings",
    "QueueSettings",
    "Settings",
    "TrunkSettings",
    "load_settings",
    "settings_of",
    "unread_pbx_secrets",
]
