"""An agent's own change of availability: sent to the queues first, then valid.

A pause that a PBX refuses is taken back in the queues that took it, and the state stays.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import Pause, PauseReason, WrapUpError
from screenpop.service.agent_availability import AgentAvailability
from screenpop.service.availability_ports import (
    ActionOutcome,
    PbxActions,
    PbxRights,
    QueuePause,
)
from screenpop.service.commands import RefusedCommand

OPS = frozenset({"pause", "available", "end_wrap_up", "extend_wrap_up"})

Answer = Mapping[str, object]
Run = Callable[[Callable[[float], None]], Awaitable[None]]
"""Runs work on the task that owns the calls, and returns when it is done or raises its error."""

_REFUSED = frozenset({ActionOutcome.REFUSED})


async def change_availability(
    availability: AgentAvailability,
    actions: PbxActions | None,
    run: Run,
    user: UserId,
    op: str,
    args: Mapping[str, object],
) -> Answer:
    """Return ``{}`` or ``{"error": code}``.

    Codes: ``bad_arguments``, ``no_agent``, ``no_wrap_up``, ``wrap_up_too_long``,
    ``queues_refused``.
    """
    agent = AgentId(user)
    if not availability.has(agent):
        return {"error": "no_agent"}
    if op == "pause":
        pause = parse_pause(args)
        if isinstance(pause, RefusedCommand):
            return {"error": pause.code}
        if not await _update_queues(availability, actions, run, agent, pause.queue_reason):
            return {"error": "queues_refused"}
        await run(lambda now: availability.pause(agent, pause, now))
        return {}
    if op == "available":
        if not await _update_queues(availability, actions, run, agent, ""):
            return {"error": "queues_refused"}
        await run(lambda now: availability.resume(agent, now))
        return {}
    change = availability.end_wrap_up if op == "end_wrap_up" else availability.extend_wrap_up
    try:
        await run(lambda now: change(agent, now))
    except WrapUpError as refused:
        return {"error": refused.code}
    return {}


def parse_pause(args: Mapping[str, object]) -> Pause | RefusedCommand:
    reason = args.get("reason")
    if not isinstance(reason, str) or reason not in set(PauseReason):
        return RefusedCommand("bad_arguments")
    return Pause(PauseReason(reason))


async def _update_queues(
    availability: AgentAvailability,
    actions: PbxActions | None,
    run: Run,
    agent: AgentId,
    reason: str,
) -> bool:
    """Return whether no queue refused; a missing class or link makes the state our own."""
    if actions is None:
        return True
    requests = availability.queue_pauses(agent, reason)
    outcomes = [(request, await actions.pause(request)) for request in requests]
    for request, outcome in outcomes:
        if outcome is ActionOutcome.NOT_ALLOWED:
            pbx = request.pbx
            rights = PbxRights(can_originate=availability.rights_of(pbx).can_originate)
            await run(lambda _, pbx=pbx, rights=rights: availability.rights_known(pbx, rights))  # type: ignore[misc]
    if not any(outcome in _REFUSED for _, outcome in outcomes):
        return True
    one = availability.of(agent)
    await _take_back(actions, outcomes, "" if one is None else one.queue_reason)
    return False


async def _take_back(
    actions: PbxActions, outcomes: Sequence[tuple[QueuePause, ActionOutcome]], reason: str
) -> None:
    for request, outcome in outcomes:
        if outcome is ActionOutcome.DONE:
            await actions.pause(
                QueuePause(request.pbx, request.queue, request.interface, bool(reason), reason)
            )
