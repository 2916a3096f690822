"""The section of the settings about what a card asks for."""

from pydantic import BaseModel, ConfigDict, Field

from screenpop.customers.missing_facts import Fact


class CardSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ask_facts: tuple[Fact, ...] = tuple(Fact)
    """The missing facts that a card may ask for; none: nothing is asked."""
    ask_again_days: int = Field(default=90, ge=0, le=3650)
    """Days after a question until a customer is asked the next one."""
