"""Names of the office's own branches."""

from screenpop.customers.branches import (
    MAX_BRANCH_NAME,
    BranchProblem,
    branch_key,
    clean_branch_name,
    name_problem,
)


def test_a_name_of_80_characters_is_taken_and_one_of_81_is_refused() -> None:
    assert name_problem("x" * MAX_BRANCH_NAME) is None
    assert name_problem("x" * (MAX_BRANCH_NAME + 1)) is BranchProblem.LONG


def test_a_name_without_letters_and_digits_is_refused() -> None:
    for name in ("", " ", "\u200c"):
        assert name_problem(clean_branch_name(name)) is BranchProblem.EMPTY


def test_names_that_differ_in_case_accents_or_letters_are_of_the_same_branch() -> None:
    assert branch_key("Αθήνα") == branch_key("ΑΘΗΝΑ")
    assert branch_key("شعبه ۲") == branch_key("شعبه 2")
    assert clean_branch_name("  Old \n Town ") == "Old Town"
