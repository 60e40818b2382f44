"""The contact form: anybody's words come in, nothing else does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from typing_extensions import override

import connectors
from connectors.capabilities import WebhookOutcome, WebhookRequest
from connectors.contract import InboundMessage, InboxContext, ReplyCommand, Verdict
from connectors.errors import WebhookRefused
from connectors.registry import load_spec
from connectors.testing.virtual_time import VirtualTime
from connectors.website.connector import WebsiteChannel
from connectors.website.pages import LANGUAGES, words
from connectors.website.visitors import EACH, KNOWN, Visitors
from sla_rules.policy import PolicySet, presets
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Stage
from tests.connectors.mailbox_pair import KEY, settings

HOSTILE = '"><script>alert(1)</script>&<img src=https://evil.example/x onerror=a()>'
TYPED = {"name": "Nora Quist", "email": "nora@post.example", "message": "Is it oak?"}


class Page(HTMLParser):
    """What a browser would make of a page: its fields, labels, and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.labelled: set[str] = set()
        self.visible: set[str] = set()
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self._inside = ""
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.loads += [given[name] for name in ("src", "href", "background") if name in given]
        if tag == "label":
            self.labelled.add(given["for"])
        if tag in {"input", "textarea", "select"}:
            self.values[given["name"]] = given.get("value", "")
            self._inside = given["name"] if tag == "textarea" else ""
            if given.get("type") != "hidden":
                self.visible.add(given.get("id", ""))
        if tag == "option" and ("selected" in given or not self.values.get("purpose")):
            self.values["purpose"] = given["value"]

    @override
    def handle_data(self, data: str) -> None:
        if self._inside:
            self.values[self._inside] += data.removeprefix("\n")
        self.text += data

    @override
    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


@dataclass(slots=True)
class Browser:
    """A visitor without JavaScript."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    time: VirtualTime = field(default_factory=VirtualTime)
    headers: dict[str, str] = field(default_factory=dict)
    inbox: str = "shop"
    built: list[WebsiteChannel] = field(default_factory=list)

    @property
    def shop(self) -> WebsiteChannel:
        if not self.built:
            spec = load_spec("connectors.website")
            given = settings("website", **{"contact_form": True, **self.changes})
            context = InboxContext(inbox=self.inbox, instance_key=KEY, now=self.time.now)
            built = spec.build(spec.config_model.model_validate(given), context)
            assert isinstance(built, WebsiteChannel)
            self.built.append(built)
        return self.built[0]

    async def open(self, **query: str) -> Page:
        return Page((await self._call("GET", b"", query)).body)

    async def send(self, values: Mapping[str, str]) -> WebhookOutcome:
        return await self._call("POST", urlencode(values).encode(), {})

    async def write(self, **typed: str) -> WebhookOutcome:
        """Open the form, fill it in like a person, send it."""
        page = await self.open()
        self.time.advance(timedelta(seconds=20))
        return await self.send({**page.values, **TYPED, **typed})

    async def _call(self, method: str, body: bytes, query: Mapping[str, str]) -> WebhookOutcome:
        kind = {"content-type": "application/x-www-form-urlencoded"} if body else {}
        request = WebhookRequest(
            method=method,
            path="/webhooks/shop",
            headers={**self.headers, **kind},
            query=query,
            body=body,
            received_at=self.time.now(),
        )
        return await self.shop.parse_webhook(request)

    def read(self, outcome: WebhookOutcome) -> InboundMessage:
        (item,) = outcome.items
        return self.shop.normalise(item)


async def test_a_visitor_writes_without_script_and_is_answered_by_mail_in_one_thread() -> None:
    browser = Browser()
    outcome = await browser.write(purpose="purchase", order="10422", language="it")
    found = browser.read(outcome)
    assert (found.verdict, found.stage) == (Verdict.CUSTOMER, Stage.POST_SALE)
    assert (found.order_id, found.language) == ("10422", "it")
    assert words("it")["thanks"] in outcome.body
    command = ReplyCommand(
        reply_id="9", ticket_number=3, text="Yes.", context=dict(found.reply_context)
    )
    preview = browser.shop.preview(command)
    assert (preview.recipient, preview.subject) == ("nora@post.example", "Re: Is it oak?")
    assert preview.body == "Yes.\n\n> Is it oak?\n"
    assert found.reply_context["references"] == list(found.own_keys)


@pytest.mark.parametrize(
    ("typed", "policy"),
    [
        ({"purpose": "product"}, "website.before_order"),
        ({"purpose": "purchase"}, "website.message"),
        ({"purpose": "product", "order": "10422"}, "website.message"),
        ({"purpose": "other", "subject": "Product question"}, "website.before_order"),
        ({"purpose": "anything"}, "website.message"),
    ],
)
async def test_before_buying_and_after_have_different_clocks(
    typed: dict[str, str], policy: str
) -> None:
    browser = Browser()
    found = browser.read(await browser.write(**typed))
    facts = TicketFacts(channel="website", inbox="shop", kind=found.kind, stage=found.stage)
    chosen = PolicySet.load(presets()).select(facts)
    assert chosen is not None
    assert chosen.name == policy


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_form_speaks_five_languages_and_labels_every_field(language: str) -> None:
    page = await Browser().open(language=language)
    assert words(language)["message"] in page.text
    assert page.visible == page.labelled
    assert set(words(language)) == set(words("en"))


async def test_the_browsers_own_language_is_used_where_none_is_named() -> None:
    assert (
        words("fr")["send"]
        in (await Browser(headers={"accept-language": "pt, fr-CH;q=0.8"}).open()).text
    )
    assert words("en")["send"] in (await Browser(headers={"accept-language": "xx"}).open()).text


async def test_the_form_loads_nothing_and_has_no_script() -> None:
    page = await Browser().open()
    assert page.loads == []
    assert not page.tags & {"script", "link", "style", "img", "iframe"}


@pytest.mark.parametrize(
    "name", ["name", "email", "order", "subject", "message", "purpose", "page", "language"]
)
async def test_what_a_visitor_typed_is_shown_again_inert(name: str) -> None:
    outcome = await Browser().send({**TYPED, name: HOSTILE})
    page = Page(outcome.body)
    assert not page.tags & {"script", "img"}
    assert "<script" not in outcome.body
    assert page.loads == []


MACHINES: list[Any] = [
    pytest.param({"website": "https://spam.example"}, 20, id="fills the hidden field"),
    pytest.param({}, 1, id="sends at once"),
    pytest.param({"stamp": ""}, 20, id="no stamp"),
    pytest.param({"stamp": "1773219600.0000"}, 20, id="a stamp of its own"),
    pytest.param({}, 25 * 3600, id="the form stood open for days"),
]


@pytest.mark.parametrize(("typed", "seconds"), MACHINES)
async def test_invariant_1_what_looks_like_a_machine_is_asked_again_and_loses_no_word(
    typed: dict[str, str], seconds: int
) -> None:
    browser = Browser()
    page = await browser.open()
    browser.time.advance(timedelta(seconds=seconds))
    first = await browser.send({**page.values, **TYPED, **typed})
    assert first.items == ()
    again = Page(first.body)
    assert again.values["message"] == TYPED["message"]
    browser.time.advance(timedelta(seconds=5))
    assert browser.read(await browser.send(again.values)).text == TYPED["message"]


@pytest.mark.parametrize(
    "typed", [{"email": "no address"}, {"email": ""}, {"message": " "}, {"message": "x" * 20_001}]
)
async def test_what_cannot_be_taken_says_why_and_keeps_the_words(typed: dict[str, str]) -> None:
    browser = Browser()
    outcome = await browser.write(**typed)
    assert outcome.items == ()
    assert Page(outcome.body).values["name"] == "Nora Quist"
    assert 'role="alert"' in outcome.body


async def test_pressing_send_twice_is_one_message() -> None:
    browser = Browser()
    page = await browser.open()
    browser.time.advance(timedelta(seconds=20))
    first, second = [await browser.send({**page.values, **TYPED}) for _ in range(2)]
    assert first.delivery_id == second.delivery_id
    other = await browser.send({**page.values, **TYPED, "message": "And one more thing."})
    assert other.delivery_id != first.delivery_id


async def test_one_address_may_write_a_few_times_and_others_still_can() -> None:
    browser = Browser()
    outcomes = [await browser.write(message=f"message {n}") for n in range(EACH + 1)]
    assert [one.status for one in outcomes] == [200] * EACH + [429]
    assert "shop@seller.example" in outcomes[-1].body
    assert (await browser.write(email="Nora@Post.example")).status == 429
    assert (await browser.write(email="eve@post.example")).status == 200
    browser.time.advance(timedelta(minutes=10))
    assert (await browser.write()).status == 200


async def test_one_network_address_may_not_write_under_many_names() -> None:
    browser = Browser(headers={"x-forwarded-for": "192.0.2.1, 198.51.100.7"})
    outcomes = [await browser.write(email=f"e{n}@post.example") for n in range(EACH + 1)]
    assert [one.status for one in outcomes] == [200] * EACH + [429]


def test_the_memory_of_visitors_is_bounded_and_so_is_a_flood() -> None:
    time = VirtualTime()
    visitors = Visitors()
    allowed = 0
    for number in range(3 * KNOWN):
        allowed += visitors.may_write((f"v{number}@post.example",), time.now())
    assert len(visitors) <= KNOWN
    assert allowed == visitors.total


async def test_the_form_cannot_choose_who_is_answered_beyond_its_own_field() -> None:
    browser = Browser()
    typed = {
        "to": "victim@post.example",
        "reference": "chat-1",
        "customer": "c-1",
        "created_at": "2020-01-01",
    }
    found = browser.read(await browser.write(**typed))
    assert found.reply_context["to"] == "nora@post.example"
    assert found.thread_keys == ()
    assert found.sent_at == browser.time.now()


async def test_a_form_in_the_shops_own_name_is_a_ticket_nobody_is_answered_by() -> None:
    browser = Browser()
    found = browser.read(await browser.write(email="Shop@seller.example"))
    assert found.verdict is Verdict.CUSTOMER
    assert not found.reply_context
    assert found.sender_handle == ""


async def test_header_tricks_in_fields_end_as_spaces() -> None:
    browser = Browser()
    found = browser.read(
        await browser.write(subject="Hi\r\nBcc: all@post.example", name="N\x00\x1b[31m")
    )
    assert found.subject == "Hi Bcc: all@post.example"
    assert found.sender_name == "N[31m"


async def test_a_form_of_the_shops_own_is_read_as_the_readme_writes_it() -> None:
    readme = (Path(next(iter(connectors.__path__))) / "website" / "README.md").read_text()
    snippet = re.search(r"```html\n(<form.*?)```", readme, re.DOTALL)
    assert snippet is not None
    own = Page(snippet.group(1))
    assert own.visible == own.labelled
    assert own.loads == []
    browser = Browser()
    assert set(own.values) == set((await browser.open()).values) - {"stamp", "page"}
    asked = Page((await browser.send({**own.values, **TYPED})).body)
    browser.time.advance(timedelta(seconds=5))
    assert browser.read(await browser.send(asked.values)).text == "Is it oak?"


async def test_a_shop_may_lead_visitors_on() -> None:
    outcome = await Browser(changes={"thanks_url": "https://www.seller.example/thanks"}).write()
    assert 'http-equiv="refresh" content="0;url=https://www.seller.example/thanks"' in outcome.body
    assert Page(outcome.body).loads == ["https://www.seller.example/thanks"]


async def test_a_form_that_is_not_switched_on_is_not_there() -> None:
    with pytest.raises(WebhookRefused) as caught:
        await Browser(changes={"contact_form": False}).open()
    assert caught.value.status == 404


async def test_a_body_that_is_too_large_is_not_read() -> None:
    outcome = await Browser().send({**TYPED, "message": "x" * 200_000})
    assert outcome.items == ()
    assert len(outcome.body) < 10_000


async def test_a_call_with_many_fields_is_no_form() -> None:
    outcome = await Browser().send({f"f{n}": "x" for n in range(1000)})
    assert outcome.items == ()


async def test_a_stamp_of_another_inbox_is_none() -> None:
    browser = Browser()
    page = await browser.open()
    other = Browser(time=browser.time, inbox="another")
    browser.time.advance(timedelta(seconds=20))
    assert (await other.send({**page.values, **TYPED})).items == ()
