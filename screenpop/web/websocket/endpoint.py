"""``/ws/v1``: authentication, requests of sessions, and one ticker for all sessions."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from screenpop.accounts.users import Right, Role, UserId
from screenpop.cards.compose import call_of_card
from screenpop.protocol import server_messages
from screenpop.protocol.client_messages import Command, Receipt
from screenpop.protocol.close_codes import WORD, CloseCode
from screenpop.protocol.command_dedup import CommandDedup
from screenpop.protocol.server_messages import Result
from screenpop.protocol.session import Close, Join, RateLimit, Request, Session
from screenpop.protocol.user_stream import StaleStreamsError
from screenpop.store.accounts.session_use import EndReason
from screenpop.web.auth.current_user import CurrentUser, UserResolver
from screenpop.web.auth.refusal_log import RefusalLog
from screenpop.web.origins import OwnOrigins, RequestOrigin
from screenpop.web.ports import Clock, Commands, Receipts, Streams
from screenpop.web.websocket.connection import BrowserConnection, now, read_messages
from screenpop.web.websocket.uvicorn_protocol import protocol_of

_log = logging.getLogger(__name__)

_AT_ONCE, _PARTS = 32, 16
"""Least sockets to tick before other tasks run on the loop, and most parts of all sockets: were ten
thousand ticked a few a turn, heartbeats would come late on a busy loop, and pages would leave."""

_CLOSE_TIMEOUT_S = 1.0
_CODES = {
    EndReason.ENDED: CloseCode.EXPIRED,
    EndReason.PASSWORD_CHANGED: CloseCode.PASSWORD_CHANGED,
    EndReason.USER_DISABLED: CloseCode.USER_DISABLED,
}


@dataclass(frozen=True, slots=True)
class SocketLimits:
    tabs: int = 12
    """Most sockets of one user."""
    sockets: int = 14_000
    """Most sockets in all: an eighth of all connections is left for pages and programs."""
    heartbeat_s: float = 5.0
    missed_read_s: float = 5.0
    """Seconds between reads of which users' lists of missed calls have changed."""
    slow_check_s: float = 0.5
    """Seconds between checks for browsers that do not keep up."""
    command_s: float = 30.0
    session_recheck_s: float = 60.0
    """Seconds between extensions of the session of an open page."""
    session_check_s: float = 2.0
    """Seconds between checks for sessions ended and roles changed by another process."""
    allowance: RateLimit = field(default_factory=RateLimit)


@dataclass(frozen=True, slots=True)
class _SocketOwner:
    """Who opens a socket: a user with a session, or a wall screen."""

    user: UserId
    role: Role | None
    """None: a wall screen."""
    token: str
    expires_at: float


def _unknown(_user: UserId) -> None:
    return None


class WebSocketEndpoint:
    """The ASGI application behind ``/ws/v1``. ``run`` is its ticker."""

    def __init__(
        self,
        *,
        origins: OwnOrigins,
        user_resolver: UserResolver,
        streams: Streams,
        receipts: Receipts,
        commands: Commands,
        build: str,
        clock: Clock,
        limits: SocketLimits,
        refusals: RefusalLog,
        missed: Callable[[UserId], int | None] = _unknown,
    ) -> None:
        """``missed``: version of a user's list of missed calls, for heartbeats."""
        self._origins = origins
        self._user_resolver = user_resolver
        self._streams = streams
        self._receipts = receipts
        self._commands = commands
        self._build = build
        self._clock = clock
        self._limits = limits
        self._refusals = refusals
        self._missed = missed
        self._sockets: dict[UserId, list[BrowserConnection]] = {}
        self._count = 0
        self._memories: dict[UserId, CommandDedup] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._restarting = False
        self.opened = 0
        """Browsers that have connected."""
        self.closed = dict.fromkeys(WORD.values(), 0)
        """Connections that we closed, by the ``reason`` of their ``bye``."""

    @property
    def is_stopping(self) -> bool:
        """Return whether browsers are asked to reconnect because the server stops."""
        return self._restarting

    @property
    def count(self) -> int:
        """Return how many browsers are connected."""
        return self._count

    def tabs(self, user: UserId) -> int:
        return len(self._sockets.get(user, ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        connection = HTTPConnection(scope)
        if self._origins.classify_request(connection.headers) is RequestOrigin.ANOTHER_SITE:
            # Before the accept: a page of another site gets a 403 and no socket.
            self._refusals.refused_at_door(scope, "cross_site")
            await send({"type": "websocket.close", "code": 1008})
            return
        screen = connection.query_params.get("screen", "")
        token = "" if screen else self._user_resolver.token_of(connection)
        del connection  # it would live as long as the socket
        welcome = await (
            self._welcome_screen(scope, screen) if screen else self._welcome(scope, token)
        )
        await send({"type": "websocket.accept"})
        if isinstance(welcome, Close):
            await _reject(welcome, send)
        else:
            await self._serve(welcome, scope, receive, send)

    def end_session(self, token: str, code: CloseCode = CloseCode.NOT_LOGGED_IN) -> None:
        """Close the sockets of a session that was logged out."""
        for socket in self._all():
            if socket.token == token:
                socket.end(code)

    def end_user(self, user: UserId, code: CloseCode, *, but_token: str = "") -> None:
        """Close all sockets of a user except those of the session with ``but_token``."""
        for socket in tuple(self._sockets.get(user, ())):
            if not but_token or socket.token != but_token:
                socket.end(code)

    async def restart(self) -> None:
        """Notify all browsers that the server stops, so that they reconnect."""
        self._restarting = True
        sockets = self._all()
        for socket in sockets:
            socket.end(CloseCode.RESTART)
        if sockets:
            await asyncio.wait([socket.writer for socket in sockets], timeout=_CLOSE_TIMEOUT_S)

    async def run(self) -> None:
        """Run for ever: heartbeats, slow clients, sessions that ended elsewhere."""
        await asyncio.gather(self._run_ticker(), self._watch_slow(), self._watch_sessions())

    async def _run_ticker(self) -> None:
        rechecked_at = ticked_at = now()
        while True:
            await asyncio.sleep(max(0.0, ticked_at + self._limits.heartbeat_s - now()))
            ticked_at = now()
            await self._tick()
            if now() - rechecked_at >= self._limits.session_recheck_s:
                rechecked_at = now()
                self._user_resolver.keep_open({one.token for one in self._all() if one.token})

    async def _watch_slow(self) -> None:
        while True:
            await asyncio.sleep(self._limits.slow_check_s)
            at = now()
            for socket in self._all():
                socket.do(socket.session.overdue(at))

    async def _watch_sessions(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(self._limits.session_check_s)
            try:
                await self._check_sessions()
                failing = False
            except Exception:  # noqa: BLE001 -- the database may come back; retried
                if not failing:
                    _log.warning("Cannot check which sessions have ended", exc_info=True)
                failing = True

    async def _check_sessions(self) -> None:
        """Close the sockets whose session is over or whose user has another role now."""
        sockets = self._all()
        if not sockets:
            return
        users = [socket for socket in sockets if socket.role is not None]
        owners = {socket.token: (socket.user, socket.opened_at) for socket in users}
        checks = await self._user_resolver.check(owners) if owners else {}
        screens = {-socket.user for socket in sockets if socket.role is None}
        usable = await self._user_resolver.usable_screens(screens)
        for socket in sockets:
            check = checks.get(socket.token)
            if socket.role is None:
                if -socket.user not in usable:
                    socket.end(CloseCode.REFUSED, "this link has ended")
            elif check is None:
                continue
            elif check.ended is not None:
                socket.end(_CODES[check.ended])
            elif check.role is not socket.role:
                socket.end(CloseCode.RIGHTS_CHANGED)

    async def _welcome(self, scope: Scope, token: str) -> "_SocketOwner | Close":
        try:
            current_user = await self._user_resolver.of_token(token)
        except Exception:  # noqa: BLE001 -- whatever the reason, the page should reconnect
            _log.exception("The user of a websocket could not be read")
            return Close(CloseCode.OVERLOAD, "the records are not reachable")
        if current_user is None:
            code = CloseCode.EXPIRED if token else CloseCode.NOT_LOGGED_IN
            return self._recorded(scope, Close(code))
        refusal = self._refusal(current_user)
        if refusal is not None:
            return self._recorded(scope, refusal, current_user.user.id)
        return _SocketOwner(
            current_user.user.id,
            current_user.user.role,
            current_user.token,
            current_user.expires_at,
        )

    def _recorded(self, scope: Scope, refusal: Close, user: UserId | None = None) -> Close:
        self._refusals.refused_socket(scope, refusal.code, user)
        return refusal

    async def _welcome_screen(self, scope: Scope, token: str) -> "_SocketOwner | Close":
        try:
            link = await self._user_resolver.screen_of_token(token)
        except Exception:  # noqa: BLE001 -- whatever the reason, the screen should reconnect
            _log.exception("The link of a websocket could not be read")
            return Close(CloseCode.OVERLOAD, "the records are not reachable")
        if link is None:
            return self._recorded(scope, Close(CloseCode.REFUSED, "this link has ended"))
        refusal = self._crowded(link.reader)
        if refusal is not None:
            return self._recorded(scope, refusal)
        return _SocketOwner(link.reader, None, "", link.expires_at)

    def _refusal(self, current_user: CurrentUser) -> Close | None:
        if not current_user.may(Right.SEE_OWN_CARDS):
            return Close(CloseCode.REFUSED, "this user sees no cards")
        return self._crowded(current_user.user.id)

    def _crowded(self, user: UserId) -> Close | None:
        if self._restarting:
            return Close(CloseCode.RESTART)
        if self._count >= self._limits.sockets:
            return Close(CloseCode.OVERLOAD)
        if self.tabs(user) >= self._limits.tabs:
            return Close(CloseCode.TOO_MANY_TABS, f"at most {self._limits.tabs} at once")
        return None

    async def _serve(
        self, owner: "_SocketOwner", scope: Scope, receive: Receive, send: Send
    ) -> None:
        user = owner.user
        memory = self._memories.setdefault(user, CommandDedup())
        wire = protocol_of(scope)
        socket = BrowserConnection(
            user=user,
            token=owner.token,
            expires_at=owner.expires_at,
            role=owner.role,
            opened_at=self._clock(),
            session=Session(self._build, memory, now(), self._limits.allowance),
            send=send,
            wire=wire,
            rest=self._do,
        )
        self._sockets.setdefault(user, []).append(socket)
        self._count += 1
        self.opened += 1
        if wire is not None:
            wire.listen(socket.hear)
        try:
            await read_messages(socket, receive)
        finally:
            self._forget(socket)
            await asyncio.wait([socket.writer])

    def _forget(self, socket: BrowserConnection) -> None:
        socket.stop()
        if socket.closed_for is not None:
            self.closed[WORD[socket.closed_for]] += 1
        self._streams.leave(socket.user, socket)
        self._count -= 1
        sockets = self._sockets[socket.user]
        sockets.remove(socket)
        if not sockets:
            del self._sockets[socket.user]

    def _do(self, socket: BrowserConnection, asked: Request) -> None:
        match asked:
            case Join():
                self._start(self._join(socket, asked))
            case _ if socket.role is None:
                self._refuse(socket, asked)
            case Receipt(card, rev, stages):
                at = self._clock()
                times = {stage: at - ago_ms / 1000 for stage, ago_ms in stages.items()}
                self._receipts(socket.user, card, rev, times)
            case Command():
                self._start(self._command(socket.user, asked))
            case _:
                assert_never(asked)

    def _refuse(self, socket: BrowserConnection, asked: Request) -> None:
        """Answer a wall screen, which may change nothing."""
        if isinstance(asked, Command):
            result = Result(asked.id, ok=False, error="not_allowed")
            self._memories[socket.user].answer(result)
            socket.do(socket.session.answered(result))

    async def _join(self, socket: BrowserConnection, join: Join) -> None:
        try:
            start = await self._streams.join(socket.user, join.last, socket)
        except StaleStreamsError:
            socket.end(CloseCode.OVERLOAD, "no live source of calls")
            return
        if socket.gone:
            self._streams.leave(socket.user, socket)
        else:
            socket.do(socket.session.joined(start, now(), self._clock()))

    async def _command(self, user: UserId, command: Command) -> None:
        result = await self._result_of(user, command)
        self._memories[user].answer(result)
        for socket in tuple(self._sockets.get(user, ())):
            socket.do(socket.session.answered(result))

    async def _result_of(self, user: UserId, command: Command) -> Result:
        try:
            async with asyncio.timeout(self._limits.command_s):
                value = await self._commands(user, command.op, command.args, command.id)
        except TimeoutError:
            return Result(command.id, ok=False, error="took_too_long")
        except Exception:  # noqa: BLE001 -- the page needs an answer in any case
            ids = call_of_card(command.args.get("card"))
            _log.exception("the command %s failed", command.op, extra=ids)
            return Result(command.id, ok=False, error="failed")
        return _result(command.id, value)

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tick(self) -> None:
        wall = self._clock()
        sockets = self._all()
        at_once = max(_AT_ONCE, len(sockets) // _PARTS)
        for index, socket in enumerate(sockets, start=1):
            if socket.expires_at <= wall:
                is_screen = socket.role is None
                socket.end(CloseCode.REFUSED if is_screen else CloseCode.EXPIRED)
            else:
                head, missed = self._streams.head(socket.user), self._missed(socket.user)
                socket.do(socket.session.ticked(head, now(), wall, missed))
            if index % at_once == 0:
                await asyncio.sleep(0)

    def _all(self) -> list[BrowserConnection]:
        return [socket for sockets in self._sockets.values() for socket in sockets]


async def _reject(close: Close, send: Send) -> None:
    frame = server_messages.bye(close.code, close.detail).decode()
    await send({"type": "websocket.send", "text": frame})
    await send({"type": "websocket.close", "code": int(close.code), "reason": close.detail})


def _result(command_id: str, value: Mapping[str, object]) -> Result:
    error = value.get("error")
    if isinstance(error, str):
        return Result(command_id, ok=False, error=error)
    return Result(command_id, ok=True, value=dict(value))
