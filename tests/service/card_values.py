"""Values of cards and call records that several tests compare."""

from screenpop.service.ports import LoggedCall


def reason(card: dict[str, object]) -> tuple[str, dict[str, object]]:
    found = card["reason"]
    assert isinstance(found, dict)
    return found["code"], found["params"]


def answers(record: LoggedCall) -> list[tuple[object, object]]:
    return [
        (step["offer"], step["answer"]) for step in record.trace if step["step"] == "offer_answered"
    ]
