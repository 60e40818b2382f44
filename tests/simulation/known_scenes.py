"""The scenes in which rules of recovery show: each holds as long as all of them are there."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tests.builders import ANNA, BRUNO
from tests.simulation.scenes import Scene
from tests.simulation.stories import STORIES, Story, Wish

FETCHED: Final = ("market.fetch.after", "market.fetch.after")
"""Points up to the page that brings the first message: the first look finds nothing yet."""


def commits(count: int) -> tuple[str, ...]:
    """So many commits later."""
    return ("db.commit.after",) * count


_ANSWER: Final = (Wish(at=900, who=ANNA, what="reply"),)


def an_answer(*wishes: Wish, seed: int = 1, hours: float = 0.5, **dials: float) -> Story:
    """One question, answered at a quarter past; and what else."""
    return Story(name="one answer", hours=hours, wishes=(*_ANSWER, *wishes), dials=dials, seed=seed)


CARD: Final = Scene(story=STORIES[0])
CARD_UNTOLD: Final = Scene(story=STORIES[0], dies_after=("slack.chat.getPermalink.before",))
"""Slack has the card, the desk knows it, and dies before it wrote that down."""
CARD_NOT_POSTED: Final = Scene(story=STORIES[0], dies_after=("slack.chat.postMessage.before",))
HANDED_OVER: Final = Scene(story=an_answer(), dies_after=("market.reply.after",))
"""The marketplace has the answer, and the desk dies before it heard that."""
NOT_HANDED_OVER: Final = Scene(story=an_answer(), dies_after=("market.reply.before",))
LOST: Final = Scene(story=an_answer(market_answer_lost=0.7, seed=3))
LOST_TWICE: Final = Scene(story=an_answer(market_answer_lost=0.7, seed=6, hours=0.6))
"""Neither the hand-over is answered nor the first look-ups."""
_BLIND: Final = replace(an_answer(market_answer_lost=0.7, seed=3), shop={"probes": 0})
BLIND: Final = Scene(story=_BLIND)
"""The marketplace has the answer, says nothing, and nobody can ask it."""
BLIND_AND_UNREACHED: Final = Scene(
    story=replace(an_answer(market_timeout_before=0.7, seed=6), shop={"probes": 0})
)
BLIND_TWICE: Final = Scene(
    story=replace(_BLIND, wishes=(*_ANSWER, Wish(at=1000, who=BRUNO, what="reply")))
)
THROTTLED: Final = Scene(story=an_answer(slack_429=0.5, seed=2))
SHOP_THROTTLED: Final = Scene(story=an_answer(market_429=0.5, seed=6))
REFUSED_KEY: Final = Scene(story=an_answer(market_auth=0.3, seed=2, hours=1.0))
TOO_LATE: Final = Scene(story=an_answer(Wish(at=1000, who=ANNA, what="undo")))
TAKEN_BACK: Final = Scene(story=an_answer(Wish(at=904, who=ANNA, what="undo")))
BUSY: Final = Scene(
    story=Story(
        name="clicks",
        hours=0.6,
        wishes=(
            Wish(at=900, who=ANNA, what="claim"),
            Wish(at=900.4, who=ANNA, what="note"),
            Wish(at=900.8, who=BRUNO, what="note"),
            Wish(at=901.2, who=ANNA, what="release"),
            Wish(at=901.6, who=BRUNO, what="claim"),
            Wish(at=902.0, who=BRUNO, what="note"),
        ),
    )
)
SLOW: Final = Scene(story=replace(BUSY.story, dials={"slack_timeout_before": 0.4}, seed=2))

_NIGHT: Final = STORIES[2]
NIGHT: Final = Scene(story=_NIGHT)
DOWN: Final = Scene(
    story=_NIGHT, dies_after=("slack.chat.postMessage.after", *commits(2)), away=3 * 3600.0
)
"""The desk is away while every step of a ticket comes due."""
ANSWERED: Final = Scene(story=an_answer(seed=2))
ANSWERED_LONG_AGO: Final = Scene(story=an_answer(hours=3.0))
STORED: Final = Scene(story=STORIES[0], dies_after=(*FETCHED, *commits(1)))
"""The desk dies between keeping what came and reading it."""
DECIDED: Final = Scene(story=STORIES[0], dies_after=(*FETCHED, *commits(3)))
"""The desk dies right after it decided that there is a ticket."""
BACK: Final = Scene(story=replace(STORIES[3], shop={"automatic": 1.0}))
THE_SECOND: Final = Scene(
    story=Story(
        name="pages that follow each other",
        hours=1.2,
        shop={"conversations": 4, "overlap": timedelta(minutes=1)},  # type: ignore[dict-item]
    ),
    dies_after=(*FETCHED, *commits(1)),
)
POISONED: Final = Scene(
    story=Story(
        name="unreadable", hours=1.0, shop={"conversations": 4}, dials={"poison": 0.5}, seed=2
    )
)
SHAKY: Final = Scene(
    story=Story(name="a shaky marketplace", hours=1.0, dials={"market_5xx": 0.4}, seed=2)
)
GHOSTS: Final = Scene(
    story=Story(name="dead readers", hours=1.0, dials={"second_worker": 0.5}, seed=2)
)
LOCKED: Final = Scene(story=replace(_NIGHT, dials={"db_locked": 0.3}, seed=2))
IN_CONSOLE: Final = Scene(story=replace(_NIGHT, shop={"in_console": 1.0}))
CHATTY: Final = Scene(story=Story(name="who waits writes again", hours=1.5, seed=3))
CLOCK_BACK: Final = Scene(
    story=Story(
        name="the clock is set",
        hours=0.5,
        wishes=(Wish(at=1795, who=ANNA, what="reply"),),
        dials={"clock_step": 1.0},
        seed=14,
    ),
    tick=30.0,
)
TWO_CLAIMS: Final = Scene(
    story=Story(
        name="two claims",
        hours=0.4,
        wishes=(
            Wish(at=900, who=ANNA, what="claim"),
            Wish(at=930, who=BRUNO, what="claim"),
        ),
        seed=2,
    )
)
_MAILED: Final = Story(
    name="a busy mailbox",
    hours=1.0,
    shop={"conversations": 4},
    dials={"late_visible": 0.5, "duplicate": 0.4},
    by_mail=True,
)
MAILED: Final = Scene(story=_MAILED)
HALF_MAILED: Final = Scene(story=replace(_MAILED, dials={"half_an_answer": 1.0}))
RENUMBERED: Final = Scene(
    story=replace(_MAILED, dials={"uidvalidity": 0.4, "duplicate": 0.4}, seed=2)
)
MAIL_BACK: Final = Scene(story=STORIES[-1])
MAIL_LOST: Final = Scene(
    story=replace(an_answer(market_answer_lost=1.0), by_mail=True, shop={"probes": 0})
)
"""The mail is taken, and nobody says so."""
TWO_AT_WORK: Final = Scene(story=replace(an_answer(), workers=2), idle=4.0)
"""Both know when the answer may go, and are there."""
DOUBLE: Final = Scene(story=an_answer(double_click=1.0))
