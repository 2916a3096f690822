"""``/admin`` on the shipped pages: users, PBX test, logins, retention; for administrators only."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.accounts.users import Role
from screenpop.calls.labels import LabelKind
from screenpop.store.accounts.user_admin import list_accounts
from screenpop.store.accounts.users import list_users
from screenpop.store.calls.label_list import list_labels
from screenpop.telephony.identifiers import PbxId
from screenpop.web.ports import AdminFacts, PbxFacts, PbxTestResult, TrunkFacts
from tests.web.running_server import PASSWORD, Running, csrf_of, log_in, running

pytestmark = pytest.mark.anyio

OFFICE = PbxFacts(
    PbxId("office"),
    "192.0.2.10",
    5039,
    "screenpop",
    True,
    ("1XX",),
    (TrunkFacts("trunk-athens", "GR", (("2109100070", "Athens office"),)),),
)
RESULTS = {
    "live": PbxTestResult(is_live=True, took_s=0.25, channel_count=3),
    "secret": PbxTestResult(
        is_live=False, took_s=0.1, code="wrong_secret", params={"username": "screenpop"}
    ),
    "silent": PbxTestResult(
        is_live=False, took_s=10.0, code="timed_out", params={"doing": "login", "after_s": 10}
    ),
}


class Pbx:
    """What the test of the PBX answers, and how often it was asked."""

    def __init__(self) -> None:
        self.result = RESULTS["live"]
        self.asked: list[PbxId] = []

    async def test(self, pbx: PbxId) -> PbxTestResult:
        self.asked.append(pbx)
        return self.result


@pytest.fixture
def pbx() -> Pbx:
    return Pbx()


@pytest.fixture
async def office(prepared: Path, tmp_path: Path, pbx: Pbx) -> AsyncGenerator[Running]:
    facts = AdminFacts(
        pbxes=(OFFICE,),
        region="IR",
        keep_days={"calls": 0, "traces": 30, "logins": 90},
        link_states=lambda: {PbxId("office"): "live"},
        test_pbx=pbx.test,
    )
    async with running(prepared, tmp_path, real_pages=True, admin=facts) as up:
        yield up


async def post(office: Running, path: str, **form: str) -> tuple[int, str]:
    """Post a form as the administrator; the status and the page."""
    async with await office.client("adam") as adam:
        csrf = csrf_of((await adam.get("/admin")).text)
        answer = await adam.post(path, data={"csrf": csrf} | form)
        return answer.status_code, answer.text


async def test_users_pbx_logins_and_retention_are_displayed(office: Running) -> None:
    async with office.browser() as browser:
        await log_in(browser, "alice", "wrong")
    async with await office.client("adam") as adam:
        page = (await adam.get("/admin")).text
    for words in (
        "Alice &lt;b&gt;Agent&lt;/b&gt;",
        "101",
        "192.0.2.10:5039",
        "trunk-athens",
        "Athens office",
        "2109100070",
        "wrong password",
        "30 days",
        "90 days",
        "forever",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("live", "3 channels are up."), ("secret", "secret"), ("silent", "does not answer in time")],
)
async def test_a_test_of_the_pbx_reports_what_it_found(
    office: Running, pbx: Pbx, kind: str, sentence: str
) -> None:
    pbx.result = RESULTS[kind]
    status, page = await post(office, "/admin/pbx/office/test")
    assert status == 200
    assert sentence in page
    assert pbx.asked == ["office"]
    assert (await post(office, "/admin/pbx/another/test"))[0] == 404


async def test_a_disabled_user_is_out_at_once_and_back_when_enabled(office: Running) -> None:
    path = f"/admin/users/{office.id('alice')}"
    async with office.socket("alice") as socket, await office.client("alice") as alice:
        await socket.greet()
        assert (await post(office, f"{path}/disable"))[0] == 303
        assert (await socket.hear())["code"] == 4007
        assert (await alice.get("/me")).status_code == 303
    async with office.browser() as browser:
        assert (await log_in(browser, "alice")).status_code == 401
        assert (await post(office, f"{path}/enable"))[0] == 303
        assert (await log_in(browser, "alice", PASSWORD)).status_code == 303


async def test_a_user_gets_another_name_role_department_and_phones(office: Running) -> None:
    path = f"/admin/users/{office.id('alice')}"
    form = {"name": "Alice K.", "role": "supervisor", "department": "finance", "phones": "120, 121"}
    async with office.socket("alice") as socket:
        await socket.greet()
        assert (await post(office, path, **form))[0] == 303
        assert (await socket.hear())["code"] == 4010
    accounts = {one.user.username: one for one in await list_accounts(office.database)}
    alice = accounts["alice"]
    assert (alice.user.display_name, alice.user.role) == ("Alice K.", Role.SUPERVISOR)
    assert [phone for _, phone in alice.phones] == ["120", "121"]
    taken = {"name": "Typed Name", "phones": "102", "role": "agent", "department": "sales"}
    status, page = await post(office, path, **taken)
    assert status == 422
    assert "belongs to another user" in page
    for kept in ('value="Typed Name"', 'value="102"', 'value="agent" selected'):
        assert kept in page  # what was typed is there to be corrected
    accounts = {one.user.username: one for one in await list_accounts(office.database)}
    assert accounts["alice"] == alice  # and no part of it is saved
    assert (await post(office, path, **form | {"role": "king"}))[0] == 422
    assert (await post(office, path, **form | {"name": " "}))[0] == 422


async def test_a_deleted_user_keeps_the_name_in_histories(office: Running) -> None:
    new = {"names": {"en": {"given": "Mina"}}}
    async with await office.client("bob") as bob:
        made = (await bob.post("/api/v1/customers", json=new)).json()["id"]
    path = f"/admin/users/{office.id('bob')}/delete"
    status, page = await post(office, path)
    assert status == 422
    assert "Tick the box" in page
    assert (await post(office, path, sure="yes"))[0] == 303
    assert "bob" not in {user.username for user in await list_users(office.database)}
    assert (await post(office, path, sure="yes"))[0] == 404
    async with await office.client("adam") as adam:
        history = (await adam.get(f"/api/v1/customers/{made}")).json()["history"]
    assert "Bob" in str(history)


async def test_the_last_administrator_cannot_be_disabled_demoted_or_deleted(
    office: Running,
) -> None:
    path = f"/admin/users/{office.id('adam')}"
    form = {"name": "Adam", "role": "agent", "department": "support", "phones": ""}
    for place, data in (
        (path, form),
        (f"{path}/disable", {}),
        (f"{path}/delete", {"sure": "yes"}),
    ):
        status, page = await post(office, place, **data)
        assert status == 422, place
        assert "last administrator" in page
    (adam,) = [user for user in await list_users(office.database) if user.username == "adam"]
    assert adam.role is Role.ADMIN


@pytest.mark.parametrize("name", ["alice", "bob", "sue"])
async def test_no_user_but_an_administrator_changes_users(
    office: Running, pbx: Pbx, name: str
) -> None:
    path = f"/admin/users/{office.id('adam')}"
    async with await office.client(name) as mallory:
        csrf = csrf_of((await mallory.get("/me")).text)
        assert (await mallory.get(path)).status_code == 403
        for place in (path, f"{path}/disable", f"{path}/delete", "/admin/pbx/office/test"):
            assert (await mallory.post(place, data={"csrf": csrf})).status_code == 403
    async with await office.client("adam") as adam:
        answer = await adam.post(f"/admin/users/{office.id('bob')}/disable", data={"csrf": "x"})
        assert answer.status_code == 403
    assert pbx.asked == []
    assert all(one.is_active for one in await list_accounts(office.database))


async def test_the_purposes_of_calls_are_edited_added_and_refused_as_typed(
    office: Running,
) -> None:
    before = await list_labels(office.database, LabelKind.PURPOSE)
    form = {"new.position": "۱", "new.el": "Ταξίδι", "new.active": "on"}
    for one in before:
        form |= {f"{one.id}.position": str(one.position), f"{one.id}.en": one.names["en"]}
    form[f"{before[1].id}.active"] = "on"

    status, page = await post(office, "/admin/purposes", **form | {f"{before[0].id}.en": " "})
    assert status == 422
    assert "Ταξίδι" in page
    assert "needs a name" in page
    assert await list_labels(office.database, LabelKind.PURPOSE) == before

    assert (await post(office, "/admin/purposes", **form))[0] == 303
    after = await list_labels(office.database, LabelKind.PURPOSE)
    assert [one.position for one in after] == list(range(1, len(before) + 2))
    assert sorted(str(one.names) for one in after if one.active) == sorted(
        [str({"en": before[1].names["en"]}), str({"el": "Ταξίδι"})]
    )
    async with await office.client("alice") as alice:
        answer = await alice.post("/admin/purposes", data=form)
        assert answer.status_code in {403, 303}
    assert await list_labels(office.database, LabelKind.PURPOSE) == after
