"""Consents in the form, on the page and over the API."""

import re
from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.consent import CHANNELS, LONGEST_SOURCE, Consent, change_consents
from screenpop.web.customers.consent_forms import consent_fields, read_consent_form
from tests.web.running_server import Running, running

PATH = "/api/v1/customers"
TODAY, MAY = date(2026, 11, 22), date(2026, 5, 1)
consents = st.dictionaries(
    st.sampled_from(CHANNELS),
    st.builds(
        Consent, st.booleans(), st.dates(date(1950, 1, 1), TODAY), st.text(min_size=1), st.text()
    ),
)


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path_factory.mktemp("consents"), real_pages=True) as up:
        yield up


def read(form: dict[str, str], kept: dict[str, Consent]) -> object:
    return read_consent_form(form, kept, TODAY, "Maryam")


def test_a_new_answer_has_its_day_its_source_and_the_user() -> None:
    form = {"consent_sms": "yes", "consent_sms_day": "", "consent_sms_source": "تماس تلفنی"}
    assert read(form, {}) == ({"sms": Consent(True, TODAY, "phone", "Maryam")}, {})
    form = {"consent_sms": "no", "consent_sms_day": "۱۴۰۵/۰۲/۱۱", "consent_sms_source": "a letter"}
    assert read(form, {}) == ({"sms": Consent(False, MAY, "a letter", "Maryam")}, {})


def test_a_no_needs_no_source_and_a_yes_does() -> None:
    assert read({"consent_email": "no"}, {}) == ({"email": Consent(False, TODAY, "", "Maryam")}, {})
    _, errors = read_consent_form({"consent_email": "yes"}, {}, TODAY, "Maryam")
    assert errors == {"consent_email_source": "no_source"}


@pytest.mark.parametrize("language", ["en", "fa", "el"])
@given(kept=consents.map(lambda kept: {c: one for c, one in kept.items() if one.source}))
def test_a_form_saved_as_it_was_opened_changes_no_consent(
    language: str, kept: dict[str, Consent]
) -> None:
    form = dict.fromkeys((f"consent_{channel}" for channel in CHANNELS), "")
    assert read(form | consent_fields(kept, language), kept) == ({}, {})


@given(consents)
def test_a_channel_that_the_form_lacks_stays_and_an_empty_answer_is_never_asked(
    kept: dict[str, Consent],
) -> None:
    assert read({"consent_email_source": "phone"}, kept) == ({}, {})
    changes, errors = read_consent_form({"consent_email": ""}, kept, TODAY, "Maryam")
    assert errors == {}
    assert "email" not in change_consents(kept, changes)


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("", "perhaps", "not_a_choice"),
        ("_day", "2026-11-23", "in_the_future"),
        ("_day", "08-03", "not_a_day"),
        ("_day", "soon", "not_a_day"),
        ("_source", "x" * (LONGEST_SOURCE + 1), "too_long"),
    ],
)
def test_a_wrong_field_of_a_consent_is_reported(field: str, text: str, code: str) -> None:
    form = {"consent_data": "yes", "consent_data_source": "paper", f"consent_data{field}": text}
    _, errors = read_consent_form(form, {}, TODAY, "Maryam")
    assert errors == {f"consent_data{field}": code}


def test_the_last_day_and_the_longest_source_are_accepted() -> None:
    form = {
        "consent_data": "yes",
        "consent_data_day": TODAY.isoformat(),
        "consent_data_source": "x" * LONGEST_SOURCE,
    }
    expected = Consent(True, TODAY, "x" * LONGEST_SOURCE, "Maryam")
    assert read(form, {}) == ({"data": expected}, {})


@pytest.mark.anyio
async def test_consents_are_set_read_and_set_back_over_the_api(office: Running) -> None:
    never = {"state": "never_asked", "day": None, "source": "", "by": ""}
    async with await office.client("alice") as alice:
        new = {
            "names": {"en": {"given": "Zoe"}},
            "consents": {"email": {"state": "yes", "day": "2026-05-01", "source": "phone"}},
        }
        made = await alice.post(PATH, json=new)
        assert made.status_code == 201, made.text
        customer = made.json()
        email = customer["consents"]["email"]
        assert (email["state"], email["day"], email["source"]) == ("yes", "2026-05-01", "phone")
        assert email["by"]
        assert list(customer["consents"]) == list(CHANNELS)
        assert customer["consents"]["sms"] == never
        assert customer["marketing_consent"] is None

        url = f"{PATH}/{customer['id']}"
        changes = {"offers": {"state": "no"}, "email": {"state": "never_asked"}}
        after = (await alice.patch(url, json={"consents": changes})).json()
        assert after["marketing_consent"] is False
        assert (after["consents"]["offers"]["state"], after["consents"]["offers"]["source"]) == (
            "no",
            "api",
        )
        assert after["consents"]["email"] == never
        [logged, *_] = after["history"]
        assert [field["field"] for field in logged["fields"]] == ["consents"]

        short = (await alice.patch(url, json={"marketing_consent": True})).json()
        assert short["consents"]["offers"]["state"] == "yes"
        page = (await alice.get(f"/customers/{customer['id']}")).text
        assert "Consents" in page


@pytest.mark.anyio
@pytest.mark.parametrize(
    "consents_",
    [
        {"email": {"state": "perhaps"}},
        {"email": {}},
        {"pigeon": {"state": "yes"}},
        {"email": {"state": "yes", "day": "soon"}},
        {"email": {"state": "yes", "day": "2999-01-01"}},
        {"email": {"state": "yes", "day": "08-03"}},
        {"email": {"state": "no", "source": "x" * (LONGEST_SOURCE + 1)}},
        {"email": {"state": "no", "by": "the boss"}},
        "no",
    ],
)
async def test_a_wrong_consent_over_the_api_is_refused_as_a_problem(
    office: Running, consents_: object
) -> None:
    async with await office.client("alice") as alice:
        customer_id = (await alice.post(PATH, json={"names": {"en": {"given": "Zoe"}}})).json()[
            "id"
        ]
        answer = await alice.patch(f"{PATH}/{customer_id}", json={"consents": consents_})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        read_again = (await alice.get(f"{PATH}/{customer_id}")).json()["consents"]
        assert {one["state"] for one in read_again.values()} == {"never_asked"}


@pytest.mark.anyio
async def test_a_department_without_personal_data_neither_sees_nor_sets_consents(
    office: Running,
) -> None:
    no = {"consents": {"offers": {"state": "no", "source": "a secret letter"}}}
    async with await office.client("alice") as alice:
        customer_id = (
            await alice.post(PATH, json={"names": {"en": {"given": "Zoe"}}, **no})
        ).json()["id"]
    async with await office.client("bob") as mallory:
        assert "secret letter" not in (await mallory.get(f"{PATH}/{customer_id}")).text
        assert "secret letter" not in (await mallory.get(f"/customers/{customer_id}")).text
        for body in ({"consents": {"offers": {"state": "yes"}}}, {"marketing_consent": True}):
            assert (await mallory.patch(f"{PATH}/{customer_id}", json=body)).status_code == 403


@pytest.mark.anyio
async def test_the_form_saves_a_consent_and_the_page_shows_day_source_and_user(
    office: Running,
) -> None:
    async with await office.client("alice") as alice:
        names = {"names": {"en": {"given": "Zoe", "family": "Nikou"}}}
        customer_id = (await alice.post(PATH, json=names)).json()["id"]
        found = re.search(r'name="csrf" value="([^"]+)"', (await alice.get("/customers/new")).text)
        assert found is not None
        form = {
            "csrf": found[1],
            "name_en_given": "Zoe",
            "name_en_family": "Nikou",
            "consent_sms": "no",
            "consent_sms_day": "2026-05-01",
            "consent_sms_source": "<b>letter</b>",
        }
        assert (await alice.post(f"/customers/{customer_id}/edit", data=form)).status_code == 303
        page = (await alice.get(f"/customers/{customer_id}")).text
        assert "&lt;b&gt;letter&lt;/b&gt;" in page
        assert 'data-day="2026-05-01"' in page
        refused = await alice.post(
            f"/customers/{customer_id}/edit",
            data=form | {"consent_sms": "yes", "consent_sms_source": " "},
        )
        assert refused.status_code == 422
        assert 'id="consent_sms_source-wrong"' in refused.text
        sms = (await alice.get(f"{PATH}/{customer_id}")).json()["consents"]["sms"]
        assert (sms["state"], sms["source"]) == ("no", "<b>letter</b>")
