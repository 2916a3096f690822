"""The section of the settings about the board of trips."""

from pydantic import BaseModel, ConfigDict, Field


class TripBoardSettings(BaseModel):
    """When a trip on the board is stuck."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    asked_days: int = Field(default=3, ge=0, le=3650)
    """Most days in the state before it counts as stuck; 0: no limit."""
    quoted_days: int = Field(default=7, ge=0, le=3650)
    """As ``asked_days``."""
    booked_days: int = Field(default=14, ge=0, le=3650)
    """As ``asked_days``."""
    near_departure_days: int = Field(default=7, ge=0, le=365)
    """Days before the departure from which on an open item of the checklist counts."""
