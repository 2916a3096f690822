"""What every test shares."""

from collections.abc import Generator

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from screenpop.store import passwords

# A busy machine is slow now and then; a property is not false because of it.
settings.register_profile("screenpop", deadline=None)
settings.load_profile("screenpop")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Generator[PasswordHasher]:
    """argon2id with the smallest costs. Gives the product's own, for the tests of those."""
    real = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", cheap)
        yield real
