"""The calls and cards in memory, and what of them is still to be published or logged.

``ScreenPop`` and ``card_commands`` share one ``LiveCalls``; both only add to its queues, and
``ScreenPop.flush`` empties them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from screenpop.calls.call_log import build_open_record
from screenpop.calls.call_record import CallRecord
from screenpop.calls.call_state import CallKey
from screenpop.cards.card import CardState
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.card_index import CardIndex
from screenpop.service.effects import Effect, KeepOpen
from screenpop.service.logged_call import open_record
from screenpop.service.ports import LoggedCall


@dataclass(slots=True)
class LiveCalls:
    sessions: dict[CallKey, CallSession] = field(default_factory=dict)
    """Every call that is live or still has a card on a screen."""
    cards: CardIndex = field(default_factory=CardIndex)
    changed: dict[CallKey, CallSession] = field(default_factory=dict)
    """Calls whose cards and board row must be published again."""
    to_keep_open: dict[CallKey, CallSession] = field(default_factory=dict)
    """Calls in progress whose row must be written, or written again."""
    finished: list[tuple[CallSession, CallRecord]] = field(default_factory=list)
    """Records for the log; a call comes again when its record has changed."""
    effects: list[Effect] = field(default_factory=list)

    at_work: CallKey | None = None
    """The call of which ``ScreenPop.flush`` makes the effects now."""

    def open_rows(self) -> Iterator[KeepOpen]:
        """Return a row for each call in progress that began, rang at an agent or was answered."""
        to_keep, self.to_keep_open = self.to_keep_open, {}
        for key, file in to_keep.items():
            if not file.call.over:
                yield KeepOpen(key, partial(_record_so_far, file))

    def touch(self, file: CallSession) -> None:
        """Mark a call as changed, and the consultations about it, whose cards show it."""
        for session in (file, *file.consultations):
            self.changed[session.call.key] = session

    def dismiss_card(self, file: CallSession, card: LiveCard) -> None:
        card.dismissed, card.leaves_at = True, None
        self.changed[file.call.key] = file

    def dismiss_due(self, now: float) -> None:
        """Dismiss the cards that have been on the screen for long enough."""
        for file, card in self.cards:
            if card.leaves_at is not None and card.leaves_at <= now:
                self.dismiss_card(file, card)

    def limit_missed(self, file: CallSession, most: int) -> None:
        """Keep the newest cards of missed calls of each agent of the call, after an absence."""
        for agent, card in file.cards.items():
            if card.state is CardState.MISSED:
                for old in self.cards.too_many_missed(agent, most):
                    self.dismiss_card(*old)

    def log_again(self, file: CallSession) -> bool:
        """Log a call again whose record has changed; return False if it is not in the log yet."""
        if file.kept is None:
            return False
        self.finished.append((file, file.kept))
        return True

    def is_done(self, file: CallSession) -> bool:
        """Return whether a call is over and nothing of it is on a screen or to be published."""
        shows = file.cards_on_screen() or file.call.key in self.changed
        return file.call.over and not shows

    def forget_if_done(self, file: CallSession) -> None:
        # A caller's card takes its ended consultations along, which may be forgotten by then.
        if self.is_done(file) and self.sessions.get(file.call.key) is file:
            del self.sessions[file.call.key]
            self.cards.forget(file)


def _record_so_far(file: CallSession) -> LoggedCall | None:
    """Return the record of a call in progress; None once it is over."""
    entry = build_open_record(file.call)
    return None if entry is None else open_record(file, entry)
