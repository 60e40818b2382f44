"""A desk whose agents may ask a language model, and the provider of that model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.assist.llm.budget import DailyLimits
from bot.assist.llm.uses import Help
from bot.llm.provider import Access
from sandbox.language_model import FakeLanguageModel
from tests.slack.front import GIULIA, Front, a_front, the_desk
from tests.slack.macro_world import field, updated, with_text

CANARY = "sk-canary-5512"
DRAFT = "Gentile [NAME_1], il suo pacco è in viaggio e arriverà presto da lei."
LIMITS = DailyLimits(requests=5, tokens=None)


def a_desk(*helps: Help) -> Any:
    plain = the_desk()
    (route,) = plain.inboxes.values()
    return replace(plain, inboxes={route.name: replace(route, llm=frozenset(helps or Help))})


def access_to(
    fake: FakeLanguageModel, *, limits: DailyLimits = LIMITS, patience: float = 5
) -> Access:
    return Access(
        url=fake.url,
        model="tiny-1",
        api_key=SecretStr(CANARY),
        most_characters=4000,
        most_tokens=300,
        patience=timedelta(seconds=patience),
        limits=limits,
    )


@asynccontextmanager
async def a_world(
    folder: Path,
    say: Any = DRAFT,
    *,
    desk: Any = None,
    limits: DailyLimits = LIMITS,
    patience: float = 5,
) -> AsyncIterator[tuple[Front, FakeLanguageModel]]:
    async with FakeLanguageModel(say, token=CANARY) as fake:
        access = access_to(fake, limits=limits, patience=patience)
        async with a_front(folder, desk or a_desk(), llm=access) as front:
            yield front, fake


async def press(
    front: Front,
    view: dict[str, Any],
    action: str,
    number: int,
    typed: str = "",
    *,
    user: str = GIULIA,
) -> dict[str, Any]:
    """Press one of the machine's buttons; the window on top as it is in the end."""
    ticket = await front.ticket(number)
    await front.press(user, action, ticket.id, view=with_text(view, typed))
    return updated(front)


def buttons(view: dict[str, Any]) -> list[str]:
    rows = [block["elements"] for block in view["blocks"] if block["type"] == "actions"]
    return [one["action_id"] for row in rows for one in row if "machine" in one["action_id"]]


async def uses(front: Front, top: dict[str, Any], words: str) -> Any:
    values = {"machine_text": {"machine_text": {"type": "plain_text_input", "value": words}}}
    return await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": {**top, "id": "V0OPENED1", "state": {"values": values}},
        }
    )


def drafted(top: dict[str, Any]) -> str:
    return str(field(top)["element"]["initial_value"])
