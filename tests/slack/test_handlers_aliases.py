"""`/claim 17` and `/reply 17 text`, where the manifest was printed with them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack.commands import read_alias
from bot.slack.request import Do, Mistake, Request
from tests.slack.front import GIULIA, Front, a_front


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def test_claim_claims_and_reply_answers(front):
    number = await front.customer_writes()
    told = await front.command(GIULIA, str(number), "/claim")
    assert f"#{number} is yours." in told["text"]
    sent = await front.command(GIULIA, f"{number} It arrives tomorrow.", "/reply")
    assert "goes out at" in sent["text"]
    assert [one.body for one in await front.outgoing()] == ["It arrives tomorrow."]


@pytest.mark.parametrize(
    ("alias", "typed", "said"),
    [
        ("/claim", "", "The ticket number is missing. For example: /claim 17"),
        ("/claim", "mine", "“mine” is not a ticket number. For example: /claim 17"),
        ("/reply", "", "The ticket number is missing. For example: /reply 17"),
    ],
)
async def test_without_a_number_it_says_what_would_work(front, alias, typed, said):
    assert said in (await front.command(GIULIA, typed, alias))["text"]


def test_what_is_typed_behind_an_alias_is_its_verb_whatever_it_looks_like():
    read = read_alias(Do.REPLY, "17 claim 18", alias="/reply")
    assert isinstance(read, Request)
    assert (read.do, read.number, read.text) == (Do.REPLY, 17, "claim 18")
    assert isinstance(read_alias(Do.CLAIM, "help", alias="/claim"), Mistake)
