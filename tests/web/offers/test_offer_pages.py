"""Offers on pages and in the API: made, refused, switched, for users with the right."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from screenpop.conditions.json_format import read_condition
from screenpop.offers.offer_errors import OfferProblem
from screenpop.offers.offer_json import QUIET_REASONS
from screenpop.offers.suggest import MAX_SUGGESTIONS
from screenpop.offers.templates import TEMPLATES
from screenpop.store.customers.queries import create_customer
from screenpop.store.offers.saved import list_offers
from screenpop.store.segments.saved import Audience, save_segment
from screenpop.web.offers.form import TIERS
from screenpop.web.translations import our_catalogues
from tests.store.customers.drafts import draft
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio
VIP = {"version": 1, "condition": {"field": "tag", "op": "is_any", "value": ["vip"]}}
BALANCE = {
    "version": 1,
    "condition": {"field": "balance", "op": ">", "value": {"amount": 0, "currency": "EUR"}},
}
WORDS = {"en": "A week in Rome?", "fa": "یک هفته در رم؟", "el": "Μια εβδομάδα στη Ρώμη;"}
FORM = {"name": "Rome", "limit": "1", **{f"words.{code}": text for code, text in WORDS.items()}}


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        for family, tags in (("Karimi", ("VIP",)), ("Moradi", ("family",))):
            await create_customer(up.database, draft(family, tags=tags), NOON)
        yield up


def plain(**more: Any) -> dict[str, Any]:
    return {"version": 1, "offer": {"name": "Rome", "words": WORDS, "condition": VIP, **more}}


async def post(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    token = csrf_of((await browser.get("/customers")).text)
    return await browser.post(path, data={"csrf": token, **form})


async def test_an_offer_is_made_switched_on_listed_changed_and_deleted_over_the_api(
    office: Running,
) -> None:
    async with await office.client("adam") as adam:
        made = await adam.post("/api/v1/offers", json=plain(places=3))
        assert made.status_code == 201, made.text
        offer = made.json()
        number = offer["id"]
        assert (offer["active"], offer["places_left"]) == (False, 3)
        fits = (await adam.get(f"/api/v1/offers/{number}/customers")).json()
        assert fits["count"] == 1
        assert [one["name"] for one in fits["customers"]] == ["Laleh Karimi"]
        assert fits["customers"][0]["reason"] == {"code": "has_tag", "params": {"tag": "VIP"}}

        on = await adam.post(f"/api/v1/offers/{number}/switch", json={"active": True})
        assert on.json()["active"] is True
        sent_back = {key: offer[key] for key in ("version", "offer")}
        sent_back["offer"]["name"] = "Roma"
        changed = await adam.put(f"/api/v1/offers/{number}", json=sent_back)
        assert (changed.json()["offer"]["name"], changed.json()["active"]) == ("Roma", True)
        listed = await adam.get("/api/v1/offers")
        assert listed.json() == {"offers": [changed.json()]}
        assert (await adam.delete(f"/api/v1/offers/{number}")).status_code == 204
        assert (await adam.get(f"/api/v1/offers/{number}")).status_code == 404


async def test_refused_offer_names_field_value_and_remedy_and_saves_nothing(
    office: Running,
) -> None:
    async with await office.client("adam") as adam:
        answer = await adam.post("/api/v1/offers", json=plain(discount=5))
        assert answer.status_code == 422
        found = answer.json()
        assert (found["code"], found["problem"], found["field"], found["value"]) == (
            "bad_offer",
            "field",
            "discount",
            "5",
        )
        assert "known fields" in found["errors"][0]["problem"]
    assert await list_offers(office.database) == ()


async def test_agents_read_offers_and_may_not_change_them(office: Running) -> None:
    async with await office.client("adam") as adam:
        for condition in (VIP, BALANCE):
            await adam.post("/api/v1/offers", json=plain(condition=condition))
        # Sales do not see balances: neither offers about them nor their customers.
        assert len((await adam.get("/api/v1/offers")).json()["offers"]) == 2
    async with await office.client("alice") as alice:
        [offer] = (await alice.get("/api/v1/offers")).json()["offers"]
        assert (await alice.get("/api/v1/offers/2")).status_code == 404
        assert (await alice.get("/offers/2")).status_code == 404
        assert (await alice.post("/api/v1/offers", json=plain())).status_code == 403
        assert (await alice.put("/api/v1/offers/1", json=plain())).status_code == 403
        switched = await alice.post("/api/v1/offers/1/switch", json={"active": True})
        assert switched.status_code == 403
        assert (await alice.delete("/api/v1/offers/1")).status_code == 403
        assert (await alice.get("/offers/new")).status_code == 403
        page = (await alice.get("/offers")).text
        assert offer["offer"]["name"] in page
        assert "/offers/1/edit" not in page
        assert "template=" not in page
    async with await office.client("sue") as sue:
        refused = await sue.post("/api/v1/offers", json=plain(condition=BALANCE))
        assert refused.status_code == 403


@pytest.mark.parametrize("name", ["adam", "sue"])
async def test_a_template_becomes_an_offer_that_is_off_until_it_is_switched_on(
    office: Running, name: str
) -> None:
    async with await office.client(name) as user:
        page = await user.get("/offers/new?template=birthday")
        assert page.status_code == 200
        form = {**FORM, "template": "birthday", "condition": "own", "quiet.price": "۴۵"}
        made = await post(user, "/offers/new", **form)
        assert made.status_code == 303, made.text
        [saved] = await list_offers(office.database)
        template = next(one for one in TEMPLATES if one.code == "birthday")
        assert saved.offer.terms.condition == template.condition
        assert saved.offer.terms.quiet_days["price"] == 45
        assert not saved.offer.active
        assert (await post(user, "/offers/1/switch", active="yes")).status_code == 303
        [saved] = await list_offers(office.database)
        assert saved.offer.active


async def test_an_offer_takes_the_condition_of_a_chosen_segment(office: Running) -> None:
    segment = await save_segment(
        office.database,
        "VIPs",
        read_condition(VIP),
        Audience.ALL,
        user_id=None,
        now=NOON,
    )
    async with await office.client("adam") as adam:
        form = {
            **FORM,
            "condition": str(segment),
            "starts": "1405/01/01",
            "calendar": "orthodox_easter",
            "before": "14",
            "price": "1,200",
            "price.gold": "1100",
            "margin": "۱۵۰",
            "currency": "EUR",
        }
        assert (await post(adam, "/offers/new", **form)).status_code == 303
        [saved] = await list_offers(office.database)
        terms = saved.offer.terms
        assert terms.condition == read_condition(VIP)
        assert terms.starts is not None
        assert terms.starts.isoformat() == "2026-03-21"
        assert terms.periods[0].before == 14
        assert (terms.price, terms.margin) != (None, None)
        assert terms.tier_prices["gold"].amount == 1100
        # The form shows all of it again, and saving it unchanged changes nothing.
        page = (await adam.get("/offers/1/edit")).text
        assert 'value="1200"' in page
        kept = await post(adam, "/offers/1/edit", **{**form, "condition": "own"})
        assert kept.status_code == 303
        [same] = await list_offers(office.database)
        assert same.offer.terms == terms
        customers = (await adam.get("/offers/1")).text
        assert "Karimi" in customers
        assert "Moradi" not in customers
        assert "<b" in (await adam.get("/offers/1/count")).text
        assert (await post(adam, "/offers/1/delete")).status_code == 303
    assert await list_offers(office.database) == ()


async def test_refused_form_keeps_what_was_typed_and_names_the_field(office: Running) -> None:
    async with await office.client("adam") as adam:
        answer = await post(
            adam, "/offers/new", **{**FORM, "starts": "2027-02-01", "ends": "2027-01-01"}
        )
        assert answer.status_code == 422
        assert 'value="2027-01-01"' in answer.text
        assert "The last day is before the first" in answer.text
        missing = await post(adam, "/offers/new", **{**FORM, "words.el": ""})
        assert missing.status_code == 422
        assert "words.el" in missing.text
    assert await list_offers(office.database) == ()


@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_every_code_of_offers_has_words_in_each_language(language: str) -> None:
    catalogue = our_catalogues()[language]
    codes = [
        *(f"offer_problem.{one.value}" for one in OfferProblem),
        *(f"offer_template.{one.code}" for one in TEMPLATES),
        *(
            f"offer_calendar.{one}"
            for one in ("nowruz", "western_easter", "orthodox_easter", "own")
        ),
        *(f"tier.{one}" for one in TIERS),
        *(f"decline_reason.{one}" for one in QUIET_REASONS),
        *(f"offer_state.{one}" for one in ("on", "off", "waits")),
    ]
    assert [code for code in codes if catalogue.gettext(code) == code] == []
    assert MAX_SUGGESTIONS == 3
