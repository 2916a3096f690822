"""What pages and sockets need of the process that owns the calls, as ports of ``web``."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.app.call_owner import followed_pbxes
from screenpop.app.pbx_test import check_connection
from screenpop.app.running_app import App
from screenpop.app.wiring import agents_port, callback_publisher
from screenpop.telephony.identifiers import CallId, PbxId
from screenpop.web.ports import (
    Agents,
    CallbackChanged,
    CallerSourceFacts,
    Commands,
    NoteChanged,
    OffersChanged,
    PbxTestResult,
    Receipts,
    Simulate,
    TraceOf,
)


@dataclass(frozen=True, slots=True)
class LiveCalls:
    """The ports behind which calls, cards, PBX links and agents' states are.

    Made by ``calls_of`` in the process that owns them, by ``remote_calls.RemoteCalls`` elsewhere.
    """

    receipts: Receipts
    commands: Commands
    agents: Agents
    has_phone: Callable[[UserId], bool]
    phones_changed: Callable[[], None]
    """Called after a change of seats, phones or languages; must not block."""
    note_changed: NoteChanged
    callback_changed: CallbackChanged
    offers_changed: OffersChanged
    webhooks_changed: Callable[[], None]
    trace_of: TraceOf
    link_states: Callable[[], Mapping[PbxId, str]]
    test_pbx: Callable[[PbxId], Awaitable[PbxTestResult]]
    caller_source: Callable[[], CallerSourceFacts | None]
    simulate: Simulate | None
    """None if no call can be played."""


def calls_of(app: App) -> LiveCalls:
    """Return the ports of the calls of this process."""
    screen_pop, settings, simulated_pbx = app.screen_pop, app.settings, app.simulated_pbx

    async def test_pbx(pbx: PbxId) -> PbxTestResult:
        address = {one.pbx: one for one, _ in followed_pbxes(app)}.get(pbx)
        if address is None:
            return PbxTestResult(is_live=False, took_s=0.0, code="not_followed")
        return await check_connection(address)

    async def command(
        user: UserId, op: str, args: Mapping[str, object], command_id: str = "", /
    ) -> Mapping[str, object]:
        # Sockets of this process, and the bus for those of others, have dropped what came again.
        return await screen_pop.command(user, op, args)

    async def trace_of(pbx: PbxId, call: CallId) -> tuple[dict[str, object], ...]:
        return screen_pop.trace_of(pbx, call)

    return LiveCalls(
        receipts=screen_pop.receipt,
        commands=command,
        agents=agents_port(
            *(settings, screen_pop, app.actions, app.dials, app.clock),
            simulates=simulated_pbx is not None,
        ),
        has_phone=lambda user: screen_pop.roster.has_phone(AgentId(user)),
        phones_changed=app.moved.set,
        note_changed=screen_pop.note_changed,
        callback_changed=callback_publisher(app.bus, lambda: app.people.everyone),
        offers_changed=app.offers.changed.set,
        webhooks_changed=app.webhooks.changed,
        trace_of=trace_of,
        link_states=lambda: {link.address.pbx: link.state.value for link in app.links.all},
        test_pbx=test_pbx,
        caller_source=lambda: None if app.sourced is None else app.sourced.source.facts(),
        simulate=simulated_pbx.simulate if simulated_pbx is not None else None,
    )
