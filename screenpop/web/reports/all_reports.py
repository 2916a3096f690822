"""All reports: how each is read from the database and described."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import UserId
from screenpop.customers.calendar_months import Calendar
from screenpop.reports.agents import describe_agents
from screenpop.reports.call_tables import describe_calls, describe_popups
from screenpop.reports.callers import describe_callers
from screenpop.reports.calls import summarize_calls
from screenpop.reports.customers import describe_customers
from screenpop.reports.description import Report, beside
from screenpop.reports.lines import BOOKED_DAYS, describe_lines
from screenpop.reports.offer_results import describe_offers
from screenpop.reports.periods import USUAL_DAYS, Period
from screenpop.reports.popup import answered_by, summarize_popups
from screenpop.reports.purposes import describe_purposes
from screenpop.reports.trips import describe_trips
from screenpop.store.accounts.teams import visible_calls
from screenpop.store.accounts.users import list_users
from screenpop.store.customers.number_quality import count_problems
from screenpop.store.offers.outcomes import OutcomeFilter
from screenpop.store.reports.agent_rows import agent_work
from screenpop.store.reports.call_counts import counted_calls
from screenpop.store.reports.caller_rows import count_numbers, recognised_calls
from screenpop.store.reports.customer_rows import customer_groups
from screenpop.store.reports.line_rows import line_calls
from screenpop.store.reports.offer_rows import offer_results
from screenpop.store.reports.popup_rows import answered_calls
from screenpop.store.reports.purpose_rows import purpose_calls
from screenpop.store.reports.trip_rows import booked_trips
from screenpop.telephony.identifiers import PbxId
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import line_view
from screenpop.web.context import WebContext
from screenpop.web.offers.views import visible_offers

_YEAR = 365


@dataclass(frozen=True, slots=True)
class AskedReport:
    """Which days, by which user, in which calendar and language, and of which agents."""

    period: Period
    current_user: CurrentUser
    calendar: Calendar
    language: str
    agents: frozenset[UserId] | None
    """The users whose calls and work the user sees; None: all."""

    @property
    def prices(self) -> bool:
        """Return whether the user may see what trips cost and bring."""
        return Section.PRICES in sections_for(self.current_user.user)


@dataclass(frozen=True, slots=True)
class ReportSource:
    describe: Callable[[WebContext, AskedReport], Awaitable[Report]]
    usual_days: int = USUAL_DAYS
    """Days up to today where no period is chosen."""


async def load_report(context: WebContext, code: str, asked: AskedReport) -> Report:
    """Return a report beside that of as many days before."""
    describe = REPORTS[code].describe
    earlier = replace(asked, period=asked.period.before())
    return beside(await describe(context, asked), await describe(context, earlier))


async def _calls(context: WebContext, asked: AskedReport) -> Report:
    bounds = asked.period.bounds(context.zone)
    counted = await counted_calls(
        context.database,
        *bounds,
        context.service_targets,
        simulated=context.demo,
        only=visible_calls(asked.agents),
    )
    report = summarize_calls(counted, asked.period, context.zone)
    return describe_calls(report, {key: _line_name(context, *key) for key in report.by_line})


async def _popup(context: WebContext, asked: AskedReport) -> Report:
    bounds = asked.period.bounds(context.zone)
    only = visible_calls(asked.agents)
    found = await answered_calls(
        context.database, *bounds, context.zone, simulated=context.demo, only=only
    )
    calls = answered_by(found, asked.agents)
    names = {int(user.id): user.display_name for user in await list_users(context.database)}
    return describe_popups(summarize_popups(calls), names)


async def _agents(context: WebContext, asked: AskedReport) -> Report:
    work = await agent_work(
        context.database,
        asked.period,
        context.zone,
        context.clock(),
        agents=asked.agents,
        simulated=context.demo,
    )
    return describe_agents(work)


async def _purposes(context: WebContext, asked: AskedReport) -> Report:
    found = await purpose_calls(
        context.database,
        *asked.period.bounds(context.zone),
        context.clock(),
        asked.language,
        agents=asked.agents,
        simulated=context.demo,
    )
    return describe_purposes(found)


async def _lines(context: WebContext, asked: AskedReport) -> Report:
    found = await line_calls(
        context.database,
        *asked.period.bounds(context.zone),
        context.zone,
        lambda pbx, did: _line_name(context, pbx, did),
        agents=asked.agents,
        simulated=context.demo,
    )
    return describe_lines(found, prices=asked.prices)


async def _offers(context: WebContext, asked: AskedReport) -> Report:
    saved = await visible_offers(context, asked.current_user)
    names = {int(one.offer.id): one.offer.terms.name for one in saved}
    wanted = OutcomeFilter(
        asked.period.first,
        asked.period.last,
        BOOKED_DAYS,
        context.today(),
        context.zone,
        frozenset(names),
    )
    return describe_offers(await offer_results(context.database, wanted, names))


async def _customers(context: WebContext, asked: AskedReport) -> Report:
    found = await customer_groups(context.database, asked.period.first, asked.period.last)
    return describe_customers(found, asked.calendar, prices=asked.prices)


async def _trips(context: WebContext, asked: AskedReport) -> Report:
    period = asked.period
    found = await booked_trips(context.database, period.first, period.last, asked.language)
    return describe_trips(found, asked.calendar, prices=asked.prices)


async def _numbers(context: WebContext, asked: AskedReport) -> Report:
    found = await recognised_calls(
        context.database,
        *asked.period.bounds(context.zone),
        lambda pbx, did: _line_name(context, pbx, did),
        agents=asked.agents,
        simulated=context.demo,
    )
    problems = await count_problems(context.database)
    by_code = {problem.value: count for problem, count in problems.items()}
    return describe_callers(found, by_code, await count_numbers(context.database))


def _line_name(context: WebContext, pbx: str, did: str) -> str:
    line = line_view(PbxId(pbx), did, context.lines)
    return line["label"] or line["number"]


REPORTS: Mapping[str, ReportSource] = {
    "calls": ReportSource(_calls),
    "popup": ReportSource(_popup),
    "agents": ReportSource(_agents),
    "purposes": ReportSource(_purposes),
    "lines": ReportSource(_lines),
    "offers": ReportSource(_offers, 90),
    "customers": ReportSource(_customers, _YEAR),
    "trips": ReportSource(_trips, _YEAR),
    "numbers": ReportSource(_numbers),
}
"""By the name in the address. The first two have pages and JSON of their own beside this."""
