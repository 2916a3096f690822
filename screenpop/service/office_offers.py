"""The office's offers as the cards use them: compiled, and replaced whole when they change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from screenpop.calls.call_state import CallState
from screenpop.calls.events import Direction
from screenpop.offers.compiled import NO_OFFERS, CallPlace, CompiledOffers
from screenpop.offers.office_offer import OfficeOffer
from screenpop.offers.office_suggestions import OfficeOffers
from screenpop.service.pieces import run_in_pieces


@dataclass(slots=True)
class OffersInUse:
    """Shared by the cards, which read it, and the task that keeps it up to date."""

    compiled: CompiledOffers = field(default=NO_OFFERS)

    async def replace(self, offers: Sequence[OfficeOffer], today: date) -> bool:
        """Compile these offers for a day, unless they are in use already; return whether.

        In pieces: cards of calls that ring meanwhile have the offers of before.
        """
        if tuple(offers) == tuple(self.compiled.offers):
            self.compiled.prepare(today)
            return False
        self.compiled = await run_in_pieces(CompiledOffers.in_steps(tuple(offers), today))
        return True

    def for_call(
        self, call: CallState, branches: frozenset[int], day_of: Callable[[float], date]
    ) -> OfficeOffers:
        """Return the offers as they are suggested on a call.

        ``branches``: those of the agents at whom it rang.
        """
        place = CallPlace(call.did, call.queue, branches)
        return OfficeOffers(self.compiled, place, day_of, call.direction is not Direction.OUTBOUND)
