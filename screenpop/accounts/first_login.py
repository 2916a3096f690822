"""A user that was made, with the password to hand out."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FirstLogin:
    name: str
    username: str
    password: str = field(repr=False)
    phones: tuple[str, ...] = ()
