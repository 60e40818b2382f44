"""Marketplaces made of data: every golden mail belongs to one, and forgeries to none."""

import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

import connectors.mail as mail_package
from connectors.contract import InboundMessage, InboxContext, RawItem, ReplyCommand, Verdict
from connectors.errors import Rejected
from connectors.mail.profile_channel import ProfileChannel
from connectors.mail.profiles import PROFILE
from connectors.manifest import ManifestError
from connectors.registry import ConnectorSpec, load_connectors, load_spec
from sla_rules.policy import PolicySet, presets
from sla_rules.timeline import TicketFacts
from tests.connectors.mailbox_pair import KEY, SEEN, raw_item

OWN_PROVIDER = "mx.seller.example"
PASSED = f"{OWN_PROVIDER}; dkim=pass header.d=%s; dmarc=pass header.from=%s"


SETTINGS = {
    "imap_host": "imap.seller.example",
    "imap_user": "market@seller.example",
    "imap_password": "p",
    "smtp_host": "smtp.seller.example",
    "smtp_user": "market@seller.example",
    "smtp_password": "p",
    "from_address": "market@seller.example",
    "trusted_authserv": OWN_PROVIDER,
}


@cache
def profiles() -> dict[str, ConnectorSpec]:
    return {
        key: spec
        for key, spec in load_connectors().specs.items()
        if (spec.folder / PROFILE).exists()
    }


def channel(key: str, **changes: Any) -> ProfileChannel:
    spec = profiles()[key]
    settings = {**SETTINGS, **changes}
    built = spec.build(
        spec.config_model.model_validate(settings), InboxContext(inbox=key, instance_key=KEY)
    )
    assert isinstance(built, ProfileChannel)
    return built


def goldens() -> Iterator[tuple[str, Path]]:
    for key, spec in profiles().items():
        for path in sorted((spec.folder / "fixtures").glob("*.eml")):
            yield key, path


GOLDENS = [pytest.param(key, path, id=f"{key}/{path.stem}") for key, path in goldens()]


def is_doubtful(key: str, path: Path) -> bool:
    expected = tomllib.loads((path.parent / "expected.toml").read_text(encoding="utf-8"))
    wanted = expected[path.name]
    return wanted["verdict"] == "suspect" or "could not be sure" in wanted.get("reason", "")


def mail(
    sender: str, *, signer: str = "", subject: str = "hello", body: str = "hi", **more: str
) -> bytes:
    headers = {
        "From": sender,
        "To": "market@seller.example",
        "Subject": subject,
        "Date": "Wed, 11 Mar 2026 08:00:00 +0000",
        "Message-ID": "<m1@mail.example>",
        **({"Authentication-Results": PASSED % (signer, signer)} if signer else {}),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


def read(key: str, raw: bytes, **changes: Any) -> InboundMessage:
    return channel(key, **changes).normalise(raw_item(raw))


def command(context: Any, text: str = "It leaves today.") -> ReplyCommand:
    return ReplyCommand(reply_id="901", ticket_number=17, text=text, context=context)


def policy_of(facts: TicketFacts) -> str:
    found = PolicySet.load(presets()).select(facts)
    return found.name if found else ""


@pytest.mark.parametrize(("key", "path"), GOLDENS)
def test_a_golden_mail_is_recognised_by_its_own_profile_and_by_no_other(
    key: str, path: Path
) -> None:
    by = [one for one in profiles() if channel(one).reader.recognises(path.read_bytes())]
    assert by == ([] if is_doubtful(key, path) else [key])


@pytest.mark.parametrize(("key", "path"), GOLDENS)
def test_a_golden_mail_that_nobody_signed_is_suspect_and_can_do_nothing(
    key: str, path: Path
) -> None:
    raw = path.read_bytes()
    forged = raw.replace(b"dkim=pass", b"dkim=none").replace(b"dmarc=pass", b"dmarc=none")
    if b"=pass header" not in raw:
        pytest.skip("nobody signed it to begin with")
    found = read(key, forged)
    assert found.verdict is Verdict.SUSPECT
    assert not found.links
    assert not found.reply_context
    assert not found.thread_keys


@pytest.mark.parametrize("key", sorted(profiles()))
def test_a_signature_of_somebody_else_proves_nothing(key: str) -> None:
    sender = {"walmart": "a@walmart.com", "etsy": "a@etsy.com", "bol": "a@bol.com"}
    address = sender.get(key, "a@tiktok.com")
    domain = address.partition("@")[2]
    assert read(key, mail(address, signer="evil.example")).verdict is Verdict.SUSPECT
    assert read(key, mail(address, signer=f"{domain}.evil.example")).verdict is Verdict.SUSPECT
    assert read(key, mail(address, signer=f"evil{domain}")).verdict is Verdict.SUSPECT
    assert read(key, mail(address, signer=domain)).verdict is Verdict.CUSTOMER


def test_results_that_another_server_wrote_are_not_read() -> None:
    raw = mail("a@etsy.com", signer="etsy.com")
    found = read("etsy", raw, trusted_authserv="mx.other.example")
    assert "vouches for nobody" in found.reason


def test_without_a_server_to_trust_nothing_is_proven_and_a_failure_still_counts() -> None:
    good = read("etsy", mail("a@etsy.com", signer="etsy.com"), trusted_authserv="")
    assert "vouches for nobody" in good.reason
    bad = mail("a@etsy.com", Authentication_Results="mx.any.example; dmarc=fail")
    assert read("etsy", bad, trusted_authserv="").verdict is Verdict.SUSPECT


def test_a_result_quoted_inside_another_is_none() -> None:
    results = (
        f'{OWN_PROVIDER}; spf=pass smtp.mailfrom="x; dkim=pass header.d=etsy.com"@evil.example'
    )
    found = read("etsy", mail("a@etsy.com", Authentication_Results=results))
    assert found.verdict is Verdict.SUSPECT


def test_the_owner_may_name_a_further_domain_of_the_marketplace() -> None:
    raw = mail("Etsy <a@etsymail.example>", signer="etsymail.example")
    assert read("etsy", raw).verdict is Verdict.SUSPECT
    found = read("etsy", raw, sender_domains=["etsymail.example"])
    assert (found.verdict, "of a sort that is not known" in found.reason) == (
        Verdict.CUSTOMER,
        True,
    )


def test_invariant_1_a_stranger_in_the_mailbox_is_a_customer_until_somebody_looked() -> None:
    found = read("etsy", mail("Nora <nora@post.example>", signer="post.example"))
    assert found.verdict is Verdict.CUSTOMER
    assert "could not be sure" in found.reason
    assert channel("etsy").preview(command(found.reply_context)).recipient == "nora@post.example"


@pytest.mark.parametrize("name", ["Betsy Ross", "Walter Martin", "Tik Tokarev"])
def test_a_customer_whose_name_only_sounds_alike_is_not_suspect(name: str) -> None:
    for key in profiles():
        raw = mail(f"{name} <{name.replace(' ', '.').lower()}@post.example>")
        assert read(key, raw).verdict is Verdict.CUSTOMER


def test_what_a_portal_only_marketplace_wrote_cannot_be_answered_by_mail() -> None:
    path = profiles()["etsy"].folder / "fixtures" / "conversation.eml"
    found = read("etsy", path.read_bytes())
    with pytest.raises(Rejected, match=r"answer it at https://www\.etsy\.com/messages/1180042"):
        channel("etsy").preview(command(found.reply_context))


@pytest.mark.parametrize("to", ["eve@evil.example", "a@relay.walmart.com", "help@walmart.com"])
def test_an_answer_goes_to_a_hidden_customer_and_nowhere_else(to: str) -> None:
    with pytest.raises(Rejected, match="not an address of Walmart"):
        channel("walmart").preview(command({"to": to, "via": "platform", "subject": "x"}))


def test_a_reply_to_that_leads_away_from_the_marketplace_is_not_answered() -> None:
    raw = mail("T <n@tiktok.com>", signer="tiktok.com", subject="New message from Riley", Reply_To="e@evil.example")  # fmt: skip
    found = read("tiktok_shop_mail", raw)
    assert found.verdict is Verdict.CUSTOMER
    assert "to" not in found.reply_context


@pytest.mark.parametrize("local", ["noreply", "no-reply", "do_not_reply", "DoNotReply"])
def test_an_address_that_takes_no_answer_gets_none(local: str) -> None:
    raw = mail(f"T <{local}@tiktok.com>", signer="tiktok.com", subject="New message from Riley")
    assert "to" not in read("tiktok_shop_mail", raw).reply_context


def test_an_absence_notice_through_a_relay_is_no_customer() -> None:
    relay = f"{'A' * 32}@relay.walmart.com"
    raw = mail(relay, signer="walmart.com", Auto_Submitted="auto-replied")
    assert read("walmart", raw).verdict is Verdict.AUTO_REPLY


def test_a_bounce_of_our_answer_names_it_whoever_sent_it() -> None:
    own = "t17.901.lh62vnr27el6rlni@seller.example"
    raw = mail("mailer-daemon@mx.walmart.com", subject="Undeliverable", References=f"<{own}>")
    found = read("walmart", raw)
    assert (found.verdict, *found.refers_to, *found.own_replies) == (Verdict.BOUNCE, own, "901")


def test_what_nobody_vouches_for_joins_no_conversation_by_a_name() -> None:
    subject = "Etsy Conversation with Maria Lopez about Order #3011223344"
    assert read("etsy", mail("a@etsy.com", signer="etsy.com", subject=subject)).thread_keys
    assert read("etsy", mail("a@etsy.com", subject=subject)).thread_keys == ()


def test_invariant_5_an_old_date_is_believed_for_one_day_only() -> None:
    raw = mail("a@etsy.com", signer="etsy.com").replace(b"11 Mar 2026", b"01 Feb 2026")
    assert read("etsy", raw).sent_at == SEEN - timedelta(hours=24)


@pytest.mark.parametrize(
    ("key", "fixture", "policy"),
    [
        ("walmart", "customer_message", "walmart.message"),
        ("walmart", "regulator_complaint", "walmart.regulator_complaint"),
        ("walmart", "unknown_sort", "walmart.message"),
        ("etsy", "conversation", "etsy.message"),
        ("etsy", "help_request", "etsy.message"),
        ("bol", "customer_mail", "bol.message"),
        ("bol", "question_notification", "bol.message"),
        ("tiktok_shop_mail", "unread_message", "tiktok_shop.message"),
    ],
)
def test_a_golden_mail_gets_its_marketplaces_clocks(key: str, fixture: str, policy: str) -> None:
    spec = profiles()[key]
    found = read(key, (spec.folder / "fixtures" / f"{fixture}.eml").read_bytes())
    facts = TicketFacts(
        channel=spec.manifest.channel, inbox=key, kind=found.kind, stage=found.stage,
        topic=found.topic, marketplace=found.marketplace,
    )  # fmt: skip
    assert policy_of(facts) == policy


def test_the_country_of_an_inbox_chooses_the_shorter_limit() -> None:
    found = read("tiktok_shop_mail", mail("a@tiktok.com"), marketplace="th")
    facts = TicketFacts(channel="tiktok_shop_mail", inbox="t", kind=found.kind, marketplace="th")
    assert found.marketplace == "th"
    assert policy_of(facts) == "tiktok_shop.message.southeast_asia"


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 50, b"From: \r\n\r\n", b"no mail at all"])
@pytest.mark.parametrize("key", sorted(profiles()))
def test_any_bytes_are_explained(key: str, raw: bytes) -> None:
    item = RawItem(source_id="s", received_at=SEEN, payload=raw)
    assert channel(key).normalise(item).sent_at == SEEN


PATIENCE = 10.0
"""Seconds for a mail as long as one may be; a pattern that goes astray takes minutes."""

HOSTILE = {
    "blank lines": "\n" * 90_000,
    "blanks": "order " + " " * 90_000,
    "openings": "order #: " * 10_000,
    "frames": "Message:\n" * 10_000,
    "names": "a sent you a message\n" * 5_000,
    "links": "https://www.etsy.com/messages/" * 3_000,
    "one long line": "order number" + "x" * 90_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("key", sorted(profiles()))
def test_no_mail_holds_the_reader_up(key: str, body: str) -> None:
    signer = profiles()[key].manifest.hosts[0].split(".", 1)[1]
    raw = mail(f"x <a@{signer}>", signer=signer, subject="New message " + "x " * 300, body=body)
    started = process_time()
    read(key, raw)
    assert process_time() - started < PATIENCE


@effort(max_examples=60, deadline=None)
@given(st.data())
def test_a_golden_mail_that_was_damaged_is_still_explained(data: st.DataObject) -> None:
    key, path = data.draw(st.sampled_from(list(goldens())))
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    found = read(key, bytes(raw))
    assert found.sent_at <= SEEN
    assert found.verdict is not Verdict.ANSWERED_ELSEWHERE


NEW = """
[sender]
domains = ["fair.example"]

[portal]
url = "https://fair.example/desk"

[fields]
limit = ['answer within (?P<hours>\\d{1,3}) hours', 'answer within (?P<days>\\d) days']

[[mails]]
says = "a customer wrote at the fair"
verdict = "customer"
subjects = ['^Question']
"""
MANIFEST = """
key = "fair"
title = "Fair"
channel = "fair"
transport = "mail"
summary = "An invented fair that writes mail."
sdk_api = 1
hosts = ["fair.example"]
[capabilities]
replies_in_portal = true
links_deep = true
"""


@pytest.fixture
def fair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "fair"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "manifest.toml").write_text(MANIFEST)
    (folder / PROFILE).write_text(NEW)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "fair", raising=False)
    return folder


def test_a_new_marketplace_is_two_files_of_data(fair: Path) -> None:
    spec = load_spec("fair")
    config = spec.config_model.model_validate(SETTINGS)
    built = spec.build(config, InboxContext(inbox="fair", instance_key=KEY))
    raw = mail("Fair <a@fair.example>", signer="fair.example", subject="Question", body="Please answer within 36 hours.")  # fmt: skip
    found = built.normalise(raw_item(raw))
    assert (found.reason, found.platform_limit) == (
        "a customer wrote at the fair",
        timedelta(hours=36),
    )
    assert fair.name == spec.key


def test_the_example_of_the_guide_works_as_it_stands(fair: Path) -> None:
    guide = (Path(mail_package.__file__).parent / "README.md").read_text(encoding="utf-8")
    manifest, profile = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    (fair / "manifest.toml").write_text(manifest, encoding="utf-8")
    (fair / PROFILE).write_text(profile, encoding="utf-8")
    body = "The customer wrote:\nWhere is it? order no. FA-20931\nPlease answer within 24 hours.\nAnswer this mail"
    spec = load_spec("fair")
    config = spec.config_model.model_validate(SETTINGS)
    built = spec.build(config, InboxContext(inbox="fair", instance_key=KEY))
    asked = mail("nora77aa@relay.fair.example", signer="fair.example", body=body)
    found = built.normalise(raw_item(asked))
    assert (found.verdict, found.order_id) == (Verdict.CUSTOMER, "FA-20931")
    assert found.text.startswith("Where is it?")
    assert found.platform_limit == timedelta(hours=24)
    assert built.preview(command(found.reply_context)).recipient == "nora77aa@relay.fair.example"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("[sender]", "[sender"), "cannot be read"),
        (("'^Question'", "'(Question'"), "no regular expression"),
        (("'^Question'", "'^Question.*'"), "without a bound"),
        (("'^Question'", "'^Question[a-z]+'"), "without a bound"),
        (("'^Question'", "'^Question.{2,}'"), "without a bound"),
        (("subjects = ['^Question']", ""), "would fit every mail"),
        (("https://fair.example/desk", "https://evil.example/desk"), "none of the manifest"),
        (('verdict = "customer"', 'verdict = "customer"\nreply = "mail"'), "replies_in_portal"),
        (('verdict = "customer"', 'verdict = "answered_elsewhere"'), "verdict"),
        (("[[mails]]", '[[mails]]\nthreads = [{ key = "x:{subject}" }]'), "in braces"),
    ],
)  # fmt: skip
def test_a_profile_that_cannot_work_says_why(fair: Path, wrong: tuple[str, str], says: str) -> None:
    (fair / PROFILE).write_text(NEW.replace(*wrong))
    with pytest.raises(ManifestError, match=says):
        load_spec("fair")
