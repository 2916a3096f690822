"""The conventional design: plain pyst2, the async ORM, FastAPI's websockets.

Nothing is slow on purpose: the number is found by its index, and all fields of a card are loaded
eagerly.

    python conventional_design.py AMI_PORT DATABASE     prints the port of its sockets

It imports nothing of the project; it uses the names of its tables and columns only.
"""

import asyncio
import logging
import socket
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import uvicorn
from asterisk.manager import Manager
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


class Row(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)

    def as_dict(self) -> dict[str, object]:
        return {column.key: getattr(self, column.key) for column in self.__table__.columns}


class Household(Row):
    __tablename__ = "households"
    name: Mapped[str]


class Trip(Row):
    __tablename__ = "trips"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    destination: Mapped[str]
    country: Mapped[str]
    product: Mapped[str]
    departs: Mapped[str]
    returns: Mapped[str]
    status: Mapped[str]
    adults: Mapped[int]
    children: Mapped[int]
    price: Mapped[int]
    paid: Mapped[int]
    currency: Mapped[str]
    note: Mapped[str]


class Case(Row):
    __tablename__ = "cases"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[str]
    state: Mapped[str]
    subject: Mapped[str]
    opened: Mapped[str]


class Call(Row):
    __tablename__ = "calls"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    linkedid: Mapped[str]
    arrived_at: Mapped[float]
    direction: Mapped[str]
    disposition: Mapped[str]
    talk_s: Mapped[float]


class Customer(Row):
    __tablename__ = "customers"
    title: Mapped[str]
    gender: Mapped[str]
    names: Mapped[str]
    language: Mapped[str]
    tier: Mapped[str]
    birthday: Mapped[str]
    balance: Mapped[int]
    currency: Mapped[str]
    customer_since: Mapped[str]
    notes: Mapped[str]
    preferences: Mapped[str]
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"))
    household: Mapped[Household | None] = relationship()
    trips: Mapped[list[Trip]] = relationship(order_by=Trip.departs.desc())
    cases: Mapped[list[Case]] = relationship()
    calls: Mapped[list[Call]] = relationship(order_by=Call.arrived_at.desc())


class Phone(Row):
    __tablename__ = "customer_phones"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    e164: Mapped[str]
    customer: Mapped[Customer] = relationship()


WHOLE = (
    selectinload(Phone.customer).selectinload(Customer.household),
    selectinload(Phone.customer).selectinload(Customer.trips),
    selectinload(Phone.customer).selectinload(Customer.cases),
    selectinload(Phone.customer).selectinload(Customer.calls),
)


class CardSender:
    """Sends a card to the websocket of the phone that rings."""

    def __init__(self, database: str) -> None:
        self.sessions = async_sessionmaker(create_async_engine(f"sqlite+aiosqlite:///{database}"))
        self.sockets: dict[str, WebSocket] = {}

    async def send_card(self, event: Mapping[str, str]) -> None:
        phone = event["DestChannel"].rpartition("-")[0].partition("/")[2]
        socket = self.sockets.get(phone)
        if socket is None:
            return
        async with self.sessions() as session:
            customer = await self._customer(session, event["CallerIDNum"])
        card = {"call": event["Linkedid"], "agent": phone, "state": "ringing", "person": customer}
        await socket.send_json({"type": "card", "card": card})

    async def _customer(self, session: AsyncSession, number: str) -> dict[str, object] | None:
        found = await session.scalars(select(Phone).where(Phone.e164 == number).options(*WHOLE))
        phone = found.first()
        if phone is None:
            return None
        customer = phone.customer
        return {
            **customer.as_dict(),
            "household": customer.household.name if customer.household else "",
            "trips": [trip.as_dict() for trip in customer.trips],
            "cases": [case.as_dict() for case in customer.cases],
            "calls": [call.as_dict() for call in customer.calls[:5]],
        }


def listen(port: int, sender: CardSender, loop: asyncio.AbstractEventLoop) -> None:
    """Follow the PBX in pyst2's own threads."""

    def on_event(event: Any, _: Manager) -> None:
        asyncio.run_coroutine_threadsafe(sender.send_card(event.headers), loop)

    manager = Manager()
    manager.connect("127.0.0.1", port)
    manager.register_event("DialBegin", on_event)
    manager.login("bench", "bench-secret")


async def main(ami_port: int, database: str) -> None:
    sender, app = CardSender(database), FastAPI()

    @app.websocket("/ws/{phone}")
    async def agent(socket: WebSocket, phone: str) -> None:
        await socket.accept()
        sender.sockets[phone] = socket
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            sender.sockets.pop(phone, None)

    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, listen, ami_port, sender, loop)
    print(listening.getsockname()[1], flush=True)
    await uvicorn.Server(uvicorn.Config(app, log_level="warning")).serve([listening])


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # pyst2 speaks to older Pythons
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
