"""What agents do on their cards while the server is killed, and what is missing of it afterwards.

Every command is sent once for a call or an agent, with an id of its own; what was answered with
success is looked for in the database after the last kill.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.offers.office_offer import OfferId, OfferTerms
from screenpop.store.engine.database import Database
from screenpop.store.offers.saved import add_offer, switch_offer
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import (
    agent_states,
    asked_facts,
    call_labels,
    follow_ups,
    offer_answers,
)
from screenpop.store.schema.tables import calls

OFFERS_FOR_EVERYONE = 12
PURPOSES, DISPOSITIONS = 7, 6
"""How many labels of each kind a new database has; the purposes have the lower ids."""
ANSWERS = {
    "birthday": "1366/05/12",
    "email": "killed{0}@example.com",
    "heard_from": "a friend {0}",
    "second_number": "0935{0:07d}",
}


KINDS = {
    *("purpose", "agent_disposition", "follow_up", "offer", "answered", "pause"),
}


class Command(NamedTuple):
    """A command of a page, and what it proves when it succeeds."""

    op: str
    args: dict[str, Any]
    proof: tuple[str, ...]
    """Kind, and what identifies the row; empty for nothing: a question may be asked twice."""


@dataclass
class Work:
    """The commands of all pages, over all runs of the server."""

    acknowledged: set[tuple[str, ...]] = field(default_factory=set)
    done: set[tuple[str, str]] = field(default_factory=set)
    """The calls, each with its agent, on which an agent has worked."""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def of_card(self, name: str, card: dict[str, Any]) -> list[Command]:
        """Return what the agent does with a card that talks, once for each card."""
        call, card_id = card["call"], card["id"]
        if card["state"] != "talking" or (call, name) in self.done:
            return []
        self.done.add((call, name))
        number = next(self._numbers)
        known = [
            Command("call_work", {}, ()),
            Command(
                "follow_up",
                {"due": "tomorrow", "request": f"kill-{number}", "promise": "call"},
                ("follow_up", f"kill-{number}"),
            ),
            *(
                Command(
                    "offer_answered",
                    {"offer": offer["id"], "answer": "no", "why": "price"},
                    ("offer", call, offer["id"]),
                )
                for offer in card["suggestions"][:1]
            ),
        ]
        # All agents of a call choose the same, so that none replaces what another one chose.
        place = sum(map(ord, call))
        labels = {
            "purpose": 1 + place % PURPOSES,
            "agent_disposition": 1 + PURPOSES + place % DISPOSITIONS,
        }
        chosen = [
            Command(kind, {kind: label}, (kind, call, str(label))) for kind, label in labels.items()
        ]
        commands = [*chosen, *(known if card["match"] == "certain" else [])]
        return [one._replace(args={"card": card_id, **one.args}) for one in commands]

    def pause(self, name: str) -> list[Command]:
        """Return a pause that lasts: a state, or the reason under a call or a wrap-up."""
        return [Command("pause", {"reason": "lunch"}, ("pause", name))]

    def succeeded(self, command: Command, value: dict[str, Any]) -> list[Command]:
        """Note what is proved; return the answer to a question that was asked."""
        if command.op == "call_work":
            if value["ask"] is None:
                return []
            fact, card = value["ask"], command.args["card"]
            args = {"card": card, "fact": fact, "value": ANSWERS[fact].format(next(self._numbers))}
            return [Command("answer_fact", args, ("answered", card, fact))]
        self.acknowledged.add(command.proof)
        return []

    def counts(self) -> Counter[str]:
        return Counter(kind for kind, *_ in self.acknowledged)


async def add_offers_for_everyone(database: Database, now: float) -> None:
    """Switch on offers that fit each customer, so that cards have one to answer.

    Several, because an offer is quiet for months after its no.
    """
    words = {"en": "A week by the sea", "fa": "یک هفته کنار دریا", "el": "Μια εβδομάδα στη θάλασσα"}
    for number in range(OFFERS_FOR_EVERYONE):
        terms = OfferTerms(name=f"For everyone {number}", words=words)
        offer = await add_offer(database, terms, user_id=None, now=now)
        await switch_offer(database, OfferId(offer), active=True, user_id=None, now=now)


async def lost_work(connection: AsyncConnection, work: Work) -> list[tuple[str, ...]]:
    """Return what was acknowledged and is not in the database."""
    found = {proof: await connection.scalar(_statement(proof)) for proof in work.acknowledged}
    return sorted(proof for proof, is_there in found.items() if not is_there)


def _statement(proof: tuple[str, ...]) -> Select[tuple[bool]]:
    kind, *keys = proof
    condition: Any
    match kind:
        case "answered":
            condition = (asked_facts.c.card == keys[0]) & (asked_facts.c.answer == "given")
        case "follow_up":
            condition = follow_ups.c.request_key.endswith(f":{keys[0]}")
        case "offer":
            condition = (
                (offer_answers.c.call_id == calls.c.id)
                & (calls.c.linkedid == keys[0])
                & (offer_answers.c.offer == keys[1])
                & (offer_answers.c.why == "price")
            )
        case "pause":
            condition = (
                (agent_states.c.user_id == users.c.id)
                & (users.c.username == keys[0])
                & (agent_states.c.reason == "lunch")
            )
        case _:
            condition = (
                (call_labels.c.call_id == calls.c.id)
                & (calls.c.linkedid == keys[0])
                & (call_labels.c[f"{kind}_id"] == int(keys[1]))
            )
    return select(exists().where(condition))
