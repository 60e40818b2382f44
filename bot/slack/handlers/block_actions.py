"""Buttons and menus, on cards, pings, private answers, windows and the Home."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.domain.home import HomeChoice
from bot.slack.blocks import answers
from bot.slack.blocks.actions import ActionId, MenuChoice, parted
from bot.slack.blocks.home_view import EVERY_INBOX
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.reply_fields import Draft
from bot.slack.handlers import (
    acting,
    approving,
    drafting,
    machine,
    macros,
    next_step,
    presence,
    replying,
    together,
    undoing,
    verbs,
)
from bot.slack.handlers.composing import Answer
from bot.slack.handlers.press import Body, Press, answer, teller
from bot.slack.handlers.refusals import telling
from bot.slack.handlers.wiring import Wiring
from bot.slack.handlers.words import open_words
from bot.slack.home import publish_home
from bot.slack.request import Do
from bot.slack.when import ONE_HOUR, QUARTER, TOMORROW

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


async def _snooze_quarter(wiring: Wiring, press: Press) -> Rendered | None:
    ticket = await verbs.ticket_with_id(wiring, press.actor, press.ticket_id)
    return await verbs.do_snooze(wiring, press.actor, ticket, QUARTER)


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
            do = _WINDOWS[choice]
            await acting.open_act(wiring, press.actor, press.trigger_id, ticket, do)
            return None
        case _:
            return answers.outdated()


_WINDOWS: Mapping[str, Do | None] = {
    MenuChoice.ASSIGN: Do.ASSIGN,
    MenuChoice.NOTE: Do.NOTE,
    MenuChoice.WAIT: Do.WAIT,
    MenuChoice.CLASS: Do.CLASS,
    MenuChoice.EVERYTHING: None,
}
"""The verb that a window opens at; None lets the agent choose."""


async def _deescalate(wiring: Wiring, press: Press) -> Rendered | None:
    return await together.do_deescalate(wiring, press.actor, press.ticket_id)


async def _unmerge(wiring: Wiring, press: Press) -> Rendered | None:
    ticket = await verbs.ticket_with_id(wiring, press.actor, press.ticket_id)
    return await together.do_unmerge(wiring, press.actor, ticket)


async def _assign_next(wiring: Wiring, press: Press) -> Rendered | None:
    return await presence.do_assign_next(wiring, press.actor, press.ticket_id)


async def _hand_over_to(wiring: Wiring, press: Press) -> Rendered | None:
    ticket_id, who = parted(press.value, 2)
    return await verbs.do_assign(wiring, press.actor, int(ticket_id), who)


async def _hand_over(wiring: Wiring, press: Press) -> Rendered | None:
    return await presence.do_hand_over(wiring, press.actor, press.value)


_ON: Mapping[ActionId, Pressed] = {
    ActionId.ASSIGN_NEXT: _assign_next,
    ActionId.HAND_OVER: _hand_over,
    ActionId.HAND_OVER_TO: _hand_over_to,
    ActionId.CLAIM: _claim,
    ActionId.TAKE_OVER: _take_over,
    ActionId.REPLY: _reply,
    ActionId.NO_ANSWER: _no_answer,
    ActionId.ANSWERED: _answered,
    ActionId.RESOLVE: _resolve,
    ActionId.REOPEN: _reopen,
    ActionId.ACKNOWLEDGE: _acknowledge,
    ActionId.SNOOZE_QUARTER: _snooze_quarter,
    ActionId.MORE: _more,
    ActionId.SHOW_WORDS: open_words,
    ActionId.ARRIVED: _arrived,
    ActionId.NOT_ARRIVED: _not_arrived,
    ActionId.DEESCALATE: _deescalate,
    ActionId.UNMERGE: _unmerge,
    ActionId.APPROVE: approving.let_out,
    ActionId.SEND_BACK: approving.open_send_back,
}

_OFFER_UNDO = {
    ActionId.CLAIM,
    ActionId.TAKE_OVER,
    ActionId.NO_ANSWER,
    ActionId.RESOLVE,
}
"""Their value is the ticket, and what they do can be taken back for a moment."""

_SHOWN_BY_THE_CARD = {
    ActionId.CLAIM,
    ActionId.NO_ANSWER,
    ActionId.ANSWERED,
    ActionId.RESOLVE,
    ActionId.REOPEN,
}
"""Pressed on the card itself, these need no words when they worked: the card changes.

Those that can be taken back are answered all the same, privately, for the sake of their Undo: one
call of the press's own address, which no rate limit counts.
"""


def register(app: AsyncApp, wiring: Wiring) -> None:
    """Listen to every button there is, and to those there were."""
    for action, pressed in _ON.items():
        app.action(str(action))(_listener(wiring, action, pressed))
    _register_reply_buttons(app, wiring)
    _register_home(app, wiring)
    _register_choice(app, wiring)
    for action, pressed in _IN_WINDOWS.items():
        # Several of one kind in a row are told apart by a number behind the id.
        app.action(re.compile(rf"^{action}(_\d+)?$"))(_in_window(wiring, pressed))

    @app.action(str(ActionId.OPEN_LINK))
    async def open_link(ack: AsyncAck) -> None:
        await ack()


def register_outdated(app: AsyncApp, wiring: Wiring) -> None:
    """Last of all listeners: a button of an older version is answered, not ignored."""

    @app.action(re.compile(".*"))
    async def outdated(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await answer(wiring, Press.of(body), respond, answers.outdated())


def _listener(wiring: Wiring, action: ActionId, pressed: Pressed) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            rendered = await pressed(wiring, press)
            if rendered is not None:
                told = await _with_undo(wiring, action, press, rendered)
                if told is not rendered or not _is_shown(action, press, rendered):
                    await answer(wiring, press, respond, told)
            if press.on_home:
                await publish_home(wiring, press.actor, press.home)

    return listen


async def _with_undo(
    wiring: Wiring, action: ActionId, press: Press, rendered: Rendered
) -> Rendered:
    # On the Home a window would open for it, which is more than the press was about.
    if action not in _OFFER_UNDO or (press.on_home and _is_shown(action, press, rendered)):
        return rendered
    return await undoing.offered(wiring, press.actor, press.ticket_id, rendered)


def _is_shown(action: ActionId, press: Press, rendered: Rendered) -> bool:
    offered = {
        element.get("action_id") for block in rendered.blocks for element in block["elements"]
    }
    asks = not offered.isdisjoint({ActionId.TAKE_OVER, ActionId.OPEN_LINK})
    on_card = bool(press.message_ts) and not press.thread_ts
    return action in _SHOWN_BY_THE_CARD and not asks and (on_card or press.on_home)


def _register_reply_buttons(app: AsyncApp, wiring: Wiring) -> None:
    @app.action(str(ActionId.UNDO_EVENT))
    async def undo_event(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            rendered = await undoing.undo(wiring, press)
            await answer(wiring, press, respond, rendered, replace=True)

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
    draft = Draft.load(press.view["private_metadata"])
    view = await replying.undo_in_window(wiring, press.actor, int(press.value), draft)
    await wiring.client.views_update(view_id=press.view["id"], view=view)


async def _send_anyway(wiring: Wiring, press: Press) -> Rendered:
    ticket_id, told, text = parted(press.value, 3)
    seen, *macros = told.split(",")
    ticket = await verbs.ticket_with_id(wiring, press.actor, int(ticket_id))
    key = f"anyway:{press.message_ts}:{replying.digest(Answer(text=text))}"
    again = replying.Again(seen=int(seen), macros=tuple(macros))
    return await replying.send_text(wiring, press.actor, ticket, text, key, again=again)


_IN_WINDOWS: Mapping[ActionId, Callable[[Wiring, Press], Awaitable[None]]] = {
    ActionId.MACRO_CHOSEN: drafting.insert_macro,
    ActionId.MACRO_SUGGESTED: drafting.insert_macro,
    ActionId.KEEP_DRAFT: drafting.keep,
    ActionId.DROP_DRAFT: drafting.discard,
    ActionId.USE_DRAFT: drafting.use_handed,
    ActionId.THREAD_FILES: drafting.look_for_files,
    ActionId.MACHINE_DRAFT: machine.draft,
    ActionId.MACHINE_ANSWER: machine.translate_answer,
    ActionId.MACHINE_WORDS: machine.translate_words,
    ActionId.MACHINE_SUMMARY: machine.summarise,
    ActionId.MACHINE_PUT_BACK: machine.put_back,
    ActionId.MACRO_OPEN: macros.open_macro,
    ActionId.MACRO_ARCHIVE: macros.archive,
}
"""These show what came of them in a window, and have nothing else to say."""


def _in_window(
    wiring: Wiring, pressed: Callable[[Wiring, Press], Awaitable[None]]
) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            await pressed(wiring, press)

    return listen


def _register_home(app: AsyncApp, wiring: Wiring) -> None:
    @app.action(re.compile(f"^{ActionId.HOME_QUEUE}_"))
    async def home_queue(ack: AsyncAck, body: Body) -> None:
        await ack()
        press = Press.of(body)
        chosen = HomeChoice.load(press.value)
        await publish_home(wiring, press.actor, replace(chosen, inbox=press.home.inbox))

    @app.action(str(ActionId.HOME_INBOX))
    async def home_inbox(ack: AsyncAck, body: Body) -> None:
        await ack()
        press = Press.of(body)
        inbox = "" if press.value == EVERY_INBOX else press.value
        await publish_home(wiring, press.actor, replace(press.home, inbox=inbox, page=0))

    @app.action(re.compile(f"^{ActionId.HOME_PAGE}_"))
    async def home_page(ack: AsyncAck, body: Body) -> None:
        await ack()
        press = Press.of(body)
        await publish_home(wiring, press.actor, replace(press.home, page=int(press.value)))


def _register_choice(app: AsyncApp, wiring: Wiring) -> None:
    @app.action(str(ActionId.ACT_CHOSEN))
    async def chosen(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        press = Press.of(body)
        async with telling(teller(wiring, press, respond)):
            await acting.choose(wiring, press)
