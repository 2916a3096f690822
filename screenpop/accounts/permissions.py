"""One table: which role may do what."""

from screenpop.accounts.users import Right, Role

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: frozenset({Right.SEE_OWN_CARDS, Right.EDIT_CUSTOMERS}),
    Role.SUPERVISOR: frozenset(
        {
            Right.SEE_OWN_CARDS,
            Right.SEE_ALL_CALLS,
            Right.SIMULATE,
            Right.EDIT_CUSTOMERS,
            Right.IMPORT_CUSTOMERS,
            Right.EXPORT_CUSTOMERS,
            Right.HIDE_FILES,
            Right.MANAGE_SEGMENTS,
            Right.MANAGE_VOUCHERS,
            Right.SEE_DOCUMENT_NUMBERS,
        }
    ),
    Role.ADMIN: frozenset(Right),
}


def has_right(role: Role, right: Right) -> bool:
    return right in RIGHTS[role]
