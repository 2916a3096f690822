"""Publishes calls and agents to those who see them: supervisors and wall screens."""

from collections.abc import Callable, Iterator, Sequence

import orjson

from screenpop.accounts.users import UserId
from screenpop.service.effects import Publish
from screenpop.service.staff import Staff

Json = dict[str, object]


def publish_to_watchers(
    staff: Staff,
    kind: str,
    key: str,
    whole: bytes,
    nameless: Callable[[], bytes],
    readers: Sequence[UserId],
    *,
    gone: bool = False,
) -> Iterator[Publish]:
    """Return the effects that publish one object, as JSON. ``nameless``: makes the object for those
    who get no names; few offices have any."""
    named = readers
    if staff.nameless:
        named = tuple(user for user in readers if user not in staff.nameless)
        others = tuple(user for user in readers if user in staff.nameless)
        if others:
            yield Publish(others, kind, key, nameless(), gone=gone)
    if named:
        yield Publish(tuple(named), kind, key, whole, gone=gone)


def withdraw(
    kind: str, key: str, ids: Json, before: Sequence[UserId], after: Sequence[UserId]
) -> Iterator[Publish]:
    """Return the effect that removes an object from those who no longer see it."""
    if before is not after:
        lost = tuple(user for user in before if user not in after)
        if lost:
            yield Publish(lost, kind, key, orjson.dumps(ids), gone=True)
