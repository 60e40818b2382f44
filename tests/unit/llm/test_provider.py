"""The provider as it may be: good, slow, down, throttled, or talking nonsense. Real HTTP on loopback."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.assist.llm.budget import DailyLimits
from bot.assist.llm.prompts import Prompt
from bot.clock import Clock
from bot.llm.provider import Access, LanguageModel, NoAnswer, Trouble
from sandbox.language_model import FakeLanguageModel

CANARY = "sk-canary-9f31c7"
SAID = "canary-words-of-a-customer maria@canary.example"
PROMPT = Prompt(system="Rules", user=SAID, language="en")


@asynccontextmanager
async def asked(
    fake: FakeLanguageModel, *, key: str | None = CANARY, patience: float = 5, url: str = ""
) -> AsyncIterator[LanguageModel]:
    access = Access(
        url=url or fake.url,
        model="tiny-1",
        api_key=SecretStr(key) if key else None,
        most_characters=1000,
        most_tokens=200,
        patience=timedelta(seconds=patience),
        limits=DailyLimits(requests=10, tokens=None),
    )
    model = LanguageModel(access, Clock())
    try:
        yield model
    finally:
        await model.close()


@pytest.mark.parametrize(
    "text",
    ["Your parcel is on its way.", "Il pacco è in viaggio.", "Ihr Paket ist unterwegs.",
     "Votre colis est en route.", "Su paquete está en camino."],
)  # fmt: skip
@pytest.mark.parametrize("streams", [False, True])
async def test_an_answer_arrives_in_any_language_whole_or_as_a_stream(
    text: str, streams: bool
) -> None:
    async with FakeLanguageModel(text, token=CANARY) as fake, asked(fake) as model:
        fake.streams = streams
        answer = await model.ask(PROMPT)

    assert answer.text == text
    assert answer.tokens > 0
    assert answer.ms >= 0


async def test_the_request_offers_no_tools_and_keeps_to_its_limits() -> None:
    async with FakeLanguageModel("Hello") as fake, asked(fake, key=None) as model:
        answer = await model.ask(PROMPT)

    (sent,) = fake.asked
    assert sent == {
        "model": "tiny-1",
        "messages": [{"role": "system", "content": "Rules"}, {"role": "user", "content": SAID}],
        "max_tokens": 200,
        "temperature": 0.2,
        "stream": False,
    }
    assert "Authorization" not in fake.headers[0]
    assert answer.tokens == 123


async def test_tokens_that_are_not_told_are_estimated() -> None:
    async with FakeLanguageModel("Hello") as fake, asked(fake, key=None) as model:
        fake.counts = False
        answer = await model.ask(PROMPT)

    assert answer.tokens == (len("Rules") + len(SAID) + len("Hello")) // 3


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("busy", Trouble.BUSY),
        ("broken", Trouble.DOWN),
        ("hang_up", Trouble.DOWN),
        ("redirect", Trouble.REFUSED),
        ("unauthorised", Trouble.REFUSED_KEY),
        ("unknown_model", Trouble.REFUSED),
        ("html", Trouble.NONSENSE),
        ("not_json", Trouble.NONSENSE),
        ("no_choices", Trouble.NONSENSE),
        ("wrong_shape", Trouble.NONSENSE),
        ("empty", Trouble.NONSENSE),
        ("cut_off", Trouble.NONSENSE),
        ("huge", Trouble.NONSENSE),
    ],
)
async def test_a_spoilt_answer_is_one_word_of_trouble_and_is_not_asked_for_again(
    fault: str, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeLanguageModel("Hello", token=CANARY) as fake, asked(fake) as model:
        fake.fault = fault
        with pytest.raises(NoAnswer) as refused:
            await model.ask(PROMPT)

    assert refused.value.why is trouble
    assert len(fake.asked) == 1
    told = f"{caplog.text} {refused.value!r} {refused.value.__cause__!r}"
    assert "canary" not in told


async def test_a_slow_provider_is_not_waited_for() -> None:
    async with FakeLanguageModel("Hello") as fake, asked(fake, key=None, patience=0.05) as model:
        fake.fault = "slow"
        with pytest.raises(NoAnswer) as refused:
            await model.ask(PROMPT)

    assert refused.value.why is Trouble.SLOW


async def test_a_provider_that_is_not_there_is_down() -> None:
    fake = FakeLanguageModel("Hello")
    async with fake:
        gone = fake.url
    async with asked(fake, url=gone) as model:
        with pytest.raises(NoAnswer) as refused:
            await model.ask(PROMPT)

    assert refused.value.why is Trouble.DOWN


async def test_invariant_11_the_key_and_the_words_stand_in_no_representation() -> None:
    async with FakeLanguageModel("words of an answer") as fake, asked(fake) as model:
        answer = await model.ask(PROMPT)
        shown = f"{model!r} {model.access!r} {PROMPT!r} {answer!r}"

    assert "canary" not in shown
    assert "words of an answer" not in shown
    assert model.secrets == (CANARY,)
