"""JSON API to create, read and change customers, within the department's permissions."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from screenpop.accounts.departments import Section, sections_for
from screenpop.customers.consent import change_consents
from screenpop.customers.contact_input import is_placeholder, phone_draft
from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, Gender, PersonName, Tier, Title
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import CustomerRefusedError, create_customer, link_phone
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.auth.current_user import CurrentUser, RequireEdit, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.consent_forms import ConsentsInput, changes_of_api
from screenpop.web.customers.detail_pages import (
    Number,
    file_or_404,
    record_opening,
    today_at,
)
from screenpop.web.customers.forms import (
    LARGEST_AMOUNT,
    LONGEST_LINE,
    LONGEST_TEXT,
)
from screenpop.web.customers.new_customer_pages import views_on_file
from screenpop.web.customers.views import FIELDS_OF, file_view
from screenpop.web.error_pages import SENTENCES
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.own_fields.record_forms import InvalidOwnFieldError, own_of_json
from screenpop.web.problem_details import problem_response

_Line = Annotated[str, Field(max_length=LONGEST_LINE)]
_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
_Lines = Annotated[list[_Line], Field(max_length=50)]


class NameInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    given: _Line = ""
    family: _Line = ""
    called: _Line = ""
    """Preferred form of address in a greeting."""


class NumberInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(max_length=80, pattern=r".*\d.*", examples=["0912 345 6789"])]
    label: Annotated[str, Field(max_length=40)] = ""


class CustomerInput(BaseModel):
    """Fields to set; missing fields stay unchanged.

    Days: ``1987-08-03`` or ``1366/05/12``; without a year ``08-03``. Amounts are whole units of
    ``currency``."""

    model_config = ConfigDict(extra="forbid")

    names: Annotated[dict[str, NameInput], Field(min_length=1, max_length=20)] | None = None
    """Language code to name, the name as first written first."""
    title: Title | None = None
    gender: Gender | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    tier: Tier | None = None
    vip: bool | None = None
    birthday: Annotated[str, Field(max_length=20)] | None = None
    anniversary: Annotated[str, Field(max_length=20)] | None = None
    customer_since: Annotated[str, Field(max_length=20)] | None = None
    balance: Annotated[int, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)] | None = None
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] | None = None
    marketing_consent: bool | None = None
    """Short for ``consents.offers`` with a state only."""
    consents: ConsentsInput | None = None
    notes: _Text | None = None
    preferences: _Text | None = None
    tags: _Lines | None = None
    emails: _Lines | None = None
    household: _Line | None = None
    company: _Line | None = None
    city: _Line | None = None
    heard_from: _Line | None = None
    """How they heard of us."""
    code: Annotated[str, Field(max_length=60)] | None = None
    """The office's own customer code."""
    branch: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    """The id of a branch (``GET /api/v1/branches``); 0 removes it."""
    own: Annotated[dict[str, _Line | bool | int | float | None], Field(max_length=60)] | None = None
    """Values of own fields by their ids (``GET /api/v1/own-fields``); null removes one.

    A text, a number, a day as above, the id or a name of a choice, true and false.
    """


class NewCustomer(CustomerInput):
    names: Annotated[dict[str, NameInput], Field(min_length=1, max_length=20)]
    numbers: Annotated[list[NumberInput], Field(max_length=20)] = Field(default_factory=list)


class CustomerModel(BaseModel):
    """As ``file_view`` returns it, without sections that the user may not see."""

    model_config = ConfigDict(extra="allow")

    id: int
    name: str
    names: list[dict[str, Any]]
    numbers: list[dict[str, Any]]
    changed_at: float


class PersonOnFile(BaseModel):
    person: dict[str, Any]
    """``id``, ``name`` and the language of the name."""
    why: Literal["number", "last_nine", "email", "birthday", "close_name"]


class OnFileProblem(BaseModel):
    type: str
    title: str
    status: int
    detail: str
    code: Literal["may_be_on_file"]
    on_file: list[PersonOnFile]


_DAYS = ("birthday", "anniversary", "customer_since")


def customer_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["customers"])

    @routes.get("/customers/{number}", response_model=CustomerModel)
    async def read(request: Request, current_user: RequireUser, number: Number) -> JSONResponse:
        """Return a customer with the trips, cases and calls that your department may see."""
        answer = await _customer_model(context, current_user, number)
        record_opening(context, request, current_user, number)
        return answer

    @routes.post(
        "/customers",
        status_code=201,
        response_model=CustomerModel,
        responses={409: {"model": OnFileProblem}},
    )
    async def create(
        request: Request, current_user: RequireEdit, given: NewCustomer, *, anyway: bool = False
    ) -> JSONResponse:
        """Create a customer. Past calls of a number that only they have are linked to them.

        Without ``anyway`` it is refused with 409 and the code ``may_be_on_file`` when customers on
        file have a number of the new one, or the name in any script with the e-mail address or
        birthday, or a close name with the birthday; ``on_file`` has them."""
        check_json(request)
        values = _values(given, current_user, today_at(context))
        await _set_own(context, values, None)
        values["consents"] = change_consents({}, values.get("consents", {}))
        phones = tuple(_phone(one, context.plan) for one in given.numbers)
        draft = CustomerDraft(**values, phones=phones)
        if not anyway:
            language = current_user.user.language
            if on_file := await views_on_file(context, draft, language):
                return problem_response(
                    409, "may_be_on_file", SENTENCES["may_be_on_file"], more={"on_file": on_file}
                )
        try:
            customer_id = await create_customer(
                context.database, draft, context.clock(), user_id=current_user.user.id
            )
        except CustomerRefusedError as refused:
            raise HTTPException(422, f"bad_request:{refused.code}") from refused
        return await _customer_model(context, current_user, customer_id, 201)

    @routes.patch("/customers/{number}", response_model=CustomerModel)
    async def change(
        request: Request, current_user: RequireEdit, number: Number, given: CustomerInput
    ) -> JSONResponse:
        """Change the given fields only."""
        check_json(request)
        values = _values(given, current_user, today_at(context))
        await _set_own(context, values, number)
        try:
            await update_customer_fields(
                context.database,
                CustomerId(number),
                values,
                user_id=current_user.user.id,
                now=context.clock(),
            )
        except CustomerRefusedError as refused:
            raise _refusal(refused) from refused
        return await _customer_model(context, current_user, number)

    @routes.post("/customers/{number}/numbers", status_code=201, response_model=CustomerModel)
    async def add_number(
        request: Request, current_user: RequireEdit, number: Number, given: NumberInput
    ) -> JSONResponse:
        """Add a phone number to a customer."""
        check_json(request)
        phone = _phone(given, context.plan)
        try:
            await link_phone(
                context.database, CustomerId(number), phone, context.clock(), current_user.user.id
            )
        except CustomerRefusedError as refused:
            raise _refusal(refused) from refused
        return await _customer_model(context, current_user, number, 201)

    return routes


def check_json(request: Request) -> None:
    # A form of another site can send text, but no JSON without a CORS preflight.
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "wrong_type")


async def _customer_model(
    context: WebContext, current_user: CurrentUser, number: int, status: int = 200
) -> JSONResponse:
    file = await file_or_404(context, number)
    view = file_view(file, sections_for(current_user.user), current_user.user.language)
    return JSONResponse(view, status_code=status)


def _values(given: CustomerInput, current_user: CurrentUser, today: date) -> dict[str, Any]:
    """Return the given fields; refuses one that the user's department may not see."""
    sent = given.model_dump(exclude_unset=True, exclude={"numbers"})
    values = {name: value for name, value in sent.items() if value is not None}
    sections = sections_for(current_user.user)
    for name in values:
        if FIELDS_OF.get(name, Section.TRIPS) not in sections | {Section.TRIPS}:
            raise HTTPException(403, "not_allowed")
    _set_consents(values, given, today, current_user.user.display_name)
    for name in _DAYS:
        if name in values:
            try:
                values[name] = parse_date(values[name], today)
            except InvalidDateError as error:
                raise HTTPException(422, f"bad_request:{name}") from error
    if given.names:
        values["names"] = {
            code: PersonName(name.given.strip(), name.family.strip(), name.called.strip())
            for code, name in given.names.items()
        }
    if "branch" in values:
        values["branch"] = values["branch"] or None
    for name in ("tags", "emails"):
        if name in values:
            values[name] = tuple(values[name])
    return values


async def _set_own(context: WebContext, values: dict[str, Any], number: int | None) -> None:
    if "own" not in values:
        return
    file = None if number is None else await file_or_404(context, number)
    fields = await list_own_fields(context.database)
    try:
        values["own"] = own_of_json(values["own"], fields, {} if file is None else file.own)
    except InvalidOwnFieldError as error:
        raise HTTPException(422, f"bad_request:own.{error.key[:20]}") from error


def _set_consents(values: dict[str, Any], given: CustomerInput, today: date, user_id: str) -> None:
    offers = values.pop("marketing_consent", None)
    if offers is None and "consents" not in values:
        return
    try:
        values["consents"] = changes_of_api(given.consents, offers, today, user_id)
    except InvalidDateError as error:
        raise HTTPException(422, "bad_request:consents") from error


def _refusal(refused: CustomerRefusedError) -> HTTPException:
    if refused.code == "unknown_customer":
        return HTTPException(404, "not_found")
    return HTTPException(422, f"bad_request:{refused.code}")


def _phone(given: NumberInput, plan: NumberPlan) -> PhoneDraft:
    if is_placeholder(given.number, plan):
        raise HTTPException(422, "bad_request:number")
    return phone_draft(given.number, plan, given.label)
