"""The IMAP half: pymap's in-memory backend with several accounts."""

import asyncio
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from proxyprotocol.result import ProxyResultUnknown
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, DictBackend, Identity, Login
from pymap.backend.dict.mailbox import MailboxData
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.hashing import Cleartext
from pysasl.mechanism.login import LoginMechanism
from pysasl.mechanism.plain import PlainMechanism
from typing_extensions import override

from sandbox.mail.faults import Faults
from sandbox.mail.xoauth2 import Tokens, XOAuth2

_ARGUMENTS = Namespace(
    host=None,
    port="0",
    cert=None,
    key=None,
    tls=False,
    proxy_protocol=None,
    inherited_sockets=None,
    demo_data=False,
    demo_user="nobody",
    demo_password="nobody",  # noqa: S106 - pymap insists on one account; nothing is in it
    passlib_cfg=None,
    admin_path=None,
    debug=False,
    skip_services=[],
)


@dataclass(frozen=True, kw_only=True)
class _Account(UserMetadata):
    """An account whose password can be refused on command."""

    faults: Faults

    @override
    def compare_secret(self, value: str) -> bool:
        return not self.faults.imap_refuse_login and super().compare_secret(value)


class _TokenConfig(Config):
    """A server that takes tokens as well as passwords."""

    accounts: Tokens

    @property
    @override
    def tls_auth(self) -> SASLAuth:
        return SASLAuth([PlainMechanism(), LoginMechanism(), XOAuth2(self.accounts)])


class ImapHost:
    """One IMAP server on loopback. Starting it again renumbers and empties every mailbox."""

    def __init__(self, faults: Faults, tokens: Tokens) -> None:
        self.port = 0
        self._faults = faults
        self._tokens = tokens
        self._backend: DictBackend | None = None
        self._config: Config | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._stack = AsyncExitStack()

    async def start(self, host: str) -> None:
        config = _TokenConfig.from_args(
            _ARGUMENTS,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            invalid_user_sleep=0.0,
        )
        config.accounts = self._tokens
        self._backend, self._config = DictBackend(Login(config), config), config
        self._config.apply_context()
        await self._backend.start(self._stack)
        serve = IMAPServer(self._backend.login, self._config)

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._open.add(writer)
            try:
                if await self._admitted(reader, writer):
                    await serve(reader, writer, SocketInfo.get(writer, ProxyResultUnknown()))
            except (ConnectionError, EOFError):
                writer.close()
            finally:
                self._open.discard(writer)

        self._server = await asyncio.start_server(accept, host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop_connections()
        await self._stack.aclose()
        await asyncio.sleep(0)

    def drop_connections(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    def add_user(self, name: str, password: str) -> None:
        backend, config = self._running()
        account = _Account(config, name, password=password, faults=self._faults)
        backend.login.users_dict[name] = account

    async def append(self, name: str, raw: bytes, at: datetime, *, folder: str = "INBOX") -> None:
        mailbox = await self._mailbox(name, folder)
        await mailbox.append(AppendMessage(raw, at), recent=True)

    async def flags(self, name: str) -> list[frozenset[str]]:
        inbox = await self._mailbox(name, "INBOX")
        return [
            frozenset(str(flag) for flag in message.permanent_flags)
            async for message in inbox.messages()
        ]

    async def _mailbox(self, name: str, folder: str) -> MailboxData:
        backend, config = self._running()
        config.apply_context()
        identity = Identity(name, backend.login, None, frozenset())
        async with identity.new_session() as session:
            if folder != "INBOX" and folder not in session.mailbox_set._set:  # noqa: SLF001
                await session.mailbox_set.add_mailbox(folder)
            return await session.mailbox_set.get_mailbox(folder)

    def _running(self) -> tuple[DictBackend, Config]:
        if self._backend is None or self._config is None:
            raise RuntimeError("the sandbox mail server is not started")
        return self._backend, self._config

    async def _admitted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self._faults.imap_drop_on_connect:
            writer.transport.abort()
            return False
        if self._faults.imap_silent:
            await reader.read()
            writer.close()
            return False
        return True
