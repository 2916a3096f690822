"""What reports of the demo need beside its past calls: purposes, agents' days, rules for tiers."""

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.agents.availability import AgentState, PauseReason
from screenpop.calls.events import Direction, Disposition
from screenpop.calls.labels import LabelKind
from screenpop.customers.models import Tier
from screenpop.loyalty.tier_json import write_rules
from screenpop.loyalty.tiers import TierRule
from screenpop.store.schema.customer_tables import agent_states, call_labels, call_purposes
from screenpop.store.schema.tables import calls
from screenpop.store.schema.value_tables import tier_rule_versions
from screenpop.telephony.identifiers import Endpoint

_DAYS = 12
_OFTEN = (6, 5, 3, 1, 3, 2, 1)
"""How often a call is about each purpose, in the order of the list."""
_MINUTE_S = 60.0
_TIER_RULES = (
    TierRule(Tier.SILVER, trips=5),
    TierRule(Tier.GOLD, trips=8, within_months=60),
    TierRule(Tier.GOLD, spend=18_000, currency="EUR", within_months=36),
)


async def seed_reports(
    connection: AsyncConnection,
    agents: Mapping[Endpoint, UserId],
    today: date,
    now: float,
    zone: tzinfo,
    seed: int,
) -> None:
    """Add them for the calls that are in the log."""
    rng = random.Random(seed)  # noqa: S311 - not used for security
    await _labels(connection, rng, now)
    spans = [span for user in agents.values() for span in _agent_days(rng, user, today, zone)]
    if spans:
        await connection.execute(insert(agent_states), spans)
    rules = write_rules(_TIER_RULES)
    values = {"rules": rules, "user_id": None, "agent": "Admin", "at": now}
    await connection.execute(insert(tier_rule_versions).values(**values))


async def _labels(connection: AsyncConnection, rng: random.Random, now: float) -> None:
    """Choose purposes and results for most of the answered calls."""
    listed = select(call_purposes.c.id, call_purposes.c.kind).order_by(call_purposes.c.position)
    ids: dict[str, list[int]] = {kind.value: [] for kind in LabelKind}
    for row in await connection.execute(listed):
        ids[row.kind].append(row.id)
    purposes, results = ids[LabelKind.PURPOSE], ids[LabelKind.AGENT_DISPOSITION]
    answered = (
        select(calls.c.id, calls.c.agent_id)
        .where(
            calls.c.direction == Direction.INBOUND.value,
            calls.c.disposition == Disposition.ANSWERED.value,
        )
        .order_by(calls.c.id)
    )
    rows = []
    for call in await connection.execute(answered):
        if not purposes or rng.choices((True, False), (15, 85))[0]:
            continue
        often = [*_OFTEN, *[1] * len(purposes)][: len(purposes)]
        has_result = results and rng.choices((True, False), (60, 40))[0]
        rows.append(
            {
                "call_id": call.id,
                "purpose_id": rng.choices(purposes, often)[0],
                "agent_disposition_id": rng.choice(results) if has_result else None,
                "user_id": call.agent_id,
                "changed_at": now,
            }
        )
    if rows:
        await connection.execute(insert(call_labels), rows)


def _agent_days(
    rng: random.Random, user: UserId, today: date, zone: tzinfo
) -> Iterator[dict[str, Any]]:
    """Return the states of an agent on the days with calls: work, pauses and wrap-ups."""
    for days in range(_DAYS, 0, -1):
        at = datetime.combine(today - timedelta(days=days), time(9), zone).timestamp()
        at += rng.randrange(12) * _MINUTE_S
        for pause, minutes in (
            (PauseReason.BREAK, rng.randrange(8, 18)),
            (PauseReason.LUNCH, rng.randrange(30, 50)),
            (rng.choice((PauseReason.MEETING, PauseReason.TRAINING)), rng.randrange(20, 60)),
            (PauseReason.BREAK, rng.randrange(6, 15)),
        ):
            for state, reason, length in (
                (AgentState.AVAILABLE, "", rng.randrange(40, 70)),
                (AgentState.ON_CALL, "", rng.randrange(10, 30)),
                (AgentState.WRAP_UP, "", rng.randrange(3, 9)),
                (AgentState.PAUSED, pause.value, minutes),
            ):
                yield _span(user, state, reason, at, at + length * _MINUTE_S)
                at += length * _MINUTE_S
        yield _span(user, AgentState.OFFLINE, "", at, at + 60 * _MINUTE_S)


def _span(
    user: UserId, state: AgentState, reason: str, begun_at: float, ended_at: float
) -> dict[str, Any]:
    return {
        "user_id": user,
        "state": state.value,
        "reason": reason,
        "begun_at": begun_at,
        "ended_at": ended_at,
    }
