"""Saves a note that arrives after its call has ended: the page slept or was offline."""

from collections.abc import Mapping

from screenpop.accounts.users import UserId
from screenpop.cards.compose import parse_card_id
from screenpop.service.commands import NoteCommand, parse_command
from screenpop.service.ports import CallLog, PastCards

NOT_SAVED_YET: Mapping[str, object] = {"error": "not_saved_yet"}


async def log_late_note(
    log: CallLog, past: PastCards, user: UserId, args: Mapping[str, object]
) -> Mapping[str, object]:
    """Return ``{}`` when the note is committed in the log in place of that agent's earlier note.

    ``{"error": "unknown_card"}``: only an agent with a card of the call may write a note on it.
    """
    asked = parse_command("note", args)
    place = parse_card_id(asked.card) if isinstance(asked, NoteCommand) else None
    if not isinstance(asked, NoteCommand) or place is None or UserId(place[2]) != user:
        return {"error": "unknown_card"}
    pbx, call, _ = place
    boot = await past.boot_of(pbx, call, user)
    if boot is None:
        return {"error": "unknown_card"}
    saved = await log.keep_note(call, pbx, user, asked.text, boot)
    return {} if saved else NOT_SAVED_YET
