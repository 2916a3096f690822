"""What cards and the list of calls have of a caller whose file is hidden."""

from dataclasses import replace

from screenpop.cards.call_facts import CallerFacts
from screenpop.cards.compose import caller_part
from screenpop.cards.encode import caller_part_bytes
from screenpop.customers.match import CustomerMatch, MatchReason, Sureness
from screenpop.customers.models import CustomerId
from screenpop.customers.visibility import HiddenFiles
from screenpop.offers.suggestion import Suggestions
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.caller_bodies import AgentView, CallerBody

HIDDEN_FILE = CustomerMatch(Sureness.NONE, MatchReason("hidden_file"))


def is_hidden_from(
    file: CallSession, card: LiveCard, hidden: HiddenFiles, *others: CustomerId
) -> bool:
    """Return whether a possible customer of the call, or one of ``others``, is hidden from the
    card's agent."""
    if not hidden.seen_by:
        return False
    customers = [one.customer.id for one in (file.about or file).match.files]
    return hidden.are_hidden_from(card.agent.id, (*customers, *others))


def has_hidden_file(file: CallSession, hidden: HiddenFiles) -> bool:
    """Return whether a possible customer of the call has a hidden file."""
    if not hidden.seen_by:
        return False
    return hidden.has_one_of(one.customer.id for one in file.match.files)


def hidden_body(facts: CallerFacts, view: AgentView) -> CallerBody:
    """Return the caller part without name and records: the number, and that a file is hidden."""
    known = facts._replace(
        party=replace(facts.party, name=""), match=HIDDEN_FILE, suggestions=Suggestions()
    )
    part = caller_part(known, view.department, view.language)
    return CallerBody(part, caller_part_bytes(part))
