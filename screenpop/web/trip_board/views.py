"""Trips of the board as JSON, with only what the user may see."""

from screenpop.cards.honorifics import address
from screenpop.customers.place_names import place_name
from screenpop.customers.trip_board import TICKED_BY_HAND, CheckItem, done_items
from screenpop.store.trip_board.queries import BoardCard, BoardColumn, BoardFilter
from screenpop.web.calls.views import View


def column_view(column: BoardColumn, chosen: BoardFilter, language: str) -> View:
    after = column.after
    cursor = None
    if after is not None:
        day = "none" if after.departs is None else after.departs.isoformat()
        cursor = f"{day}.{after.id}"
    return {
        "status": column.status.value,
        "trips": [card_view(card, chosen, language) for card in column.cards],
        "next_cursor": cursor,
    }


def card_view(card: BoardCard, chosen: BoardFilter, language: str) -> View:
    """Return the view; the balance is an item only for users who may see prices."""
    trip, done = card.trip, done_items(card.trip)
    items = [item for item in CheckItem if item is not CheckItem.BALANCE or chosen.with_balance]
    buyer = card.buyer
    return {
        "id": card.id,
        "version": card.version,
        "status": trip.status.value,
        "customer": {
            "id": buyer.id,
            "name": address(buyer.names, buyer.title, buyer.gender, language),
        },
        "destination": place_name(card.destination, language),
        "people": card.people,
        "departs": None if trip.departs is None else trip.departs.isoformat(),
        "returns": None if trip.returns is None else trip.returns.isoformat(),
        "owner": None if card.owner is None else {"id": card.owner[0], "name": card.owner[1]},
        "days": None if trip.since is None else (chosen.today - trip.since).days,
        "stuck": [reason.value for reason in card.stuck],
        "checklist": [
            {
                "item": item.value,
                "done": item in done,
                "by_hand": item in TICKED_BY_HAND and (item not in done or item in trip.ticked),
            }
            for item in items
        ],
    }
