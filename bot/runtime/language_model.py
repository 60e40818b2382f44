"""The language model of the settings, as an object; none where the owner named none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from bot.assist.llm.budget import DailyLimits
from bot.clock import Clock
from bot.configuration.llm import helped_inboxes
from bot.llm.provider import Access, LanguageModel
from bot.settings_file import Configuration

_SHOWN: Final = 8


def access_of(configuration: Configuration) -> Access | None:
    """Where the model is and what it may cost; None where no inbox may ask one."""
    llm = configuration.settings.llm
    if llm is None or not helped_inboxes(configuration.settings):
        return None
    return Access(
        url=llm.url,
        model=llm.model,
        api_key=configuration.llm_key,
        most_characters=llm.max_input_characters,
        most_tokens=llm.max_answer_tokens,
        patience=timedelta(seconds=llm.timeout_seconds),
        limits=DailyLimits(requests=llm.requests_per_day, tokens=llm.tokens_per_day),
        limit_key=llm.limit_key,
    )


async def check_model(configuration: Configuration, clock: Clock) -> tuple[bool, str]:
    """Whether the provider is there and has the model; asks it nothing that costs.

    Raises:
        ConnectorError: it is not, or does not take the key.
    """
    async with language_model(configuration, clock) as model:
        if model is None:
            return True, "no inbox may ask one"
        name, known = model.access.model, await model.models()
    if known is None:
        return True, "reached; it does not tell which models it has"
    if name in known:
        return True, f"reached; it has {name}"
    there = ", ".join(sorted(known)[:_SHOWN]) or "none"
    return False, f"reached, but it has no model {name}. It has: {there}"


@asynccontextmanager
async def language_model(
    configuration: Configuration, clock: Clock
) -> AsyncIterator[LanguageModel | None]:
    """The model while it is used; connects to nothing before it is asked."""
    access = access_of(configuration)
    model = LanguageModel(access, clock) if access is not None else None
    try:
        yield model
    finally:
        if model is not None:
            await model.close()
