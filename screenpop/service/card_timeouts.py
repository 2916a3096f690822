"""How long a card is kept after its call is over for the agent, in seconds."""

from dataclasses import dataclass

from screenpop.cards.card import CardState

_ALWAYS = float("inf")


@dataclass(frozen=True, slots=True)
class CardTimeouts:
    elsewhere_s: float = 6.0
    """Time to read which colleague answered."""
    missed_s: float = 900.0
    wrap_up_s: float = 180.0
    most_missed: int = 5
    """Cards of missed calls an agent sees at once; the oldest leaves first."""

    def of(self, state: CardState) -> float:
        match state:
            case CardState.ELSEWHERE:
                return self.elsewhere_s
            case CardState.MISSED:
                return self.missed_s
            case CardState.WRAP_UP:
                return self.wrap_up_s
            case CardState.GONE:
                return 0.0
            case (
                CardState.RINGING
                | CardState.TALKING
                | CardState.HELD
                | CardState.DIALLING
                | CardState.LISTENING
            ):
                return _ALWAYS
