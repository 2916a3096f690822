"""The section of the settings about the board of the supervisors."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from screenpop.calls.board_limits import BoardLimits, WaitLimits


class BoardSettings(BaseModel):
    """When a figure of the board turns amber and red. 0: never."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wait_amber_s: float = Field(default=20, ge=0, le=86_400)
    """Seconds of waiting from which a caller is amber; queues may have their own."""
    wait_red_s: float = Field(default=60, ge=0, le=86_400)
    waiting_amber: int = Field(default=5, ge=0, le=10_000)
    """Callers that wait at the same time."""
    waiting_red: int = Field(default=10, ge=0, le=10_000)
    abandoned_amber_percent: float = Field(default=5, ge=0, le=100)
    """Abandoned calls in percent of the day's inbound calls."""
    abandoned_red_percent: float = Field(default=10, ge=0, le=100)
    service_level_amber_percent: float = Field(default=80, ge=0, le=100)
    """Amber below this service level."""
    service_level_red_percent: float = Field(default=60, ge=0, le=100)
    popup_amber_percent: float = Field(default=95, ge=0, le=100)
    """Amber below this share of calls whose card was on the screen before the answer."""
    popup_red_percent: float = Field(default=80, ge=0, le=100)

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        for name in ("wait_{}_s", "waiting_{}", "abandoned_{}_percent"):
            amber, red = self._pair(name)
            if red and amber > red:
                raise ValueError(f"{name.format('red')} is below {name.format('amber')}")
        for name in ("service_level_{}_percent", "popup_{}_percent"):
            amber, red = self._pair(name)
            if red > amber:
                raise ValueError(f"{name.format('red')} is above {name.format('amber')}")
        return self

    def _pair(self, name: str) -> tuple[float, float]:
        return getattr(self, name.format("amber")), getattr(self, name.format("red"))

    def limits(self) -> BoardLimits:
        return BoardLimits(
            WaitLimits(self.wait_amber_s, self.wait_red_s),
            waiting=(self.waiting_amber, self.waiting_red),
            abandoned=(self.abandoned_amber_percent, self.abandoned_red_percent),
            service_level=(self.service_level_amber_percent, self.service_level_red_percent),
            popup=(self.popup_amber_percent, self.popup_red_percent),
        )
