"""Mailboxes that take tokens instead of passwords: real IMAP and SMTP, a fake token endpoint."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.contract import InboxContext
from connectors.errors import AuthExpired, Unavailable
from connectors.keep import KeyValue, MemoryKeep
from connectors.mail.channel import MailChannel
from connectors.mail.config import MailConfig
from connectors.mail.oauth import MailOAuth
from connectors.registry import load_spec
from connectors.testing.virtual_time import VirtualTime
from sandbox.mail.server import SandboxMail
from sandbox.markets.token_endpoint import CLIENT, TokenEndpoint
from tests.connectors.mailbox_pair import KEY, Desk, command, plain_mail

ACCOUNT = "shop@seller.example"


@dataclass(slots=True)
class Town:
    mail: SandboxMail
    endpoint: TokenEndpoint
    time: VirtualTime
    keep: KeyValue = field(default_factory=MemoryKeep)
    built: list[MailChannel] = field(default_factory=list)

    def channel(self, **changes: Any) -> MailChannel:
        oauth = {
            "provider": "google",
            "client_id": CLIENT[0],
            "client_secret": CLIENT[1],
            "refresh_token": "refresh-0",
            "token_url": f"{self.endpoint.url}/token",
            **changes,
        }
        settings = {
            "imap_host": self.mail.host,
            "imap_port": self.mail.imap_port,
            "imap_security": "none",
            "imap_user": ACCOUNT,
            "smtp_host": self.mail.host,
            "smtp_port": self.mail.smtp_port,
            "smtp_security": "none",
            "smtp_user": ACCOUNT,
            "from_address": ACCOUNT,
            "oauth": {name: value for name, value in oauth.items() if value is not None},
        }
        spec = load_spec("connectors.website")
        context = InboxContext(
            inbox="shop", instance_key=KEY, now=self.time.now, keep=self.keep, sleep=self.time.sleep
        )
        built = spec.build(spec.config_model.model_validate(settings), context)
        assert isinstance(built, MailChannel)
        self.built.append(built)
        return built


@asynccontextmanager
async def town() -> AsyncIterator[Town]:
    time = VirtualTime()
    async with SandboxMail(now=time.now) as mail:
        await mail.add_mailbox(ACCOUNT, "no such password")
        async with TokenEndpoint(time.now, tokens=mail.tokens, account=ACCOUNT) as endpoint:
            here = Town(mail, endpoint, time)
            try:
                yield here
            finally:
                for one in here.built:
                    await one.close()


async def test_mail_is_read_and_answered_with_one_token() -> None:
    async with town() as here:
        channel, desk = here.channel(), Desk()
        await here.mail.deliver(ACCOUNT, plain_mail(1), here.time.now())
        assert await desk.poll(channel) == 1
        await channel.reply(command("website"))
        assert len(here.mail.sent) == 1
        assert here.endpoint.given == 1
        assert (await channel.check()).ok


async def test_a_refresh_token_that_was_exchanged_is_kept_over_a_restart() -> None:
    async with town() as here:
        await Desk().poll(here.channel())
        assert here.endpoint.refresh == "refresh-1"
        await Desk().poll(here.channel())
        assert [form["refresh_token"] for form in here.endpoint.forms] == ["refresh-0", "refresh-1"]


async def test_a_token_is_renewed_before_it_expires() -> None:
    async with town() as here:
        channel = here.channel()
        await Desk().poll(channel)
        here.time.advance(timedelta(minutes=50))
        await channel.reply(command("website"))
        assert here.endpoint.given == 2
        assert here.mail.tokens.refused == 0


@pytest.mark.parametrize("use", ["read", "answer", "look"])
async def test_a_token_the_server_refuses_is_renewed_once(use: str) -> None:
    uses: dict[str, Callable[[MailChannel], Any]] = {
        "read": lambda channel: Desk().poll(channel),
        "answer": lambda channel: channel.reply(command("website")),
        "look": lambda channel: channel.probe(command("website")),
    }
    async with town() as here:
        channel = here.channel()
        await channel.check()
        here.mail.tokens.good[ACCOUNT] = "somebody changed it"
        await here.mail.drop_connections()
        await uses[use](channel)
        assert here.mail.tokens.refused == 1
        assert here.endpoint.given == 2


async def test_a_mailbox_that_takes_no_token_at_all_is_said_to_refuse_and_asked_twice_only() -> (
    None
):
    async with town() as here:
        channel = here.channel()
        here.mail.faults.imap_refuse_login = here.mail.faults.smtp_refuse_login = True
        with pytest.raises(AuthExpired):
            await Desk().poll(channel)
        with pytest.raises(AuthExpired):
            await channel.reply(command("website"))
        assert here.mail.sent == []
        assert here.endpoint.given <= 4


async def test_access_that_was_taken_back_says_what_to_do_and_shows_no_secret() -> None:
    async with town() as here:
        here.endpoint.revoked = True
        with pytest.raises(AuthExpired, match="grant access anew") as caught:
            await Desk().poll(here.channel())
        assert "refresh-0" not in str(caught.value)
        assert not (await here.channel().check()).ok


async def test_an_endpoint_that_is_away_is_no_reason_to_pause_the_inbox() -> None:
    async with town() as here:
        channel = here.channel()
        await here.endpoint.stop()
        with pytest.raises(Unavailable):
            await Desk().poll(channel)


async def test_a_provider_that_keeps_the_refresh_token_is_asked_with_it_again() -> None:
    async with town() as here:
        here.endpoint.rotates = False
        channel = here.channel()
        await channel.check()
        here.time.advance(timedelta(hours=2))
        await channel.check()
        assert [form["refresh_token"] for form in here.endpoint.forms] == ["refresh-0"] * 2


async def test_an_application_of_microsoft_asks_in_its_own_right() -> None:
    async with town() as here:
        assert (await here.channel(provider="microsoft", refresh_token=None).check()).ok
        form = here.endpoint.forms[0]
        assert (form["grant_type"], "refresh_token" in form) == ("client_credentials", False)
        assert form["scope"] == "https://outlook.office365.com/.default"


def oauth(**changes: Any) -> MailOAuth:
    return MailOAuth.model_validate(
        {"provider": "google", "client_id": "c", "refresh_token": "r", **changes}
    )


def test_google_and_microsoft_are_known_by_name() -> None:
    assert oauth().url == "https://oauth2.googleapis.com/token"
    ours = oauth(provider="microsoft", tenant="seller.example")
    assert ours.url == "https://login.microsoftonline.com/seller.example/oauth2/v2.0/token"
    assert ours.asked_scope.split()[-1] == "offline_access"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"provider": "other"}, "token_url"),
        ({"token_url": "http://tokens.example/token"}, "token_url"),
        ({"refresh_token": None}, "refresh_token is missing"),
        ({"provider": "microsoft", "refresh_token": None}, "refresh_token is missing"),
        ({"tenant": "a/b"}, "tenant"),
    ],
)
def test_settings_that_cannot_work_say_why(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        oauth(**changes)


@pytest.mark.parametrize("given", [{}, {"imap_password": "p"}, {"imap_password": "p", "smtp_password": "p", "oauth": {"provider": "google", "client_id": "c", "refresh_token": "r"}}])  # fmt: skip
def test_there_is_one_way_to_log_in(given: dict[str, Any]) -> None:
    settings = {"imap_host": "i.example", "smtp_host": "s.example", "imap_user": "u"}
    with pytest.raises(ValidationError, match="oauth"):
        MailConfig.model_validate(
            {**settings, "smtp_user": "u", "from_address": "a@seller.example", **given}
        )
