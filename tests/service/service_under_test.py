"""An office to play stories in: three agents, a supervisor, a few customers, and what they see."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import orjson

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.calls.events import CallEvent
from screenpop.customers.models import (
    CallerRecord,
    Customer,
    CustomerFile,
    CustomerId,
    Gender,
    PersonName,
    Phone,
    Product,
    Tier,
    Title,
    Trip,
    TripId,
    TripStatus,
)
from screenpop.service.asked_facts import AskRules
from screenpop.service.availability_config import AvailabilityConfig
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.service.config import ServiceConfig
from screenpop.service.effects import Effect, LogCall, Publish, WarnUnmappedPhone
from screenpop.service.lookup_queue import LookupRequest, NumberKey
from screenpop.service.office_offers import OffersInUse
from screenpop.service.ports import LoggedCall
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.staff import Staff, build_staff
from screenpop.service.trunk_lines import TrunkLines
from screenpop.telephony.identifiers import E164, SIMULATED, Endpoint, PbxId, Region
from screenpop.telephony.number_plan import NumberPlan
from tests.service.event_script import DID, OFFICE

MARYAM, ELENI, NIKOS, SARA = UserId(1), UserId(2), UserId(3), UserId(4)

_USERS = (
    User(MARYAM, "maryam", "Maryam", Role.AGENT, Department.SALES, "fa"),
    User(ELENI, "eleni", "Eleni", Role.AGENT, Department.SALES, "el"),
    User(NIKOS, "nikos", "Nikos", Role.AGENT, Department.ACCOUNTING, "en"),
    User(SARA, "sara", "Sara", Role.SUPERVISOR, Department.SUPPORT, "en"),
)
_PHONES = {MARYAM: ("101", "99101"), ELENI: ("102",), NIKOS: ("103",)}

LALEH = E164("+989123456789")
PLAN = NumberPlan(region=Region("IR"), area_code="21", extensions=("1XX", "991XX"))


def people(
    *,
    phones: Mapping[UserId, tuple[str, ...]] | None = None,
    branches: Mapping[UserId, int] | None = None,
) -> Staff:
    endpoints_of = _PHONES if phones is None else phones
    agents = [
        Agent(
            AgentId(user.id),
            user.username,
            user.display_name,
            user.department,
            user.language,
            tuple(Endpoint(phone) for phone in endpoints_of[user.id]),
            (branches or {}).get(user.id),
        )
        for user in _USERS
        if user.id in endpoints_of
    ]
    return build_staff(_USERS, Roster.of({OFFICE: agents, SIMULATED: agents}))


def laleh() -> CallerRecord:
    """A customer of her own number, with a trip ahead."""
    customer = Customer(
        CustomerId(7),
        Title.DR,
        Gender.WOMAN,
        {"en": PersonName("Laleh", "Karimi"), "fa": PersonName("لاله", "کریمی")},
        "fa",
        tier=Tier.GOLD,
    )
    trip = Trip(
        TripId(70),
        "Istanbul",
        "TR",
        Product.TOUR,
        date(2026, 11, 25),
        date(2026, 12, 1),
        TripStatus.TICKETED,
        price=900,
        paid=400,
        currency="EUR",
    )
    phone = Phone(LALEH, "09123456789", "mobile", since=date(2023, 3, 1))
    return CallerRecord(LALEH, exact=(CustomerFile(customer, phone, trips=(trip,)),))


class Office:
    """Takes call events, keeps what each user sees. ``records`` answer at once unless ``slow``."""

    def __init__(
        self,
        *,
        slow: bool = False,
        stays: CardTimeouts | None = None,
        readers: Callable[[UserId], int] | None = None,
        availability: AvailabilityConfig | None = None,
        ask_rules: AskRules | None = None,
        offers: OffersInUse | None = None,
    ) -> None:
        self.now = 0.0
        self.slow = slow
        self.records: dict[E164, CallerRecord] = {LALEH: laleh()}
        self.asked: list[LookupRequest] = []
        self.published: list[Publish] = []
        self.kept: list[LoggedCall] = []
        self.effects: list[Effect] = []
        self.unmapped: list[Endpoint] = []
        self.screens: dict[UserId, dict[str, dict[str, object]]] = {}
        """Per user: card id to the card as a page that paints them would hold it."""
        self.board: dict[str, dict[str, object]] = {}
        self.screen_pop = ScreenPop(
            ServiceConfig(
                people(),
                TrunkLines(PLAN, labels={(OFFICE, DID): "Sales line"}),
                today=lambda now: datetime.fromtimestamp(now, UTC).date(),
                stays=stays or CardTimeouts(),
                is_phone=lambda _, endpoint: endpoint.startswith("1"),
                readers=readers,
                availability=availability,
                asks=ask_rules or AskRules(),
                offers=offers or OffersInUse(),
            )
        )

    def handles(self, *changes: CallEvent) -> list[Publish]:
        """One read of the PBX; gives what was published for it."""
        before = len(self.published)
        self.now = max(self.now, *(change.at for change in changes))
        for change in changes:
            self.screen_pop.happened(change, self.now)
        self._settle()
        return self.published[before:]

    def records_answer(self, record: CallerRecord | None, key: NumberKey | None = None) -> None:
        self.screen_pop.handle_lookup(key or self.asked[-1].key, record, self.now)
        self._settle()

    def waits(self, seconds: float) -> list[Publish]:
        before = len(self.published)
        self.now += seconds
        self.screen_pop.tick(self.now)
        self._settle()
        return self.published[before:]

    def does(self, act: Callable[[ScreenPop], object]) -> object:
        result = act(self.screen_pop)
        self._settle()
        return result

    def asks(self, user: UserId, op: str, **args: object) -> Mapping[str, object]:
        result = self.screen_pop.command(user, op, args, self.now)
        self._settle()
        return result

    def card(self, user: UserId) -> dict[str, object]:
        """The one card on a user's screen."""
        (card,) = self.screens[user].values()
        return card

    def sees_nothing(self, user: UserId) -> bool:
        return not self.screens.get(user)

    def _settle(self) -> None:
        for look_up in self.screen_pop.lookups_to_start():
            self.asked.append(look_up)
            if not self.slow:
                number = E164(look_up.caller.e164 or "")
                record = self.records.get(number, CallerRecord(look_up.caller.e164))
                self.screen_pop.handle_lookup(look_up.key, record, self.now)
        for effect in self.screen_pop.flush(self.now):
            self.effects.append(effect)
            if isinstance(effect, Publish):
                self.published.append(effect)
                self._paint(effect)
            elif isinstance(effect, WarnUnmappedPhone):
                self.unmapped.append(effect.endpoint)
            elif isinstance(effect, LogCall):
                self.kept.append(effect.record)

    def _paint(self, update: Publish) -> None:
        payload = orjson.loads(update.payload)
        screens = (
            [self.board]
            if update.kind == "call"
            else [self.screens.setdefault(user, {}) for user in update.users]
        )
        for screen in screens:
            if update.gone:
                screen.pop(update.key, None)
            else:
                screen[update.key] = payload


def states(published: list[Publish], user: UserId) -> list[str]:
    """The states of one user's cards, in the order in which they were published."""
    return [
        orjson.loads(one.payload)["state"]
        for one in published
        if one.kind == "card" and user in one.users
    ]


__all__ = ["ELENI", "LALEH", "MARYAM", "NIKOS", "OFFICE", "SARA", "Office", "PbxId", "states"]
