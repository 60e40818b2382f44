"""A marketplace by mail keeps the contract, and is what its owner's settings say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.contract import InboundMessage, InboxContext, ReplyCommand, Verdict
from connectors.errors import Rejected
from connectors.mail.profile_channel import ProfileMailbox
from connectors.registry import load_spec
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.profile_mail import FairMail
from tests.connectors.mailbox_pair import KEY, raw_item

FAIR = {
    "title": "Fair",
    "sender_domains": ["fair.example"],
    "portal_url": "https://sellers.fair.example/messages",
    "ignored": ["your invoice"],
}


class TestPortalMail(ConnectorContract):
    package = "connectors.portal_mail"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> FairMail:
        return FairMail(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, FairMail)
        return {**market.settings(), **FAIR}


def channel(**changes: Any) -> ProfileMailbox:
    spec = load_spec("connectors.portal_mail")
    settings = {**FairMail(lambda: datetime(2026, 3, 11, tzinfo=UTC)).settings(), **FAIR, **changes}
    built = spec.build(
        spec.config_model.model_validate(settings), InboxContext(inbox="fair", instance_key=KEY)
    )
    assert isinstance(built, ProfileMailbox)
    return built


def read(subject: str, body: str = "hello", **changes: Any) -> InboundMessage:
    signed = "mx.seller.example; dkim=pass header.d=fair.example"
    raw = (
        f"From: Fair <a@fair.example>\r\nSubject: {subject}\r\nAuthentication-Results: {signed}\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
    return channel(**changes).normalise(raw_item(raw.encode()))


@pytest.mark.parametrize(
    "subject",
    ["2 new messages", "Nuovo messaggio", "Une question d'un client", "Kundenfrage: Frage", "Nueva pregunta", "Nieuw bericht"],
)  # fmt: skip
def test_the_usual_words_of_questions_are_known(subject: str) -> None:
    assert read(subject).reason == "a customer wrote on Fair"


def test_words_of_the_owner_replace_them_and_are_no_patterns() -> None:
    assert read("Ticket (.*) 7", questions=["ticket (.*)"]).reason == "a customer wrote on Fair"
    assert "could not be sure" in read("Ticket abc", questions=["ticket (.*)"]).reason


def test_an_answer_from_here_is_refused_with_the_portals_page() -> None:
    found = read(
        "New message", body="https://sellers.fair.example/messages/7 https://evil.example/"
    )
    assert dict(found.links) == {"case": "https://sellers.fair.example/messages/7"}
    command = ReplyCommand(
        reply_id="1", ticket_number=1, text="Hi", context=dict(found.reply_context)
    )
    with pytest.raises(
        Rejected, match="Fair takes no answer by mail; answer it at https://sellers"
    ):
        channel().preview(command)


def test_a_mail_in_its_name_from_elsewhere_leads_nowhere() -> None:
    raw = b"From: Fair support <a@evil.example>\r\nSubject: New message\r\n\r\nlog in\r\n"
    found = channel().normalise(raw_item(raw))
    assert "not from Fair" in found.reason
    assert not found.links


def test_a_mail_from_its_domain_that_it_did_not_sign_is_suspect() -> None:
    raw = b"From: Fair <a@fair.example>\r\nAuthentication-Results: mx.seller.example; dkim=fail\r\n\r\nlog in\r\n"
    assert channel().normalise(raw_item(raw)).verdict is Verdict.SUSPECT


@pytest.mark.parametrize(
    "wrong",
    [{"portal_url": "http://sellers.fair.example"}, {"sender_domains": []}, {"title": ""}, {"sender_domains": ["x y"]}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        channel(**wrong)
