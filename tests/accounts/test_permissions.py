"""Which role may do what."""

import pytest

from screenpop.accounts.permissions import RIGHTS, has_right
from screenpop.accounts.users import Right, Role


def test_every_role_is_in_the_table() -> None:
    assert set(RIGHTS) == set(Role)


@pytest.mark.defends("roles")
@pytest.mark.parametrize(
    ("right", "allowed"),
    [
        (Right.SEE_OWN_CARDS, set(Role)),
        (Right.EDIT_CUSTOMERS, set(Role)),
        (Right.SEE_ALL_CALLS, {Role.SUPERVISOR, Role.ADMIN}),
        (Right.SIMULATE, {Role.SUPERVISOR, Role.ADMIN}),
        (Right.MANAGE_USERS, {Role.ADMIN}),
    ],
)
def test_a_right_belongs_to_these_roles_and_no_other(right: Right, allowed: set[Role]) -> None:
    assert {role for role in Role if has_right(role, right)} == allowed
