"""Mail under somebody else's name: marked, without a clock, without rank, and in nobody's conversation."""

import ast
import re
from pathlib import Path

import pytest

import connectors
from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.slack.blocks.card import render_card
from connectors.contract import Verdict
from sla_rules.vocabulary import Kind
from tests.builders import NOW, a_ticket, an_inbound, arrive, hours, ticket
from tests.connectors.mailbox_pair import connector, raw_item
from tests.db.reading import rows

ROOT = Path(__file__).resolve().parents[2]
AMAZONS = Path(next(iter(connectors.__path__))) / "amazon" / "fixtures"
GOLDEN = sorted(
    path for path in AMAZONS.glob("*.eml") if b"amazon" in path.read_bytes().split(b"\r\n\r\n")[0]
)
ACTS = {
    Verdict.CUSTOMER,
    Verdict.CLAIM,
    Verdict.CLAIM_CLOSED,
    Verdict.ANSWERED_ELSEWHERE,
}
"""What opens a ticket with a clock, or stops one."""

_FROM = re.compile(rb"(?im)^(From:[^\r\n]*@)([a-z0-9.-]*amazon\.[a-z.]+[a-z])")
_RESULTS = re.compile(rb"(?im)^(Authentication-Results:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")


def from_elsewhere(raw: bytes, domain: bytes) -> bytes:
    return _FROM.sub(lambda match: match[1] + domain, raw)


def not_vouched_for(raw: bytes) -> bytes:
    """The same mail, as our own mail provider writes it in where the sender was another."""
    plain = _RESULTS.sub(b"X-Old: x", raw)
    return b"Authentication-Results: mx.seller.example; dkim=fail; spf=fail; dmarc=fail\r\n" + plain


TWINS = {
    "look-alike": lambda raw: from_elsewhere(raw, b"amazon.it.evil.example"),
    "dashed": lambda raw: from_elsewhere(raw, b"marketplace-amazon.example"),
    "punycode": lambda raw: from_elsewhere(raw, b"marketplace.xn--mazon-3ve.it"),
    "not vouched for": not_vouched_for,
}


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_spoof_twin_of_a_golden_mail_does_nothing_that_amazon_could(
    path: Path, twin: str
) -> None:
    raw = path.read_bytes()
    forged = TWINS[twin](raw)
    if forged == raw or not _FROM.search(raw):
        pytest.skip("it does not come from Amazon to begin with")
    found = connector("amazon").normalise(raw_item(forged))
    assert found.verdict not in ACTS
    if twin == "not vouched for" and found.verdict is Verdict.BOUNCE:
        pytest.fail("a forged mail took an answer back")
    if found.verdict is Verdict.SUSPECT:
        assert found.kind is Kind.SUSPECT
        assert not found.links
        assert not found.tags


def test_results_that_the_sender_wrote_itself_do_not_vouch_for_it() -> None:
    """Ours is the topmost of ours; one below it is part of what was sent."""
    raw = (AMAZONS / "it_buyer_message.eml").read_bytes()
    ours = b"Authentication-Results: mx.seller.example; dmarc=fail\r\n"
    theirs = b"Authentication-Results: mx.seller.example; dkim=pass; dmarc=pass\r\n"
    found = connector("amazon").normalise(raw_item(ours + theirs + _RESULTS.sub(b"X-Old: x", raw)))
    assert found.verdict is Verdict.SUSPECT


async def test_a_suspect_starts_no_clock_stops_none_and_has_no_rank(
    db: Database, desk: Desk
) -> None:
    first = await a_ticket(db, desk, an_inbound(thread="case-1", sender_handle="b@x.example"))
    before = [(row.id, row.state, row.due_at) for row in await rows(db, tables.deadline)]
    suspect = an_inbound(
        verdict=Verdict.SUSPECT,
        kind=Kind.SUSPECT,
        thread="case-1",
        sender_handle="b@x.example",
        text="URGENT: A-to-Z claim, refund now, lawyer",
        sent_at=NOW + hours(1),
        reason="it carries Amazon's name, but does not come from Amazon's servers",
    )
    await arrive(db, desk, suspect)

    after = [(row.id, row.state, row.due_at) for row in await rows(db, tables.deadline)]
    assert after == before
    marked = await ticket(db, 2)
    assert marked.id != first.id
    assert marked.kind is Kind.SUSPECT
    assert not marked.vip
    assert "suspicious" in str(render_card(marked, desk, NOW).blocks).lower()


# --- posts ------------------------------------------------------------------------------------------


def posting_calls() -> list[tuple[str, ast.Call]]:
    """Every call of the desk that puts a message into a channel."""
    return [
        (path.name, node)
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in POSTS
    ]


POSTS = ("chat_postMessage", "chat_scheduleMessage", "chat_meMessage")


def test_invariant_9_no_post_lets_slack_open_a_link_by_itself() -> None:
    calls = posting_calls()
    assert calls
    for name, call in calls:
        said = {
            word.arg: word.value.value
            for word in call.keywords
            if isinstance(word.value, ast.Constant)
        }
        assert (said.get("unfurl_links"), said.get("unfurl_media")) == (False, False), name
        assert said.get("link_names") is not True, name
