"""Vouchers as pages and API show them, and what a refusal means."""

from collections.abc import Sequence
from datetime import date, datetime

from starlette.responses import Response

from screenpop.customers.display_name import display_name
from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import formatted
from screenpop.loyalty.vouchers import MAX_DAYS, Voucher, VoucherRefusal
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.vouchers.queries import ReportRow, VoucherEvent, vouchers_of_customer
from screenpop.store.vouchers.rows import VoucherRefusedError
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.problem_details import problem_response

_STATUS = {VoucherRefusal.UNKNOWN: 404, VoucherRefusal.MISTYPED: 404} | dict.fromkeys(
    (
        VoucherRefusal.CUSTOMER_NEEDED,
        VoucherRefusal.REASON_NEEDED,
        VoucherRefusal.NO_VOUCHER,
        VoucherRefusal.DAYS_REVERSED,
        VoucherRefusal.TOO_LONG,
        VoucherRefusal.COUNT,
    ),
    422,
)
_SENTENCES = {
    VoucherRefusal.UNKNOWN: "No voucher has this code; compare it with the paper.",
    VoucherRefusal.MISTYPED: "The code has a typing error: its characters do not fit together."
    " likely names codes that differ by one slip.",
    VoucherRefusal.CUSTOMER_NEEDED: "The voucher is for one customer; name them as customer.",
    VoucherRefusal.OTHER_CUSTOMER: "The voucher is for another customer; voucher names them.",
    VoucherRefusal.NOT_USED: "The voucher was not redeemed, so nothing can be given back.",
    VoucherRefusal.REASON_NEEDED: "Write a reason; it is kept with the voucher.",
    VoucherRefusal.KEY_USED: "This key was used for something else; send a new one.",
    VoucherRefusal.NO_VOUCHER: "The offer gives no voucher; choose one in the offer first.",
    VoucherRefusal.DAYS_REVERSED: "The last day is before the first one or has passed.",
    VoucherRefusal.TOO_LONG: f"A voucher is valid for {MAX_DAYS} days at most.",
    VoucherRefusal.COUNT: "Make from one voucher to as many as vouchers.batch allows at once.",
}


async def voucher_views(
    context: WebContext, vouchers: Sequence[Voucher], language: str
) -> list[View]:
    """Return vouchers with the names of their customers."""
    ids = [one.customer_id for one in vouchers if one.customer_id is not None]
    async with context.database.reading() as connection:
        people = await load_customer_refs(connection, ids)
    today = context.today()

    def view(one: Voucher) -> View:
        person = None if one.customer_id is None else people.get(one.customer_id)
        name = "" if person is None else display_name(person.names, language).full
        customer = None if one.customer_id is None else {"id": one.customer_id, "name": name}
        return {**_plain_view(one, today), "customer": customer}

    return [view(one) for one in vouchers]


async def voucher_view(context: WebContext, voucher: Voucher, language: str) -> View:
    return (await voucher_views(context, [voucher], language))[0]


async def customer_voucher_views(
    context: WebContext, customer_id: CustomerId, language: str
) -> list[View]:
    found = await vouchers_of_customer(context.database, customer_id)
    return await voucher_views(context, found, language)


def _plain_view(one: Voucher, today: date) -> View:
    return {
        "code": formatted(one.code),
        "offer": {"id": one.offer_id, "name": one.offer_name},
        "bound": one.is_bound,
        "kind": one.worth.kind.value,
        "amount": one.worth.amount,
        "currency": one.worth.currency,
        "percent": one.worth.percent,
        "gift": one.worth.gift,
        "valid_from": one.valid_from.isoformat() if one.valid_from else None,
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        "state": one.state_on(today).value,
        "early": one.is_early(today),
        "issued_at": one.issued_at,
        "redeemed_at": one.redeemed_at,
        "redeemed_by": one.redeemed_by,
        "redeemed_place": one.redeemed_place,
        "cancelled_at": one.cancelled_at,
    }


def event_view(event: VoucherEvent) -> View:
    return {
        "what": event.what,
        "at": event.at,
        "by": event.by,
        "reason": event.reason,
        "place": event.place,
    }


def report_view(row: ReportRow) -> View:
    return {
        "offer": {"id": row.offer_id, "name": row.offer_name},
        "currency": row.currency,
        "issued": {"count": row.issued.count, "amount": row.issued.amount},
        **{
            state.value: {"count": found.count, "amount": found.amount}
            for state, found in row.states.items()
        },
    }


def status_of(refused: VoucherRefusedError) -> int:
    return _STATUS.get(refused.refusal, 409)


async def refused_voucher(
    context: WebContext, refused: VoucherRefusedError, language: str
) -> Response:
    """Return the answer to a program: the reason, the voucher that is meant, and likely codes."""
    voucher = refused.voucher
    more: View = {"likely": [formatted(code) for code in refused.likely]}
    if voucher is not None:
        more["voucher"] = await voucher_view(context, voucher, language)
    return problem_response(
        status_of(refused), refused.refusal.value, _sentence(context, refused), more=more
    )


def _sentence(context: WebContext, refused: VoucherRefusedError) -> str:
    voucher = refused.voucher
    if refused.refusal is VoucherRefusal.KEY_USED or voucher is None:
        return _SENTENCES[refused.refusal]

    def moment(at: float | None) -> str:
        return f"{datetime.fromtimestamp(at or 0, context.zone):%Y-%m-%d %H:%M}"

    match refused.refusal:
        case VoucherRefusal.USED:
            where = voucher.redeemed_place and f" ({voucher.redeemed_place})"
            by = f" by {voucher.redeemed_by}" if voucher.redeemed_by else ""
            return f"The voucher was redeemed on {moment(voucher.redeemed_at)}{by}{where}."
        case VoucherRefusal.CANCELLED:
            return f"The voucher was cancelled on {moment(voucher.cancelled_at)}."
        case VoucherRefusal.EXPIRED:
            return f"The last day of the voucher was {voucher.valid_to}."
        case VoucherRefusal.NOT_YET:
            return f"The first day of the voucher is {voucher.valid_from}."
        case _:
            return _SENTENCES[refused.refusal]
