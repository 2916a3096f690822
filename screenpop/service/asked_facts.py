"""The one fact that an agent asks a caller for: what may be asked, and what was answered."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardState
from screenpop.customers.missing_facts import Fact

OPS = frozenset({"answer_fact", "decline_fact"})
FACTS = {fact.value: fact for fact in Fact}
TALKS = frozenset({CardState.TALKING, CardState.HELD})
"""The states of a card in which the agent can ask the caller something."""
_NEEDED_SECTIONS: Mapping[Fact, Section] = {
    Fact.BIRTHDAY: Section.PERSONAL,
    Fact.PASSPORT_EXPIRES: Section.PERSONAL,
}
"""What a department must see of a customer to edit a fact; the others need any section."""


@dataclass(frozen=True, slots=True)
class AskRules:
    """Settings of the office."""

    facts: frozenset[Fact] = frozenset()
    """The facts that are asked; none: nothing is asked."""
    again_days: int = 90
    """Days after a question until a customer is asked the next one."""

    def allowed(self, sections: Set[Section]) -> frozenset[Fact]:
        """Return the facts that a department asks, which are those that it may see and edit."""
        if not sections:
            return frozenset()
        return frozenset(
            fact for fact in self.facts if _NEEDED_SECTIONS.get(fact) in {None, *sections}
        )
