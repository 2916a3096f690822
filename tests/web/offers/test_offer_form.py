"""The form of an offer: its condition in rows, whom it fits and why, its words for one."""

import pytest

from screenpop.conditions.json_format import read_condition
from screenpop.store.offers.saved import list_offers
from screenpop.store.segments.saved import Audience, save_segment
from screenpop.web.translations import our_catalogues
from tests.web.offers.test_offer_pages import FORM, VIP, office, post
from tests.web.running_server import Running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio
__all__ = ["office"]
ROWS = {
    "condition": "rows",
    "g.0.mode": "all",
    "r.0.0.field": "tag",
    "r.0.0.op": "is_any",
    "r.0.0.value": "vip",
}


async def test_rows_of_the_form_are_the_condition_of_the_offer_and_come_back_as_rows(
    office: Running,
) -> None:
    async with await office.client("adam") as adam:
        made = await post(adam, "/offers/new", **FORM, **ROWS, control_percent="۱۵")
        assert made.status_code == 303, made.text
        [saved] = await list_offers(office.database)
        assert saved.offer.terms.control_percent == 15
        page = (await adam.get("/offers/1/edit")).text
        assert 'name="r.0.0.value" value="vip"' in page
        assert 'name="control_percent" value="15"' in page
        kept = await post(adam, "/offers/1/edit", **FORM, **ROWS, control_percent="15")
        assert kept.status_code == 303
        assert [one.offer.terms for one in await list_offers(office.database)] == [
            saved.offer.terms
        ]


@pytest.mark.parametrize(
    ("act", "expected"),
    [("add_row.0", "r.0.1.field"), ("add_group", "r.1.0.field"), ("count", "r.0.0.value")],
)
async def test_a_draft_keeps_all_that_was_typed_and_saves_nothing(
    office: Running, act: str, expected: str
) -> None:
    async with await office.client("adam") as adam:
        form = {**FORM, **ROWS, "price": "1200", "lines": "982100", "act": act}
        draft = await post(adam, "/offers/draft", **form)
    assert draft.status_code == 200, draft.text
    for kept in (f'name="{expected}"', 'value="1200"', 'value="982100"', FORM["words.fa"]):
        assert kept in draft.text
    assert await list_offers(office.database) == ()


@pytest.mark.parametrize("language", ["en", "fa", "el"])
async def test_the_form_lists_fitting_customers_with_reason_and_its_words_for_the_first(
    office: Running, language: str
) -> None:
    catalogue = our_catalogues()[language]
    async with await office.client("adam") as adam:
        await post(adam, "/me", language=language)
        words = {
            "words.en": "{name}, hello",
            "words.fa": "{name}، سلام",
            "words.el": "{name}, γεια",
        }
        draft = (await post(adam, "/offers/draft", **{**FORM, **ROWS, **words})).text
    result = draft[draft.index('id="result"') :]
    assert "Karimi" in result
    assert "Moradi" not in result
    assert "has_tag" in result
    assert catalogue.gettext("What the agent of the first one reads") in result
    for greeting in ("hello", "سلام", "γεια"):
        assert greeting in result[result.index("</h3>") :]


async def test_a_chosen_segment_becomes_rows_that_can_be_changed(office: Running) -> None:
    number = await save_segment(
        office.database, "VIPs", read_condition(VIP), Audience.ALL, user_id=None, now=NOON
    )
    async with await office.client("adam") as adam:
        draft = await post(adam, "/offers/draft", **FORM, condition=str(number))
    assert 'name="r.0.0.value" value="vip"' in draft.text
    assert '<option value="rows" selected>' in draft.text


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ({"r.0.0.field": "trip_count", "r.0.0.op": "&gt;=", "r.0.0.value": "many"}, "many"),
        ({"r.0.0.value": ""}, ""),
    ],
)
async def test_rows_that_are_not_complete_are_refused_and_nothing_is_saved(
    office: Running, rows: dict[str, str], value: str
) -> None:
    async with await office.client("adam") as adam:
        refused = await post(adam, "/offers/new", **{**FORM, **ROWS, **rows})
        assert refused.status_code == 422
        assert value in refused.text
        assert 'name="r.0.0.value"' in refused.text
        impossible = {
            "r.0.0.field": "trip_count",
            "r.0.0.op": ">",
            "r.0.0.value": "5",
            "r.0.1.field": "trip_count",
            "r.0.1.op": "<",
            "r.0.1.value": "3",
        }
        never = await post(adam, "/offers/new", **{**FORM, **ROWS, **impossible})
        assert never.status_code == 422
    assert await list_offers(office.database) == ()


async def test_a_user_without_the_right_drafts_no_offer(office: Running) -> None:
    async with await office.client("alice") as alice:
        assert (await post(alice, "/offers/draft", **FORM)).status_code == 403


async def test_balances_are_no_row_for_a_department_that_does_not_see_them(
    office: Running,
) -> None:
    balance = {
        "r.0.0.field": "balance",
        "r.0.0.op": ">",
        "r.0.0.value": "0",
        "r.0.0.currency": "EUR",
    }
    async with await office.client("sue") as sue:
        answer = await post(sue, "/offers/draft", **{**FORM, **ROWS, **balance})
        assert answer.status_code == 403
