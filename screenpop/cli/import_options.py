"""Options of ``screenpop import`` about hidden rows and the days of columns."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from screenpop.cli.import_output import choice_sentence

if TYPE_CHECKING:
    from screenpop.customers.import_columns import SheetPreview


class HiddenRows(StrEnum):
    TAKE = "take"
    LEAVE = "leave"


def order_columns(look: "SheetPreview", days: Sequence[str]) -> "SheetPreview":
    """Return the preview with the days of columns read as ``Heading=order`` has it.

    Raises ``typer.BadParameter``.
    """
    from screenpop.customers.import_columns import DayOrder
    from screenpop.importing.column_choice import InvalidColumnChoiceError, order_days

    orders = [one.value for one in DayOrder]
    for text in days:
        heading, _, name = text.rpartition("=")
        if name.strip() not in orders:
            raise typer.BadParameter(
                f"{text!r}: write Heading=order; the orders are {', '.join(orders)}"
            )
        try:
            look = order_days(look, heading, DayOrder(name.strip()))
        except InvalidColumnChoiceError as refused:
            headings = [column.heading for column in look.columns]
            raise typer.BadParameter(choice_sentence(refused, headings)) from refused
    return look
