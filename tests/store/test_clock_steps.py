"""What a clock that was wrong for a while leaves in the database, and what becomes of it."""

from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import func, insert, select, update

from screenpop.agents.agent import AgentId
from screenpop.app.change_window import OVERLAP_S, ChangeWindow, is_over
from screenpop.app.clock_steps import STEP_S, ClockSteps
from screenpop.service.availability_ports import AvailabilitySpan
from screenpop.store.accounts.agent_states import (
    list_agent_states,
    restore_agent_states,
    write_spans,
)
from screenpop.store.accounts.form_drafts import KEPT_S, FormDraft, keep_draft, list_drafts
from screenpop.store.accounts.login_counters import FORGET_AFTER_S, LoginCounters
from screenpop.store.accounts.second_factor import (
    STEP_S as CODE_S,
)
from screenpop.store.accounts.second_factor import (
    CodeResult,
    check_code,
    is_password_unchanged,
    new_setup,
    turn_on,
)
from screenpop.store.accounts.sessions import (
    CLOCKS_DIFFER_S,
    ENDED_KEPT_S,
    IDLE_S,
    LIFETIME_S,
    find_session,
    is_changed_between,
    start_session,
)
from screenpop.store.accounts.users import change_password
from screenpop.store.clock_steps import SURELY_WRONG_BEFORE, limit_times_ahead
from screenpop.store.customers.audit import log_view
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import sessions
from screenpop.store.schema.customer_tables import customer_looks, removed_items
from screenpop.store.schema.process_tables import login_counters
from screenpop.store.schema.webhook_tables import webhook_deliveries
from screenpop.store.webhooks.deliveries import queue_test, report_failed, take_deliveries
from screenpop.store.webhooks.target_rows import load_targets
from screenpop.store.webhooks.targets import NewTarget, create_target
from screenpop.webhooks.events import CHOSEN_TYPES
from screenpop.webhooks.targets import LONGEST_PAUSE, TargetShape, pause_s
from tests.store.samples import LALEH, add_customer, add_user

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0
HOUR, DAY, TEN_YEARS = 3600.0, 86_400.0, 3653 * 86_400.0


class Machine:
    """A machine whose clock is set while its server runs."""

    def __init__(self, database: Database, now: float = NOW) -> None:
        self.now, self.runs = now, 0.0
        self.steps = ClockSteps(database, lambda: self.now, lambda: self.runs)

    async def passes(self, seconds: float) -> None:
        self.now += seconds
        self.runs += seconds
        await self.steps.look()

    async def is_set(self, by_s: float) -> None:
        self.now += by_s
        await self.passes(1)


@pytest.mark.parametrize("by_s", [HOUR, DAY, TEN_YEARS])
async def test_draft_and_removed_item_are_kept_for_a_day_while_the_clock_is_set_on_and_back(
    database: Database, by_s: float
) -> None:
    user = (await add_user(database, "maryam")).id
    customer = await add_customer(database, "Karimi", LALEH)
    machine = Machine(database)
    await machine.passes(10)
    await keep_draft(database, user, FormDraft("/customers/new", {"notes": "x"}, {}), NOW + 10)
    item = {"customer_id": customer, "kind": "trip", "row": {}, "at": NOW + 10}
    async with database.writing() as connection:
        await connection.execute(insert(removed_items).values(item))

    async def ages() -> tuple[float, float]:
        [draft] = await list_drafts(database, user, machine.now)
        removed = await database.read(lambda c: c.scalar(select(removed_items.c.at)))
        return machine.now - draft.saved_at, machine.now - (removed or 0.0)

    await machine.passes(KEPT_S / 2)
    await machine.is_set(by_s)
    assert await ages() == pytest.approx((KEPT_S / 2 + 1,) * 2, abs=0.01)
    await machine.is_set(-by_s)
    assert await ages() == pytest.approx((KEPT_S / 2 + 2,) * 2, abs=0.01)
    await machine.passes(KEPT_S / 2 - 2)
    assert await list_drafts(database, user, machine.now) == ()


async def test_draft_outlives_a_start_in_1970_and_a_step_of_a_minute_changes_nothing(
    database: Database,
) -> None:
    assert STEP_S == 60.0
    user = (await add_user(database, "maryam")).id
    await keep_draft(database, user, FormDraft("/a", {"notes": "x"}, {}), NOW)
    machine = Machine(database, 100.0)
    await machine.passes(5)
    await keep_draft(database, user, FormDraft("/b", {"notes": "y"}, {}), machine.now)
    await machine.is_set(NOW + HOUR - machine.now)
    second, first = await list_drafts(database, user, machine.now)
    assert (second.form, first.form, first.saved_at) == ("/b", "/a", NOW)
    await machine.is_set(STEP_S)
    again, _ = await list_drafts(database, user, machine.now)
    assert again.saved_at == second.saved_at
    await machine.is_set(STEP_S + 1)
    moved, _ = await list_drafts(database, user, machine.now)
    assert moved.saved_at == pytest.approx(second.saved_at + STEP_S + 1)


async def test_sessions_are_there_again_after_a_day_ahead_in_which_another_one_began(
    database: Database,
) -> None:
    user = (await add_user(database, "maryam")).id
    made = await start_session(database, user, NOW)
    assert await find_session(database, made.token, NOW + DAY) is None
    await start_session(database, user, NOW + DAY)
    assert await find_session(database, made.token, NOW + HOUR) is not None
    for since_end, rows in ((ENDED_KEPT_S - 1, 3), (ENDED_KEPT_S, 3)):
        await start_session(database, user, NOW + IDLE_S + since_end)
        count = await database.read(lambda c: c.scalar(select(func.count()).select_from(sessions)))
        assert count == rows  # the first one went when the last one began


async def test_session_of_a_clock_ten_years_ahead_ends_like_any_other_once_it_is_right(
    database: Database,
) -> None:
    user = (await add_user(database, "maryam")).id
    machine = Machine(database, NOW + TEN_YEARS)
    made = await start_session(database, user, machine.now)
    await machine.is_set(-TEN_YEARS)
    now = machine.now
    assert await find_session(database, made.token, now + IDLE_S - 1) is not None
    assert await find_session(database, made.token, now + IDLE_S) is None
    found = await find_session(database, made.token, now)
    assert found is not None
    assert found.expires_at == now + LIFETIME_S
    # The server was stopped while the clock was set back; two machines differ by a little.
    for ahead, is_limited in ((CLOCKS_DIFFER_S, False), (CLOCKS_DIFFER_S + 1, True)):
        other = await start_session(database, user, now + ahead)
        await Machine(database, now).steps.look()
        limited = await find_session(database, other.token, now)
        assert limited is not None
        assert (limited.last_seen_at == now) is is_limited


async def test_start_in_1970_ends_no_session(database: Database) -> None:
    user = (await add_user(database, "maryam")).id
    made = await start_session(database, user, NOW)
    await Machine(database, SURELY_WRONG_BEFORE - 1).steps.look()
    assert await find_session(database, made.token, NOW + 1) is not None
    await limit_times_ahead(database, SURELY_WRONG_BEFORE)
    assert await find_session(database, made.token, NOW + 1) is None


async def test_draft_saved_in_the_moment_of_a_step_and_one_of_years_ahead_are_new(
    database: Database,
) -> None:
    user = (await add_user(database, "maryam")).id
    await keep_draft(database, user, FormDraft("/ahead", {"notes": "x"}, {}), NOW + TEN_YEARS)
    machine = Machine(database)
    machine.now += 1 - DAY
    machine.runs += 1
    await keep_draft(database, user, FormDraft("/now", {"notes": "y"}, {}), machine.now)
    await machine.steps.look()
    assert {one.saved_at for one in await list_drafts(database, user, machine.now)} == {machine.now}


async def test_password_that_was_changed_by_a_clock_ahead_keeps_its_user_out_no_longer(
    database: Database,
) -> None:
    user = (await add_user(database, "maryam")).id
    await change_password(database, user, "four plain words together", NOW + DAY)
    made = await start_session(database, user, NOW)
    await database.later.flush()
    assert await find_session(database, made.token, NOW) is not None
    assert await is_password_unchanged(database, user, NOW, NOW + 1)
    at = CLOCKS_DIFFER_S
    times = (None, 0.0, 0.1, 5.0 + at, 5.1 + at)
    changed = [is_changed_between(one, 0.0, 5.0) for one in times]
    assert changed == [False, False, True, True, False]


async def test_code_used_by_a_clock_ahead_refuses_no_codes_until_that_time(
    database: Database, tmp_path: Path
) -> None:
    database.document_key_file = tmp_path / "document.key"
    user = (await add_user(database, "maryam")).id
    setup = await new_setup(database, user, NOW)
    secret, totp = setup.secret, pyotp.TOTP(setup.secret)
    assert await turn_on(database, user, setup, totp.at(int(NOW + DAY)), NOW + DAY)

    async def result(code_at: float, now: float) -> CodeResult:
        return await check_code(database, user, pyotp.TOTP(secret).at(int(code_at)), now)

    assert await result(NOW, NOW) is CodeResult.RIGHT
    assert await result(NOW, NOW) is CodeResult.WRONG  # used up now
    # One used a step ahead, as the window allows, still refuses itself and those before.
    assert await result(NOW + CODE_S, NOW) is CodeResult.RIGHT
    assert await result(NOW + CODE_S, NOW) is CodeResult.WRONG
    assert await result(NOW - CODE_S, NOW) is CodeResult.WRONG
    # The clock is set back by two steps: the last one is further ahead than the window.
    earlier = NOW - CODE_S
    assert await result(earlier, earlier) is CodeResult.RIGHT


async def test_wrong_passwords_of_a_database_whose_clock_was_ahead_count_a_quarter_of_an_hour(
    database: Database,
) -> None:
    counters = LoginCounters(database)
    for _ in range(3):
        await counters.begin(["alice"])
    ahead = update(login_counters).values(last_at=login_counters.c.last_at + DAY)
    older = update(login_counters).values(last_at=login_counters.c.last_at - FORGET_AFTER_S)
    async with database.writing() as connection:
        await connection.execute(ahead)
    assert (await counters.begin(["alice"]))["alice"].wrong == 3
    async with database.writing() as connection:
        await connection.execute(older)
    assert (await counters.begin(["alice"]))["alice"].wrong == 0


async def test_webhook_of_a_clock_ahead_is_sent_at_once_and_a_pause_lasts_no_longer_than_usual(
    database: Database, tmp_path: Path
) -> None:
    database.document_key_file = tmp_path / "document.key"
    new = NewTarget("CRM", "https://a.gr/", TargetShape.STANDARD, frozenset(CHOSEN_TYPES))
    await create_target(database, new, user_id=(await add_user(database)).id, now=NOW)
    [target] = await database.read(lambda c: load_targets(c, active_only=True))
    await queue_test(database, target, NOW + DAY)
    [(delivery, _)] = await take_deliveries(database, target, NOW)
    again_at = NOW + 5
    await report_failed(
        *(database, delivery, NOW),
        status=500,
        problem="",
        took_ms=1,
        again_at=again_at,
        pause_until=None,
    )
    assert await take_deliveries(database, target, again_at - 1) == []
    assert await take_deliveries(database, target, NOW - 1) != []  # its last attempt is to come
    kept = await database.read(lambda c: c.execute(select(webhook_deliveries.c.next_at)).all())
    assert [row.next_at for row in kept] == [again_at]

    longest = pause_s(3) * LONGEST_PAUSE
    for until, is_paused in ((0.0, False), (1.0, True), (longest, True), (longest + 1, False)):
        assert replace(target, failures=3, paused_until=NOW + until).is_paused(NOW) is is_paused
    assert not target.is_paused(NOW)


async def test_wrap_up_of_a_clock_ahead_lasts_its_length_after_a_restart_and_no_span_is_negative(
    database: Database,
) -> None:
    maryam, eleni = (await add_user(database, "maryam")).id, (await add_user(database, "eleni")).id
    ahead = NOW + DAY
    spans = [
        AvailabilitySpan(maryam, "wrap_up", "", "", ahead, ahead + 30, None, False),
        AvailabilitySpan(eleni, "available", "", "", ahead, None, None, False),
    ]
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: write_spans(sync, spans))
    restored = await restore_agent_states(database, NOW)
    assert restored[AgentId(maryam)].wrap_up_until == NOW + 30
    await database.later.flush()
    [ended] = await list_agent_states(database, NOW, ahead + 1, eleni)
    assert (ended.begun_at, ended.ended_at, ended.estimated) == (ahead, ahead, True)


async def test_view_of_a_customer_is_recorded_beside_one_of_a_clock_ahead(
    database: Database,
) -> None:
    user = (await add_user(database, "maryam")).id
    customer = await add_customer(database, "Karimi", LALEH)
    for at in (NOW + DAY, NOW, NOW):
        log_view(database, customer, user, at)
        await database.later.flush()
    looks = select(customer_looks.c.first_at, customer_looks.c.times).order_by(customer_looks.c.id)
    rows = await database.read(lambda c: c.execute(looks).all())
    assert [tuple(row) for row in rows] == [(NOW + DAY, 1), (NOW, 2)]


def test_changes_of_a_clock_ahead_are_looked_at_once() -> None:
    window = ChangeWindow(NOW)
    assert window.span(NOW + 5) == (NOW - OVERLAP_S, NOW + 5 + OVERLAP_S)
    window.looked(NOW + HOUR)
    assert window.span(NOW + HOUR - OVERLAP_S)[1] == NOW + HOUR
    assert window.span(NOW) == (NOW - OVERLAP_S, None)
    window.looked(NOW)
    assert window.span(NOW + 5) == (NOW - OVERLAP_S, NOW + 5 + OVERLAP_S)
    waits = [is_over(NOW, NOW + passed, 600.0) for passed in (-1.0, 0.0, 599.0, 600.0)]
    assert waits == [True, False, False, True]
