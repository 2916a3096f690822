"""The text of a message: filled, complete in three languages, and no field unknown."""

import pytest

from screenpop.follow_ups.message_texts import (
    DEFAULT_TEXTS,
    MAX_TEXT_LENGTH,
    REASONS,
    MessageTexts,
    check_template,
)
from screenpop.settings import InvalidSettingsError, settings_of

FACTS = {"salutation": "Dr Karimi", "name": "Dr Laleh Karimi", "destination": "Rome"}
PLAN = {"region": "IR"}


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_valid_text_with_the_name_in_three_languages(reason: str) -> None:
    assert set(DEFAULT_TEXTS[reason]) == {"en", "fa", "el"}
    for language, text in DEFAULT_TEXTS[reason].items():
        check_template(text)
        filled = MessageTexts().fill(reason, language, FACTS)
        assert "Dr Karimi" in filled
        assert "{" not in filled


def test_text_of_the_office_comes_before_the_own_one_and_another_language_stays() -> None:
    texts = MessageTexts({"birthday": {"en": "Hi {name} {destination}"}})
    assert texts.fill("birthday", "en", {"name": "Laleh"}) == "Hi Laleh "
    assert texts.fill("birthday", "fa", FACTS).endswith("مبارک.")


def test_text_begins_with_a_capital_letter() -> None:
    filled = MessageTexts().fill("birthday", "el", {"salutation": "κύριε Ζαφειρίου"})
    assert filled.startswith("Κύριε Ζαφειρίου, σας ευχόμαστε")
    assert MessageTexts({"general": {"en": "{name}"}}).fill("general", "en", {}) == ""


def test_fact_with_a_field_in_it_is_not_filled_again() -> None:
    texts = MessageTexts({"general": {"en": "{name}"}})
    assert texts.fill("general", "en", {"name": "{salutation}"}) == "{salutation}"


@pytest.mark.parametrize("text", ["{price}", "{", "a } b", "{salutation", "{name.__class__}", "{}"])
def test_template_with_an_unknown_field_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\{"):
        check_template(text)


def test_template_has_at_most_a_thousand_characters() -> None:
    assert check_template("x" * MAX_TEXT_LENGTH)
    with pytest.raises(ValueError, match="at most"):
        check_template("x" * (MAX_TEXT_LENGTH + 1))


@pytest.mark.parametrize(
    "messages",
    [
        {"webhook_url": "http://127.0.0.1/x", "secret": "long-enough"},
        {"webhook_url": "ftp://gateway.example.com", "secret": "long-enough", "private_http": True},
        {"webhook_url": "https://me:pass@gateway.example.com/", "secret": "long-enough"},
        {"webhook_url": "https://gateway.example.com/\r\nX: y", "secret": "long-enough"},
        {"webhook_url": "https://gateway.example.com/"},
        {"webhook_url": "https://gateway.example.com/", "secret": "short"},
        {"templates": {"birthday": {"en": "{price}"}}},
        {"templates": {"birthday": {"de": "Hallo"}}},
        {"templates": {"christmas": {"en": "Hello"}}},
        {"timeout_s": 0.9},
        {"timeout_s": 60.1},
        {"retries": 11},
    ],
)
def test_settings_of_a_gateway_that_cannot_work_are_refused(messages: dict[str, object]) -> None:
    with pytest.raises(InvalidSettingsError, match="messages"):
        settings_of(number_plan=PLAN, messages=messages)


def test_settings_of_a_gateway_at_their_limits_are_accepted() -> None:
    messages = {
        "webhook_url": "https://gateway.example.com/send?a=1",
        "secret": "sixsix",
        "timeout_s": 60,
        "retries": 10,
        "templates": {"birthday": {"en": "Dear {salutation}"}},
    }
    assert settings_of(number_plan=PLAN, messages=messages).messages.read_secret() == "sixsix"
