"""The settings: ``screenpop.toml`` or the environment, checked before anything starts.

A name such as ``number_plan.region`` is ``SCREENPOP_NUMBER_PLAN__REGION`` in the environment, and
``SCREENPOP_PBX`` takes JSON. ``docs/settings.md`` lists every setting.
"""

from screenpop.settings.loading import load_settings, settings_of
from screenpop.settings.mistakes import SettingsMistakesError
from screenpop.settings.shape import NumberPlanSettings, PbxSettings, Settings, TrunkSettings

__all__ = [
    "NumberPlanSettings",
    "PbxSettings",
    "Settings",
    "SettingsMistakesError",
    "TrunkSettings",
    "load_settings",
    "settings_of",
]
