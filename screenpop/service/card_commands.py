"""Commands from an agent's page that change a card: notes, dismissal, answers to suggestions.

The arguments are already checked (``commands.parse_command``); a user changes only their own cards.
"""

from typing import assert_never

from screenpop.accounts.users import UserId
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.commands import (
    Command,
    DismissCommand,
    NoteCommand,
    OfferAnswerCommand,
    RefusedCommand,
)
from screenpop.service.config import ServiceConfig
from screenpop.service.effects import LogNote
from screenpop.service.live_calls import LiveCalls
from screenpop.service.logged_call import keep_offer_answer
from screenpop.telephony.identifiers import CallId


def run_command(
    live: LiveCalls, setting: ServiceConfig, user: UserId, command: Command, now: float
) -> RefusedCommand | None:
    """Run a command; return why it was refused, else None."""
    entry = live.cards.own(user, command.card)
    if entry is None:
        return RefusedCommand("unknown_card")
    file, card = entry
    match command:
        case NoteCommand(_, text):
            if card.leaves_at is not None:
                card.leaves_at = max(card.leaves_at, now + setting.stays.wrap_up_s)
            _set_note(live, file, card, text)
        case DismissCommand():
            if card.call_is_on:
                return RefusedCommand("call_is_on")
            live.dismiss_card(file, card)
        case OfferAnswerCommand():
            if command.offer not in {item.id for item in file.suggestions.items}:
                return RefusedCommand("unknown_offer")
            _answer_offer(live, file, card, command, now)
        case _:
            assert_never(command)
    return None


def move_notes(live: LiveCalls, file: CallSession, into: CallId) -> None:
    """Move the notes of a merged call, which has no row of its own."""
    call = file.call
    target = live.sessions.get((call.pbx, call.boot, into))
    for card in file.cards.values():
        if not card.note:
            continue
        other_card = target.cards.get(card.agent.id) if target is not None else None
        text = "\n".join(filter(None, (other_card.note if other_card else "", card.note)))
        if target is not None and other_card is not None:
            other_card.note = text
            live.touch(target)
        live.effects.append(LogNote(into, call.pbx, call.boot, UserId(card.agent.id), text))


def _set_note(live: LiveCalls, file: CallSession, card: LiveCard, text: str) -> None:
    card.note = text
    pbx, boot, _ = file.call.key
    call, text = _noted_call(live, file, card, text)
    live.effects.append(LogNote(call, pbx, boot, UserId(card.agent.id), text))
    live.touch(file)


def _noted_call(
    live: LiveCalls, file: CallSession, card: LiveCard, text: str
) -> tuple[CallId, str]:
    """Return the call whose row gets a note, and the text: a merged call has no row of its own."""
    ended = file.call.ended
    if ended is None or ended.into is None:
        return file.call.call, text
    target = live.sessions.get((file.call.pbx, file.call.boot, ended.into))
    other_card = target.cards.get(card.agent.id) if target is not None else None
    if target is None or other_card is None:
        return ended.into, text
    if text not in other_card.note:
        other_card.note = "\n".join(filter(None, (other_card.note, text)))
        live.touch(target)
    return _noted_call(live, target, other_card, other_card.note)


def _answer_offer(
    live: LiveCalls, file: CallSession, card: LiveCard, given: OfferAnswerCommand, now: float
) -> None:
    step = {"agent": card.agent.display_name, "offer": given.offer, "answer": given.answer}
    file.trace.add(now, "offer_answered", **step, **({"why": given.why} if given.why else {}))
    keep_offer_answer(file, card, given, now)
    live.to_keep_open[file.call.key] = file  # Written now, not when the call ends.
    live.log_again(file)
