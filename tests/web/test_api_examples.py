"""Each operation of the API has examples that fit its description."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.web.running_server import Running, running

pytestmark = pytest.mark.anyio

NO_JSON = frozenset(
    {
        "GET /api/v1/phonebook.xml",
    }
)
"""Operations whose answers are files."""


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path) as up:
        yield up


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/v1/")
    }


def examples_in(content: dict[str, Any]) -> list[Any]:
    found = [content["example"]] if "example" in content else []
    return found + [one["value"] for one in content.get("examples", {}).values()]


async def test_each_operation_has_an_example_of_its_request_and_of_its_answer(
    office: Running,
) -> None:
    missing = []
    for name, operation in operations(office.web.pages.openapi()).items():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None and not examples_in(body):
            missing.append(f"{name}: request")
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if status.startswith("2") and content is not None and not examples_in(content):
                missing.append(f"{name}: {status}")
    assert missing == []


async def test_examples_fit_the_schemas_of_their_operations(office: Running) -> None:
    description = office.web.pages.openapi()
    wrong = []
    for name, operation in operations(description).items():
        parts = [("request", operation.get("requestBody", {}))]
        parts += [(s, one) for s, one in operation["responses"].items() if s.startswith("2")]
        for part, holder in parts:
            content = holder.get("content", {}).get("application/json", {})
            schema = {**content.get("schema", {}), "components": description["components"]}
            for example in examples_in(content):
                wrong += [
                    f"{name} {part}: {error.message}"
                    for error in jsonschema_rs.validator_for(schema).iter_errors(example)
                ]
    assert wrong == []


async def test_answers_without_parameters_have_the_members_of_their_examples(
    office: Running,
) -> None:
    """A member that was renamed or left out needs a new example."""
    other = []
    async with await office.client("adam") as adam:
        for name, operation in operations(office.web.pages.openapi()).items():
            method, path = name.split()
            asked = [one for one in operation.get("parameters", ()) if one.get("required")]
            if method != "GET" or "{" in path or asked:
                continue
            answer = await adam.get(path)
            content = operation["responses"].get("200", {}).get("content", {})
            examples = examples_in(content.get("application/json", {}))
            if answer.status_code == 200 and examples and isinstance(answer.json(), dict):
                gone = set(examples[0]) - set(answer.json())
                other += [f"{name}: {member}" for member in sorted(gone)]
    assert other == []
