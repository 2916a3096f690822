"""Steps that changed many customers, for pages and API."""

from screenpop.customers.bulk_changes import Action, BulkChange
from screenpop.customers.consent import SOURCES
from screenpop.store.segments.bulk_edit import BulkEdit
from screenpop.web.calls.views import View
from screenpop.web.segments.words import Words

_ANSWERS = {"yes": "Yes", "no": "No", "never_asked": "Never asked"}


def step_view(step: BulkEdit, words: Words) -> View:
    """Return a step for a page."""
    return {
        "id": step.id,
        "what": change_text(step.change, words),
        "customers": step.customers,
        "count_text": words.number(step.customers),
        "by": step.by,
        "at": step.at,
        "undone_at": step.undone_at,
        "restored": step.restored,
        "restored_text": words.number(step.restored or 0),
        "left_text": words.number(step.customers - (step.restored or 0)),
        "left": step.customers - (step.restored or 0),
    }


def step_json(step: BulkEdit) -> View:
    """Return a step for programs."""
    return {
        "id": step.id,
        "action": step.change.action.value,
        **step.change.to_json(),
        "customers": step.customers,
        "by": step.by,
        "at": step.at,
        "undone_at": step.undone_at,
        "restored": step.restored,
    }


def change_text(change: BulkChange, words: Words) -> str:
    """Return what a step does, as a phrase."""
    t = words.catalogue.gettext
    match change.action:
        case Action.SET_OWNER:
            name = words.users.get(change.owner or 0, "") or t("No account manager")
            return t("bulk_text.set_owner", name=name)
        case Action.SET_BRANCH:
            name = words.branches.get(change.branch or 0, "") or t("No branch")
            return t("bulk_text.set_branch", name=name)
        case Action.SET_CONSENT:
            source = (
                t(f"consent_source.{change.source}") if change.source in SOURCES else change.source
            )
            answer = t(_ANSWERS[change.answer])
            given = {"channel": t(f"consent.{change.channel}"), "answer": answer}
            code = "set_consent" if source else "set_consent_plain"
            return t(f"bulk_text.{code}", **given, **({"source": source} if source else {}))
        case Action.RENAME_TAG:
            return t("bulk_text.rename_tag", old=change.old_tag, new=change.tag)
        case action:
            return t(f"bulk_text.{action.value}", tag=change.tag)
