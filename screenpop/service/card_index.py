"""All current cards, by id and by agent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from screenpop.accounts.users import UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.cards.card import CardId, CardState
from screenpop.cards.compose import make_card_id
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.commands import Draft

Placed = tuple[CallSession, LiveCard]


@dataclass(slots=True)
class CardIndex:
    _all: dict[CardId, Placed] = field(default_factory=dict)
    _of: dict[AgentId, dict[CardId, Placed]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Placed]:
        return iter(self._all.values())

    def new(self, file: CallSession, agent: Agent) -> tuple[LiveCard, CallSession | None]:
        """Create a card; return it and the call whose card it replaces.

        With the same call id in another boot (a recording played twice), pages still have the card
        of the earlier call, so the revisions continue from there.
        """
        card = LiveCard(make_card_id(file.call.pbx, file.call.call, agent.id), agent, set())
        earlier: CallSession | None = None
        if card.id in self._all:
            earlier, replaced = self._all[card.id]
            card.rev = replaced.rev
            del earlier.cards[agent.id]
        file.cards[agent.id] = card
        self._all[card.id] = self._of.setdefault(agent.id, {})[card.id] = (file, card)
        return card, earlier

    def move_times(self, by: float) -> None:
        """Move when cards leave by so many seconds."""
        for _, card in self:
            if card.leaves_at is not None:
                card.leaves_at += by

    def own(self, user: UserId, card: CardId) -> Placed | None:
        """Return a card if it belongs to this user."""
        entry = self._all.get(card)
        return entry if entry is not None and UserId(entry[1].agent.id) == user else None

    def draft(self, user: UserId, asked: Draft) -> Mapping[str, object]:
        """Store or read an unfinished form of a user's card: ``{"draft": fields}``, or ``{"error":
        "unknown_card"}``."""
        entry = self.own(user, asked.card)
        if entry is None:
            return {"error": "unknown_card"}
        if asked.fields is not None:
            entry[1].drafts[asked.form] = asked.fields
        return {"draft": dict(entry[1].drafts.get(asked.form, {}))}

    def of(self, agent: AgentId) -> tuple[Placed, ...]:
        return tuple(self._of.get(agent, {}).values())

    def too_many_missed(self, agent: AgentId, most: int) -> list[Placed]:
        """Return the oldest missed calls of an agent beyond this number."""
        missed = [placed for placed in self.of(agent) if placed[1].state is CardState.MISSED]
        missed.sort(key=lambda placed: placed[1].since)
        return missed[:-most]

    def forget(self, file: CallSession) -> None:
        for card in file.cards.values():
            del self._all[card.id], self._of[card.agent.id][card.id]
