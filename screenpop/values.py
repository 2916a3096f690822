"""Values: dataclasses that nobody changes, and that are quick to make.

A frozen dataclass asks ``object.__setattr__`` for each of its fields, which takes two to three
times as long as to store them, and one call makes several hundred. So what ``frozen=True`` forbids
is held by the type checker, strictly and for every line; the running program stores the fields as
in any other dataclass. Equality and hash are a frozen one's. The rooms where calls are worked out
take ``dataclass`` from here.
"""

from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses

    def dataclass(*, frozen=False, eq=True, **how):
        return dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **how)
