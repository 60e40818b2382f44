"""Whoever is of another workspace is turned away before anything is looked up for them.

In a channel that is shared with another workspace its people can press our buttons. The roster
would not know them either: this is the outer fence, and says which of Slack's fields it goes by.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_bolt.response import BoltResponse

from bot.domain.desk import Desk
from bot.domain.standing import is_foreign
from bot.language import tr
from bot.slack.blocks import answers, views
from bot.slack.counted import count_outsider

Body = Mapping[str, Any]
Middleware = Callable[..., Awaitable[BoltResponse | None]]

log = structlog.get_logger(__name__)


def is_outsider(body: Body, desk: Desk) -> bool:
    """Whether a request is not of our workspace, or its person is not.

    Slack says it in `team.id` and `user.team_id` of an interaction, in `team_id` of a command, and
    in `user_team` or `source_team` of an event. Where the desk does not know its own workspace, it
    is the one the app is installed in, as far as the request says.
    """
    event = body.get("event") or {}
    installed = str((body.get("team") or {}).get("id") or "")
    ours = desk.workspace.team or installed or _authorised(body)
    where = installed or ("" if event else str(body.get("team_id") or ""))
    user = body.get("user")
    told = user.get("team_id") if isinstance(user, Mapping) else None
    person = str(told or event.get("user_team") or event.get("source_team") or "")
    organisation = desk.workspace.enterprise
    return any(
        # Of one organisation, a request alone does not tell sister workspaces from strangers.
        not organisation and is_foreign(each, "", team=ours, enterprise=organisation)
        for each in (where, person)
    )


def _authorised(body: Body) -> str:
    named = body.get("authorizations") or [{}]
    return str(named[0].get("team_id") or "")


def only_our_workspace(desk: Callable[[], Desk]) -> Middleware:
    """Bolt's middleware: a request from outside goes no further and reads one sentence."""

    async def check(
        body: Body, ack: AsyncAck, respond: AsyncRespond, next_: Callable[[], Awaitable[object]]
    ) -> BoltResponse | None:
        if not is_outsider(body, desk()):
            await next_()
            return None
        kind = str(body.get("type") or ("command" if "command" in body else ""))
        log.warning("slack.outsider_refused", type=kind)
        count_outsider()
        said = tr("This desk is for the people of its own workspace only.")
        if "command" in body:
            return await ack(text=said, response_type="ephemeral")
        if kind == "view_submission":
            return await ack(
                response_action="update", view=views.message_view(tr("Not done"), said)
            )
        if body.get("response_url"):
            told = answers.say(said)
            await respond(
                text=told.text,
                blocks=told.blocks,
                response_type="ephemeral",
                replace_original=False,
            )
        return await ack()

    return check
