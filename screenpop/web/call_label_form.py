"""Reads the form of a list of call labels on ``/admin``."""

from collections.abc import Mapping, Sequence

from screenpop.calls.labels import CallLabel, LabelKind
from screenpop.customers.models import LANGUAGES
from screenpop.store.calls.label_list import NEW

_NEW_KEY = "new"
_MAX_POSITION = 999


def read_labels(
    form: Mapping[str, str], stored: Sequence[CallLabel], kind: LabelKind
) -> list[CallLabel]:
    """Return the stored labels of a kind as the form has them, and a new one if it has a name.

    Fields are ``<id>.en``, ``<id>.position``, ``<id>.active`` and so on; the new one has ``new``
    for its id. A label that the form does not have is left as it is.
    """
    found = [_read(form, str(one.id), one) for one in stored]
    new = _read(form, _NEW_KEY, CallLabel(NEW, {}, len(stored) + 1, False, False, kind))
    return [*found, new] if any(new.names.values()) else found


def _read(form: Mapping[str, str], key: str, before: CallLabel) -> CallLabel:
    if f"{key}.position" not in form:
        return before
    names = {code: form.get(f"{key}.{code}", "").strip() for code in LANGUAGES}
    return CallLabel(
        before.id,
        {code: name for code, name in names.items() if name},
        _position(form[f"{key}.position"], before.position),
        f"{key}.active" in form,
        f"{key}.opens_case" in form and before.kind is LabelKind.PURPOSE,
        before.kind,
    )


def _position(text: str, before: int) -> int:
    text = text.strip()
    # Python reads Persian digits too.
    return min(int(text), _MAX_POSITION) if text.isdecimal() and len(text) <= 3 else before
