"""Finds the customer that a command names, by customer number or phone number."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from screenpop.cli.console import err, out

if TYPE_CHECKING:
    from screenpop.customers.models import CustomerId
    from screenpop.settings import Settings

Customer = Annotated[
    str,
    typer.Argument(
        help="The customer's number, as on the page, or a phone number that starts with + or 0."
    ),
]
_MOST_DIGITS_OF_AN_ID = 9


def customer_meant(typed: str, settings: "Settings") -> "CustomerId":
    """Return the customer; prompt if several have the phone number. Exits with 1 for none."""
    from screenpop.customers.models import CustomerId

    if is_customer_number(typed):
        return CustomerId(int(typed))
    owners = _owners(typed, settings)
    if not owners:
        err.print(f"[red]✗[/red] No customer has the phone number {typed}.", markup=True)
        raise typer.Exit(1)
    if len(owners) == 1:
        return owners[0][0]
    for customer_id, name in owners:
        out.print(f"{customer_id}  {name}", markup=False)
    ids = {int(customer_id) for customer_id, _ in owners}
    wanted = typer.prompt("Several customers have this number. The number of the one meant")
    if not (wanted.isascii() and wanted.isdigit()) or int(wanted) not in ids:
        err.print("[red]✗[/red] That is none of them.")
        raise typer.Exit(1)
    return CustomerId(int(wanted))


def is_customer_number(typed: str) -> bool:
    """Return whether this is a customer's number and not a phone's."""
    return (
        typed.isascii()
        and typed.isdigit()
        and not typed.startswith("0")
        and len(typed) <= _MOST_DIGITS_OF_AN_ID
    )


def _owners(typed: str, settings: "Settings") -> "tuple[tuple[CustomerId, str], ...]":
    from screenpop.store.customers.phone_owners import customers_with_phone
    from screenpop.store.engine.database import opened
    from screenpop.telephony.phone_numbers import explain

    caller = explain(typed, plan=settings.number_plan.plan()).caller

    async def read() -> "tuple[tuple[CustomerId, str], ...]":
        async with opened(settings.database_address) as database:
            return await customers_with_phone(database, caller)

    return asyncio.run(read())
