"""What Slack tells us of a click, a shortcut or a form, in our words; and the way to answer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.domain.home import HomeChoice
from bot.language import tr_as
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Rendered
from bot.slack.handlers.refusals import Tell
from bot.slack.handlers.wiring import Wiring

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One interaction. `thread_ts` is empty when it happened on a root message or in a view."""

    actor: str
    value: str
    trigger_id: str
    response_url: str
    channel: str
    message_ts: str
    thread_ts: str
    view: Mapping[str, Any]

    @classmethod
    def of(cls, body: Body) -> "Press":
        """Read an interaction's payload."""
        message = body.get("message") or {}
        ts, thread_ts = str(message.get("ts", "")), str(message.get("thread_ts", ""))
        return cls(
            actor=str(body["user"]["id"]),
            value=_value(body),
            trigger_id=str(body.get("trigger_id", "")),
            response_url=str(body.get("response_url") or ""),
            channel=str((body.get("channel") or {}).get("id", "")),
            message_ts=ts,
            thread_ts="" if thread_ts == ts else thread_ts,
            view=body.get("view") or {},
        )

    @property
    def ticket_id(self) -> int:
        """The ticket the pressed thing is about."""
        return int(self.value.partition("|")[0])

    @property
    def on_home(self) -> bool:
        """Whether it happened on the App Home."""
        return self.view.get("type") == "home"

    @property
    def home(self) -> HomeChoice:
        """What the Home showed on which it happened."""
        return HomeChoice.load(str(self.view.get("private_metadata") or ""))


def _value(body: Body) -> str:
    pressed = (body.get("actions") or [{}])[0]
    option = pressed.get("selected_option") or {}
    return str(option.get("value") or pressed.get("value") or "")


def teller(wiring: Wiring, press: Press, respond: AsyncRespond) -> Tell:
    """How to answer `press` with words."""

    async def tell(rendered: Rendered) -> None:
        await answer(wiring, press, respond, rendered)

    return tell


async def answer(
    wiring: Wiring,
    press: Press,
    respond: AsyncRespond,
    rendered: Rendered,
    *,
    replace: bool = False,
) -> None:
    """Tell the person who pressed, and nobody else, where they pressed."""
    if press.response_url:
        await respond(
            text=rendered.text,
            blocks=rendered.blocks,
            response_type="ephemeral",
            replace_original=replace,
            thread_ts=press.thread_ts or None,
        )
        return
    said = kit.modal(
        "message", "Threadline", rendered.blocks, metadata="", close=tr_as("button", "Close")
    )
    if press.view.get("type") == "modal":
        await wiring.client.views_update(view_id=press.view["id"], view=said)
    elif press.trigger_id:
        await wiring.client.views_open(trigger_id=press.trigger_id, view=said)
