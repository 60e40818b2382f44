"""What somebody says of themselves on their Home; it is drawn again at once, in their language."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.preference_rows import own_choices
from bot.domain.home import OwnChoices
from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.call_choices import calls_view, chosen_in
from bot.slack.blocks.home_choices import (
    FROM_FIELD,
    TO_FIELD,
    TOMORROW,
    USUAL,
    quiet_view,
    time_in,
)
from bot.slack.blocks.preferences import clock_words
from bot.slack.handlers import overview, presence
from bot.slack.handlers.press import Body, Press, answer, teller
from bot.slack.handlers.refusals import telling
from bot.slack.handlers.wiring import Wiring
from bot.slack.home import publish_home
from bot.slack.when import TOMORROW as NEXT_MORNING
from bot.usecases.preferences import NEVER

DAY = 24 * 60
"""Minutes."""


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to what is chosen there."""

    @app.action(re.compile(f"^{ActionId.GO_AWAY}_"))
    async def away(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            until = NEXT_MORNING if press.value == TOMORROW else None
            told = await presence.do_away(wiring, press.actor, None, until)
            await answer(wiring, press, respond, told)
            await publish_home(wiring, press.actor, press.home)

    @app.action(str(ActionId.COME_BACK))
    async def back(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            await presence.do_back(wiring, press.actor, None)
            await publish_home(wiring, press.actor, press.home)

    for action, choice in ((ActionId.OWN_LANGUAGE, "language"), (ActionId.OWN_PINGS, "pings")):
        _register_choice(app, wiring, action, choice)

    @app.action(str(ActionId.OWN_CALLS))
    async def calls(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            own = await _own(wiring, press.actor)
            await wiring.client.views_open(trigger_id=press.trigger_id, view=calls_view(own))

    @app.action(str(ActionId.OWN_QUIET))
    async def quiet(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            await _open_quiet(wiring, press)


def _register_choice(app: AsyncApp, wiring: Wiring, action: ActionId, choice: str) -> None:
    @app.action(str(action))
    async def chosen(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            await overview.do_prefer(wiring, press.actor, f"{choice} {press.value}")
            await publish_home(wiring, press.actor, press.home)


async def _open_quiet(wiring: Wiring, press: Press) -> None:
    desk, now = wiring.desk(), wiring.now()
    own = await wiring.look(press.actor, lambda conn: own_choices(conn, desk, press.actor, now))
    view = quiet_view(own.agent.quiet if own else None)
    await wiring.client.views_open(trigger_id=press.trigger_id, view=view)


async def keep_quiet(wiring: Wiring, actor: str, view: Mapping[str, Any]) -> None:
    """What the window of quiet hours was given; the Home behind it is drawn again in its turn.

    Raises DeskError for half of it, or for all day.
    """
    begin, end = time_in(view, FROM_FIELD), time_in(view, TO_FIELD)
    if bool(begin) != bool(end):
        raise DeskError(tr("Choose both times, or neither to have no quiet hours."))
    await overview.do_prefer(wiring, actor, f"quiet {begin}-{end}" if begin else f"quiet {NEVER}")


async def keep_calls(wiring: Wiring, actor: str, view: Mapping[str, Any]) -> None:
    """What was changed in the window; what was left as it was goes on following the settings.

    Raises NotAllowed, DeskError for half of the quiet hours.
    """
    was = await _own(wiring, actor)
    hours = was.agent.quiet
    shown = (clock_words(hours.begins % DAY), clock_words(hours.ends % DAY)) if hours else ("", "")
    if (time_in(view, FROM_FIELD), time_in(view, TO_FIELD)) != shown:
        await keep_quiet(wiring, actor, view)
    pings, language = (chosen_in(view, one) for one in (ActionId.OWN_PINGS, ActionId.OWN_LANGUAGE))
    if pings and pings != was.agent.pings:
        await overview.do_prefer(wiring, actor, f"pings {pings}")
    if language and language != (was.chosen or USUAL):
        await overview.do_prefer(wiring, actor, f"language {language}")


async def _own(wiring: Wiring, actor: str) -> OwnChoices:
    desk, now = wiring.desk(), wiring.now()
    own = await wiring.look(actor, lambda conn: own_choices(conn, desk, actor, now))
    if own is None:
        raise DeskError(tr("Only people of this desk choose how they are called."))
    return own
