"""Who was sent by whom, on the page and in the API."""

from pathlib import Path

import pytest
from sqlalchemy import insert, update

from screenpop.customers.models import CustomerId
from screenpop.store.schema.tables import customers
from screenpop.store.value.referrals import MOST_SENDERS, MOST_SENT, list_senders
from tests.web.running_server import running

pytestmark = pytest.mark.anyio


async def test_senders_are_listed_with_those_they_sent_the_most_first(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as office:
        plain = {"tags": [], "created_at": 1.0, "changed_at": 1.0}
        rows = [
            {**plain, "names": [{"language": "en", "given": "Ada", "family": f"Orr {number}"}]}
            for number in range(MOST_SENDERS + MOST_SENT + 7)
        ]
        async with office.database.writing() as connection:
            added = insert(customers).returning(customers.c.id)
            ids = list((await connection.execute(added, rows)).scalars())
            first, second, merged = ids[:3]

            async def sent(by: int, *those: int) -> None:
                chosen = update(customers).where(customers.c.id.in_(those))
                await connection.execute(chosen.values(referred_by_id=by))

            await sent(first, *ids[10:12])
            await sent(second, *ids[20 : 20 + MOST_SENT + 1])
            await connection.execute(
                update(customers)
                .where(customers.c.id == merged)
                .values(referred_by_id=first, merged_into_id=second)
            )
        async with await office.client("adam") as adam:
            found = (await adam.get("/api/v1/referrals")).json()["senders"]
            assert [(one["name"], one["count"], len(one["sent"])) for one in found] == [
                ("Ada Orr 1", MOST_SENT + 1, MOST_SENT),
                ("Ada Orr 0", 2, 2),
            ]
            assert [one["id"] for one in found[1]["sent"]] == [ids[11], ids[10]]
            only = (await adam.get(f"/api/v1/referrals?by={first}")).json()["senders"]
            assert only == [found[1]]
            page = (await adam.get("/value/sent")).text
            assert page.index("Ada Orr 1<") < page.index("Ada Orr 0<")
            assert "…" in page
            assert (await adam.get(f"/value/sent?by={ids[5]}")).status_code == 200
        async with office.database.writing() as connection:
            for number, one in enumerate(ids[-MOST_SENDERS - 2 :]):
                chosen = update(customers).where(customers.c.id == ids[number])
                await connection.execute(chosen.values(referred_by_id=one))
        assert len(await list_senders(office.database)) == MOST_SENDERS
        assert await list_senders(office.database, CustomerId(ids[4])) == []
