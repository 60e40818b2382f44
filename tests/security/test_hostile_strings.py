"""Strings made to act: through everything that shows them, and into both databases and back."""

import random
import re
import time
import unicodedata
from collections.abc import Sequence

import pytest

from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.reports.files.writing import FORMULA, guarded
from bot.slack.text import cut, inert, one_line, spoken
from bot.web.pages import plain_page
from connectors.website.pages import form_page
from connectors.website.post import Post
from sandbox.slack.blocks import validate_blocks
from tests.builders import AMAZON, an_inbound, arrive
from tests.db.reading import rows
from tests.unit.slack.test_hostile_words import assert_inert, assert_spoken_safely, messages

QUICK, SLOW = 500, 20_000
DRAWN, MANY_DRAWN = 12, 400
KEPT = 60
MANY = (pytest.mark.slow, pytest.mark.timeout(600))

PIECES = (
    "<!channel>", "<!here|x>", "@here", "@channel", "<@U0GIULIA1>", "<#C1|x>", "<!subteam^S1>", "<!date^0^{date}|soon>", "{ago}", "{0}",
    "<https://evil.example|amazon.it>", "https://evil.example/x", "HTTPS://EVIL.EXAMPLE", "www.evil.example", "mailto:x@evil.example",
    "ftp://evil.example", "javascript:alert(1)", "http://\u0430mazon.it/login", "https://pay\u0440al.com", "www.\u0430pple.com", "https://ex\u200bample.com",
    "http://b\u00fccher.example", "https://evil\u2024example", "//evil.example", "slack://open", "tel:+391234",
    "*b*", "_i_", "~s~", "`c`", "```\n", ":bomb:", "&amp;", "&lt;", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onload='x",
    "\u202e", "\u202a", "\u2066", "\u2069", "\u200b", "\u200f", "\ufeff", "\u2060", "\u00ad", "\U000e0041", "\U000e007f", "\u180e", "\u3164", "\u2800",
    "\x00", "\x07", "\x1b[31m", "\x9b", "\x7f", "\r", "\n", "\r\n", "\t", "\u2028", "\u2029", "\x85", "\x0b", "\ud800", "\udfff", "\ufffe", "\uffff",
    "\U0010ffff", "a\u0301" * 20, "\u0300" * 50, "\U0001f468\u200d\U0001f469", "\U0001f1ee\U0001f1f9", "\u0627\u0644", "\u05d0", "\ufdfa", "\u1d400",
    "=cmd|' /C calc'!A1", "+1+1", "-1", "@SUM(1)", "'", '"', "\\", "\\n", "%s", "%00", "%n", "${jndi:ldap://x}", "{{7*7}}", "'; DROP TABLE ticket;--",
    str(2**63), str(-(2**63) - 1), str(10**40), "1e400", "NaN", "null", "None", "true", "\u0661\u0662", "I\u0307", "\u0131", "\u1e9e", "\u212a", "x" * 3_000,
)  # fmt: skip

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff]"
)
LIVE = re.compile(r"(?i)(?:https?|ftp)://|\bwww\.|\bmailto:")
FOREIGN_HOST = re.compile(
    r"(?i)(?:(?:https?|ftp)://|\bwww\.)[^\s/?#<>\"'()|:]{0,250}[^\x00-\x7f\u2026]"
)


def a_string(dice: random.Random) -> str:
    return "".join(
        dice.choice((*PIECES, " ", "a")) for _ in range(dice.choice((1, 2, 3, 5, 9, 30)))
    )


def strings(count: int, seed: int) -> Sequence[str]:
    """Every piece alone, and as many random rows of them."""
    dice = random.Random(seed)
    return [*PIECES, *(a_string(dice) for _ in range(count - len(PIECES)))]


def shown_safely(text: str) -> None:
    plain = inert(text)
    assert not UNSEEN.search(plain.replace("\n", "").replace("\u200d", "")), ascii(plain)
    assert inert(plain) == plain
    assert unicodedata.is_normalized("NFC", plain)
    assert not FOREIGN_HOST.search(plain), ascii(plain)
    plain.encode("utf-8")
    assert "\n" not in one_line(text, 100)
    assert len(cut(plain, 50).encode("utf-16-le")) <= 100
    said = spoken(text, 300)
    assert "<" not in said
    assert ">" not in said
    assert not LIVE.search(said), ascii(said)


def served_safely(text: str) -> None:
    body = bytes(plain_page(inert(text), inert(text)).body).decode()
    post = Post(name=text, email=text, subject=text, message=text, page=text)
    for page in (body, form_page("en", post, stamp=text, says=text)):
        assert "<script" not in page
        assert "<img" not in page
        assert "onerror=alert(1)>" not in page.replace("&gt;", "")


@pytest.mark.parametrize(
    ("count", "seed"), [(QUICK, 1), pytest.param(SLOW, int(time.time()), marks=MANY, id="many")]
)
def test_invariant_9_no_string_hides_links_or_leaves_its_place(count: int, seed: int) -> None:
    for text in strings(count, seed):
        shown_safely(text)
        served_safely(text)


@pytest.mark.parametrize(
    ("count", "seed"),
    [(DRAWN, 2), pytest.param(MANY_DRAWN, int(time.time()), marks=MANY, id="many")],
)
def test_invariant_9_no_drawn_message_lets_one_take_effect(count: int, seed: int) -> None:
    dice = random.Random(seed)
    for text in (a_string(dice) for _ in range(count)):
        for drawn in messages(text):
            assert_inert(drawn.blocks)
            assert_spoken_safely(drawn.text)
            assert not UNSEEN.search(drawn.text.replace("\u2060", "").replace("\u200b", ""))
            assert validate_blocks(drawn.blocks) == []


@pytest.mark.parametrize(
    ("begins", "link"),
    [
        ("http://\u0430mazon.it/login", "http://xn--mazon-3ve.it/login"),
        ("www.\u0430pple.com", "www.xn--pple-43d.com"),
        ("https://b\u00fccher.example/\u00e9", "https://xn--bcher-kva.example/\u00e9"),
        ("https://amazon.it/caff\u00e8", "https://amazon.it/caff\u00e8"),
        ("perch\u00e9.No", "perch\u00e9.No"),
    ],
)
def test_a_host_of_foreign_letters_does_not_pass_for_another(begins: str, link: str) -> None:
    assert inert(begins) == link


def test_no_string_is_a_formula_in_a_file() -> None:
    for text in strings(QUICK, 4):
        assert not guarded(text).startswith(FORMULA)
        assert guarded(text).endswith(text)


@pytest.mark.postgres
async def test_every_string_is_stored_on_either_database_and_nothing_else_of_it(
    db: Database, desk: Desk
) -> None:
    """In every field a stranger fills; numbers beyond 63 bits, too."""
    texts = strings(KEPT + len(PIECES), 3)
    page = [
        an_inbound(
            external_id=f"m-{number}-{text}"[:300],
            subject=text,
            text=text,
            full_text=text,
            sender_name=text,
            sender_handle=f"{number}{text}"[:200],
            thread=f"t-{number}-{text}"[:300],
            order_id=text[:60] or None,
            reply_context={"to": text, text: [text, 2**70, 1.5, None]},
            links={"console": text},
            tags=[text],
            answers_customer_named=text,
            finding=text,
        )
        for number, text in enumerate(texts)
    ]
    for start in range(0, len(page), 50):
        part = page[start : start + 50]
        report = await arrive(db, desk, *part)
        assert report.taken == len(part)
    kept = await rows(db, tables.message)
    assert len(kept) == len(page)
    for row in kept:
        assert "\x00" not in row.body
        row.body.encode("utf-8")
    assert {row.name for row in await rows(db, tables.inbox)} >= {AMAZON}
