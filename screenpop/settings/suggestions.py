"""Settings of suggestions."""

from pydantic import BaseModel, ConfigDict


class SuggestionSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    try_new: bool = False
    """Whether the rank of an offer with few answers is drawn each hour from what is known of it."""
