import pytest

from tests.each import each


def test_a_test_of_each_value_runs_for_all_and_a_failure_names_the_value() -> None:
    seen: list[int] = []

    @each([1, 2, 3], name="number {}".format)
    def below_three(number: int) -> None:
        seen.append(number)
        assert number < 3

    with pytest.raises(AssertionError) as failure:
        below_three()
    assert seen == [1, 2, 3]
    assert failure.value.__notes__ == ["with number = number 3"]


def test_a_test_of_no_value_fails() -> None:
    @each(list[int]())
    def anything(number: int) -> None:
        assert number

    with pytest.raises(AssertionError):
        anything()


@pytest.mark.parametrize("other", [7])
@each([1, 2])
def test_fixtures_and_other_parameters_come_beside_the_values(number: int, other: int) -> None:
    assert number < other
