"""Frozen records made by the hundred thousand."""

from collections.abc import Callable
from dataclasses import Field, field, fields, is_dataclass, make_dataclass
from typing import Any, TypeVar

_Record = TypeVar("_Record")


def quick_maker(record: type[_Record]) -> Callable[..., _Record]:
    """Makes what ``record`` would, of the same arguments, in a third of the time.

    A frozen dataclass asks ``object.__setattr__`` for every field. So this makes an open record
    with the same slots, and then has it be the frozen one. Only for dataclasses with slots that
    look at nothing when they are made.
    """
    if not is_dataclass(record) or hasattr(record, "__post_init__"):
        raise TypeError(f"{record.__name__} is more than its fields")
    open_record: Any = make_dataclass(
        record.__name__, [(one.name, Any, _same(one)) for one in fields(record)], slots=True
    )

    def make(*values: Any, **named: Any) -> _Record:
        made = open_record(*values, **named)
        made.__class__ = record
        return made  # type: ignore[no-any-return]

    return make


def _same(one: Field[Any]) -> Any:
    return field(default=one.default, default_factory=one.default_factory, kw_only=one.kw_only)
