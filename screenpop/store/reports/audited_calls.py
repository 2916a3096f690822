"""Calls of our log as the comparison with the PBX's files needs them."""

from collections import defaultdict

from sqlalchemy import Connection, select

from screenpop.audit.compare import OurCall
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls, legs, transfers
from screenpop.telephony.identifiers import PbxId


async def audited_calls(
    database: Database, pbx: PbxId, since: float, until: float
) -> tuple[OurCall, ...]:
    """Return the ended calls of a PBX that arrived between two times, oldest first."""
    await database.log.flush()
    wanted = (
        calls.c.pbx == pbx,
        calls.c.arrived_at >= since,
        calls.c.arrived_at <= until,
        calls.c.disposition != IN_PROGRESS,
    )

    def read(connection: Connection) -> tuple[OurCall, ...]:
        ids: dict[int, list[str]] = defaultdict(list)
        phones: dict[int, list[str]] = defaultdict(list)
        statement = select(legs).join(calls, calls.c.id == legs.c.call_id).where(*wanted)
        for row in connection.execute(statement.order_by(legs.c.answered_at, legs.c.id)):
            ids[row.call_id].append(row.uniqueid)
            if row.answered_at is not None:
                phones[row.call_id].append(row.endpoint)
        targets: dict[int, list[str]] = defaultdict(list)
        for call_id, target in connection.execute(
            select(transfers.c.call_id, transfers.c.target)
            .join(calls, calls.c.id == transfers.c.call_id)
            .where(*wanted)
        ):
            targets[call_id].append(target)
        rows = connection.execute(
            select(calls).where(*wanted).order_by(calls.c.arrived_at, calls.c.id)
        )
        return tuple(
            OurCall(
                id=row.id,
                linkedid=row.linkedid,
                legs=tuple(ids[row.id]),
                queue=row.queue,
                disposition=row.disposition,
                arrived_at=row.arrived_at,
                answered_at=row.answered_at,
                ended_at=row.ended_at,
                phones=tuple(phones[row.id]),
                transferred=row.id in targets,
                transferred_to=tuple(targets.get(row.id, ())),
            )
            for row in rows
        )

    return await database.read(read)
