"""What `/sla` shows of the whole desk: its inboxes, its promises, and what other rules would do."""

import asyncio
from dataclasses import replace

from sqlalchemy import Connection

from bot.db import queries
from bot.db.past_queries import ticket_links
from bot.db.queue_rows import queue_rows
from bot.domain.roster import Verb
from bot.domain.surge import Mode
from bot.language import speak
from bot.slack.blocks import listing
from bot.slack.blocks.board import render_surge
from bot.slack.blocks.forecast import LISTED_FORECASTS, ForecastView, render_forecast
from bot.slack.blocks.preferences import render_preferences
from bot.slack.blocks.promises import render_promises
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.whatif import LISTED, render_no_run, render_whatif
from bot.slack.handlers.wiring import Wiring
from bot.usecases.access import require
from bot.usecases.forecast import foreseen, outlook_of, rate_now
from bot.usecases.preferences import Prefer, prefer
from bot.usecases.promises import promises
from bot.usecases.surge import SetSurge, set_surge
from bot.usecases.whatif_runs import last_run


async def show_sla_status(wiring: Wiring, actor: str) -> Rendered:
    """The desk, inbox by inbox: those that the actor sees."""
    now, sight = wiring.now(), wiring.desk().roster.inboxes(actor)

    def query(conn: Connection) -> Rendered:
        return listing.render_sla_status(queries.sla_status(conn, now, sight), wiring.desk(), now)

    return await wiring.look(actor, query)


async def show_promises(wiring: Wiring, actor: str) -> Rendered:
    """How the promises stand that platforms judge by."""
    desk, now = wiring.desk(), wiring.now()
    standings = await wiring.look(actor, lambda conn: promises(conn, desk, now))
    return render_promises([each for each in standings if desk.roster.sees(actor, each.inbox)], now)


async def show_whatif(wiring: Wiring, actor: str) -> Rendered:
    """The last what-if that was shared from the command line, for leads and managers.

    Raises:
        NotAllowed: for anybody else.
    """
    require(wiring.desk(), actor, Verb.REVIEW)
    now, sight = wiring.now(), wiring.desk().roster.inboxes(actor)

    def query(conn: Connection) -> Rendered:
        run = last_run(conn)
        if run is None:
            return render_no_run()
        links = ticket_links(conn, {flip.ticket for flip in run.flips}, sight)
        seen = [flip for flip in run.flips if sight is None or flip.ticket in links]
        return render_whatif(replace(run, flips=tuple(seen[:LISTED])), links, now)

    return await wiring.look(actor, query)


async def show_forecast(wiring: Wiring, actor: str) -> Rendered:
    """Which deadlines will be missed, as far as can be foreseen now."""
    desk, now = wiring.desk(), wiring.now()
    outlook, roster = await wiring.look(actor, lambda conn: outlook_of(conn, desk, now))
    # Slow for a large queue: not in the loop that answers Slack.
    found = await asyncio.to_thread(foreseen, outlook, roster)
    inboxes = {each.urgency.ticket_id: each.inbox for each in outlook.tickets}
    found = [each for each in found if desk.roster.sees(actor, inboxes.get(each.ticket_id, ""))]

    def query(conn: Connection) -> Rendered:
        ids = list(dict.fromkeys(each.ticket_id for each in found))[:LISTED_FORECASTS]
        rows = {row.id: row for row in queue_rows(conn, ids)}
        return render_forecast(
            ForecastView(found=found, rows=rows, rate=rate_now(conn, now), until=outlook.until),
            desk,
        )

    return await wiring.look(actor, query)


async def do_prefer(wiring: Wiring, actor: str, text: str) -> Rendered:
    """How somebody is called and spoken to, after what they chose now, if anything.

    A language that they choose is spoken from here on.

    Raises:
        NotAllowed: for a stranger; DeskError for a choice that is none.
    """
    word, _, value = text.partition(" ")
    command = Prefer(actor=actor, **{word: value} if word else {})
    now = await wiring.decide(prefer, command)
    if command.language:
        wiring.languages.change(actor, now.chosen)
        speak(now.language)
    return render_preferences(
        now.agent, spoken=now.language, changed=bool(word), names=wiring.names
    )


async def do_surge(wiring: Wiring, actor: str, text: str) -> Rendered:
    """Whether there is a storm, and who decides; a lead may.

    Raises:
        NotAllowed: for somebody else who wants to.
    """
    mode = Mode(text) if text else None
    return render_surge(await wiring.decide(set_surge, SetSurge(actor=actor, mode=mode)))
