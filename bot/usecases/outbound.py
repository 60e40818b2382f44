"""Whether anything may go out through an inbox at all."""

from typing import Final

from bot.domain.desk import Desk
from bot.errors import DeskError
from bot.language import marked, tr

OBSERVED: Final = marked(
    "This inbox is observed only: answer in the marketplace itself, then press “Answered in the "
    "marketplace” or write /ticket answered with the ticket's number."
)
IN_PORTAL: Final = marked(
    "This marketplace takes answers in its own console only: answer in the marketplace itself, "
    "then press “Answered in the marketplace” or write /ticket answered with the ticket's number."
)


class NothingGoesOut(DeskError):
    """Nothing is sent through this inbox; the message says why and what to do instead."""


def closed_because(desk: Desk, inbox: str) -> str | None:
    """Why nothing may go out through an inbox, as it is kept, in English; None where answers may."""
    route = desk.inboxes.get(inbox)
    if route is None:
        return None
    if route.observe:
        return OBSERVED
    return IN_PORTAL if route.replies_in_portal else None


def refuse_closed(desk: Desk, inbox: str) -> None:
    """Raise NothingGoesOut where nothing may go out. Asked by every verb that sends."""
    why = closed_because(desk, inbox)
    if why is not None:
        raise NothingGoesOut(tr(why))
