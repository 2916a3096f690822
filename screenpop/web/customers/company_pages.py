"""Contact persons of a company: the form on its page, and the JSON API."""

from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.customers.company_roles import CompanyRole
from screenpop.customers.models import CustomerId
from screenpop.store.customers.company_contacts import contacts_of_company, set_roles
from screenpop.store.customers.households import load_household
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.web.auth.current_user import CurrentUser, RequireEdit, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number, form_fields
from screenpop.web.feature_router import FeatureRouter


class ContactInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    roles: frozenset[CompanyRole]
    """``books``, ``travels``, ``pays``; none: no contact person any more."""


def company_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["customers"])

    @routes.post("/households/{company:int}/contacts/{customer:int}", include_in_schema=False)
    async def save(
        request: Request, current_user: RequireEdit, company: Number, customer: Number
    ) -> Response:
        form = await form_fields(context, request)
        roles = frozenset(role for role in CompanyRole if role.value in form)
        await _set(context, current_user, company, customer, roles)
        return RedirectResponse(f"/households/{company}", 303)

    @routes.get("/api/v1/companies/{company}/contacts")
    async def read(_: RequireUser, company: Number) -> JSONResponse:
        """Return the contact persons of a company: ``{"contacts": [{"customer", "roles"}]}``."""
        group = await load_household(context.database, company)
        if group is None or group.kind != "company":
            raise HTTPException(404, "not_found")
        found = await contacts_of_company(context.database, company)
        contacts = [{"customer": one, "roles": sorted(roles)} for one, roles in found.items()]
        return JSONResponse({"contacts": contacts})

    @routes.put("/api/v1/companies/{company}/contacts/{customer}")
    async def change(
        request: Request,
        current_user: RequireEdit,
        company: Number,
        customer: Number,
        given: ContactInput,
    ) -> JSONResponse:
        """Replace the roles of a person of the company."""
        check_json(request)
        await _set(context, current_user, company, customer, given.roles)
        return JSONResponse({"customer": customer, "roles": sorted(given.roles)})

    return routes


async def _set(
    context: WebContext,
    current_user: CurrentUser,
    company: int,
    customer: int,
    roles: frozenset[CompanyRole],
) -> None:
    try:
        await set_roles(
            context.database,
            company,
            CustomerId(customer),
            roles,
            user_id=current_user.user.id,
            now=context.clock(),
        )
    except CustomerRefusedError as refused:
        raise HTTPException(404, "not_found") from refused
