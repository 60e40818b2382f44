"""Buttons and menus, on cards, pings, private answers, windows and the Home."""

import re
from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.domain.card import TicketView
from bot.slack.blocks import answers, step_views, views
from bot.slack.blocks.actions import ActionId, MenuChoice, parted
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.handlers import next_step, replying, verbs
from bot.slack.handlers.press import Body, Press, answer, teller
from bot.slack.handlers.refusals import telling
from bot.slack.handlers.wiring import Wiring
from bot.slack.home import publish_home
from bot.slack.when import ONE_HOUR, TOMORROW

Pressed = Callable[[Wiring, Press], Awaitable[Rendered | None]]


async def _claim(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_claim(wiring, press.actor, press.ticket_id)


async def _take_over(wiring: Wiring, press: Press) -> Rendered | None:
    ticket_id, holder = parted(press.value, 2)
    return await verbs.do_claim(wiring, press.actor, int(ticket_id), take_over_from=holder)


async def _reply(wiring: Wiring, press: Press) -> Rendered | None:
    await replying.open_reply(wiring, press.actor, press.trigger_id, press.ticket_id)
    return None


async def _no_answer(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_no_answer(wiring, press.actor, press.ticket_id)


async def _answered(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_answered(wiring, press.actor, press.ticket_id)


async def _resolve(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_resolve(wiring, press.actor, press.ticket_id)


async def _reopen(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_reopen(wiring, press.actor, press.ticket_id)


async def _acknowledge(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_acknowledge(wiring, press.actor, press.ticket_id)


async def _arrived(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_settle(wiring, press.actor, int(press.value), arrived=True)


async def _not_arrived(wiring: Wiring, press: Press) -> Rendered | None:
    return await verbs.do_settle(wiring, press.actor, int(press.value), arrived=False)


async def _more(wiring: Wiring, press: Press) -> Rendered | None:
    choice, ticket_id = parted(press.value, 2)
    ticket = await verbs.ticket_with_id(wiring, press.actor, int(ticket_id))
    match choice:
        case MenuChoice.SNOOZE_HOUR:
            return await verbs.do_snooze(wiring, press.actor, ticket, ONE_HOUR)
        case MenuChoice.SNOOZE_TOMORROW:
            return await verbs.do_snooze(wiring, press.actor, ticket, TOMORROW)
        case MenuChoice.STATUS:
            return await verbs.show_status(wiring, press.actor, ticket)
        case MenuChoice.GO_ON:
            return await next_step.do_go_on(wiring, press.actor, ticket)
        case _ if choice in _WINDOWS:
            view = _WINDOWS[choice](ticket)
            await wiring.client.views_open(trigger_id=press.trigger_id, view=view)
            return None
        case _:
            return answers.say(answers.OUTDATED)


_WINDOWS: Mapping[str, Callable[[TicketView], Block]] = {
    MenuChoice.ASSIGN: views.assign_view,
    MenuChoice.NOTE: views.note_view,
    MenuChoice.WAIT: step_views.wait_view,
    MenuChoice.CLASS: step_views.class_view,
}


_ON: Mapping[ActionId, Pressed] = {
    ActionId.CLAIM: _claim,
    ActionId.TAKE_OVER: _take_over,
    ActionId.REPLY: _reply,
    ActionId.NO_ANSWER: _no_answer,
    ActionId.ANSWERED: _answered,
    ActionId.RESOLVE: _resolve,
    ActionId.REOPEN: _reopen,
    ActionId.ACKNOWLEDGE: _acknowledge,
    ActionId.MORE: _more,
    ActionId.ARRIVED: _arrived,
    ActionId.NOT_ARRIVED: _not_arrived,
}

_SHOWN_BY_THE_CARD = {
    ActionId.CLAIM,
    ActionId.NO_ANSWER,
    ActionId.ANSWERED,
    ActionId.RESOLVE,
    ActionId.REOPEN,
}
"""Pressed on the card itself, these need no words when they worked: the card changes."""


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to every button there is, and to those there were."""
    for action, pressed in _ON.items():
        app.action(str(action))(_listener(wiring, action, pressed))
    _register_reply_buttons(app, wiring)
    _register_home(app, wiring)

    @app.action(str(ActionId.OPEN_LINK))
    async def open_link(ack: AsyncAck) -> None:
        await ack()


def register_outdated(app: AsyncApp, wiring: Wiring) -> None:
    """Last of all listeners: a button of an older version is answered, not ignored."""

    @app.action(re.compile(".*"))
    async def outdated(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await answer(wiring, Press.of(body), respond, answers.say(answers.OUTDATED))


def _listener(wiring: Wiring, action: ActionId, pressed: Pressed) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            rendered = await pressed(wiring, press)
            if rendered is not None and not _is_shown(action, press, rendered):
                await answer(wiring, press, respond, rendered)
            if press.on_home:
                queue = press.view.get("private_metadata") or "mine"
                await publish_home(wiring, press.actor, queue)

    return listen


def _is_shown(action: ActionId, press: Press, rendered: Rendered) -> bool:
    offered = {
        element.get("action_id") for block in rendered.blocks for element in block["elements"]
    }
    asks = not offered.isdisjoint({ActionId.TAKE_OVER, ActionId.OPEN_LINK})
    on_card = bool(press.message_ts) and not press.thread_ts
    return action in _SHOWN_BY_THE_CARD and not asks and (on_card or press.on_home)


def _register_reply_buttons(app: AsyncApp, wiring: Wiring) -> None:
    @app.action(str(ActionId.UNDO))
    async def undo(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            if press.view.get("callback_id"):
                await _undo_in_window(wiring, press)
                return
            rendered = await replying.undo(wiring, press.actor, int(press.value))
            await answer(wiring, press, respond, rendered, replace=True)

    @app.action(str(ActionId.SEND_ANYWAY))
    async def send_anyway(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            rendered = await _send_anyway(wiring, press)
            await answer(wiring, press, respond, rendered, replace=True)


async def _undo_in_window(wiring: Wiring, press: Press) -> None:
    draft = views.Draft.load(press.view["private_metadata"])
    view = await replying.undo_in_window(wiring, press.actor, int(press.value), draft)
    await wiring.client.views_update(view_id=press.view["id"], view=view)


async def _send_anyway(wiring: Wiring, press: Press) -> Rendered:
    ticket_id, seen, text = parted(press.value, 3)
    ticket = await verbs.ticket_with_id(wiring, press.actor, int(ticket_id))
    key = f"anyway:{press.message_ts}:{replying.digest(text)}"
    return await replying.send_text(wiring, press.actor, ticket, text, key, seen=int(seen))


def _register_home(app: AsyncApp, wiring: Wiring) -> None:
    @app.action(re.compile(f"^{ActionId.HOME_QUEUE}_"))
    async def home_queue(ack: AsyncAck, body: Body) -> None:
        await ack()
        press = Press.of(body)
        await publish_home(wiring, press.actor, press.value)
