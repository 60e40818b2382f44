"""The App Home as it is drawn when somebody opens it, and after what they press on it."""

from typing import Final

from sqlalchemy import Connection

from bot.db.home_rows import home_of
from bot.domain.home import HomeChoice
from bot.errors import NotAllowed
from bot.slack.blocks.home_view import home_view, plain_home
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.welcome import first_home
from bot.slack.counted import count_refusal
from bot.slack.handlers.wiring import Wiring
from bot.usecases.open_home import OpenHome, open_home

MOST_BLOCKS: Final = 100
"""Of a Home, says Slack."""


async def publish_home(wiring: Wiring, user: str, choice: HomeChoice) -> None:
    """Draw the Home of `user` as they chose to see it, and keep that it is open."""
    desk, now = wiring.desk(), wiring.now()

    def draw(conn: Connection) -> Block:
        return home_view(home_of(conn, desk, user, choice, now), desk, now)

    try:
        # Kept before it is read: what changes in between draws it once more.
        first = await wiring.decide(open_home, OpenHome(actor=user, choice=choice))
        view = await wiring.look(user, draw)
        if first:
            view |= {"blocks": [first_home(), *view["blocks"]][:MOST_BLOCKS]}
    except NotAllowed as refusal:
        count_refusal(refusal)
        view = plain_home(str(refusal))
    await wiring.client.views_publish(user_id=user, view=view)
