"""The App Home: everybody's own queue, drawn when they open it and after what they press on it."""

from bot.db import queries
from bot.errors import NotAllowed
from bot.slack.blocks.views import HOME_ROWS, home_view, plain_home
from bot.slack.commands import QUEUES
from bot.slack.handlers.wiring import Wiring


async def publish_home(wiring: Wiring, user: str, which: str = "mine") -> None:
    """Draw the Home of `user` with one of the queues."""
    chosen = QUEUES.get(which, "mine")
    try:
        rows = await wiring.look(
            user, lambda conn: queries.queue(conn, chosen, user, limit=HOME_ROWS)
        )
    except NotAllowed as refusal:
        view = plain_home(str(refusal))
    else:
        view = home_view(rows, chosen, wiring.desk(), wiring.now())
    await wiring.client.views_publish(user_id=user, view=view)
