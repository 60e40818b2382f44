"""Whether the model is there, before an agent finds out: what `threadline doctor` says of it."""

from pathlib import Path

import pytest

from bot.clock import Clock
from bot.runtime.language_model import check_model
from connectors.errors import AuthExpired
from sandbox.language_model import FakeLanguageModel
from tests.unit.settings.files import AGENT, CALENDAR, DESK, SECRETS, inbox, loaded

KEY = {**SECRETS, "LLM_KEY": "sk-canary-7"}


def a_file(url: str, switch: str = "llm = true") -> str:
    llm = f'\n[llm]\nurl = "{url}"\nmodel = "tiny-1"\napi_key = "env:LLM_KEY"\n'
    return DESK + llm + AGENT + CALENDAR + inbox(extra=switch)


@pytest.mark.parametrize(
    ("models", "ok", "told"),
    [
        (("tiny-1", "big-2"), True, "reached; it has tiny-1"),
        (("big-2",), False, "reached, but it has no model tiny-1. It has: big-2"),
        ((), False, "It has: none"),
        (None, True, "does not tell which models it has"),
    ],
)
async def test_a_provider_is_asked_for_its_models_and_nothing_else(
    tmp_path: Path, models: tuple[str, ...] | None, ok: bool, told: str
) -> None:
    async with FakeLanguageModel(token="sk-canary-7") as fake:
        fake.models = models
        found = await check_model(loaded(tmp_path, a_file(fake.url), KEY), Clock())

    assert found[0] is ok
    assert told in found[1]
    assert fake.asked == []


async def test_a_key_that_is_not_taken_is_said_without_the_key(tmp_path: Path) -> None:
    async with FakeLanguageModel(token="another") as fake:
        with pytest.raises(AuthExpired) as refused:
            await check_model(loaded(tmp_path, a_file(fake.url), KEY), Clock())

    assert "canary" not in str(refused.value)


async def test_where_no_inbox_may_ask_nobody_is_called(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, a_file("http://127.0.0.1:9/v1", "llm = false"), KEY)

    assert await check_model(configuration, Clock()) == (True, "no inbox may ask one")
