"""What is new at one seller: the message centre, the issues that wait, problems, and the rest."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from connectors.allegro.client import AllegroClient, Edition
from connectors.allegro.config import Config
from connectors.allegro.issues import LiveIssues, OtherIssues
from connectors.allegro.position import Position
from connectors.allegro.sweep import Source, look
from connectors.allegro.threads import Threads
from connectors.contract import Page
from connectors.errors import Unavailable


def sources(client: AllegroClient, config: Config, now: Callable[[], datetime]) -> Sequence[Source]:
    """The lists of an inbox, in the order in which they are read; the message centre is first."""
    found: list[Source] = [Threads(client, now, Edition.PUBLIC)]
    if config.issues:
        found.append(LiveIssues(client, now))
    if config.problems:
        found.append(Threads(client, now, Edition.BETA))
    if config.issues:
        found.append(OtherIssues(client, now))
    return found


async def pages(
    listed: Sequence[Source], at: Position, now: Callable[[], datetime]
) -> AsyncIterator[Page]:
    """Pages after a position. Each cursor is true once its page is stored.

    A list that fails stops none of the others: those of the beta interface fail at times. Where
    the first one fails, Allegro is not there. Raises what failed, once everything else is read.
    """
    failed: Unavailable | None = None
    for source in listed:
        try:
            async for page, reached in look(source, at, now):
                at = reached
                yield page
        except Unavailable as error:
            if source is listed[0]:
                raise
            failed = failed or error
    if failed is not None:
        raise failed
