"""What a request to the JSON API asks for: every parameter read and checked, none of them ignored."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn

from starlette.requests import Request

from bot.domain.desk import Desk
from bot.reports.question import Dimension, Question, QuestionError
from bot.web.problems import Problem, Refused

DEFAULT_PERIOD: Final = "7d"
DEFAULT_LISTED: Final = 50
MOST_LISTED: Final = 500

_SHOWN: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRiskAsked:
    """Which inboxes (by name), and how many tickets at most."""

    inboxes: frozenset[str]
    limit: int


def question_of(request: Request, desk: Desk, now: datetime) -> Question:
    """The question of `period`, `by` and `inbox`. Raises Refused."""
    _only(request, ("period", "by", "inbox"))
    from bot.reports.asking import read_question  # noqa: PLC0415 - only whoever asks pays for it

    text = _one(request, "period", DEFAULT_PERIOD)
    try:
        period, cut = read_question(text, now=now, zone=desk.timezone, default=DEFAULT_PERIOD)
    except QuestionError as exc:
        _refuse("period", str(exc), "30d")
    if cut is not None:
        _refuse("period", "A cut has a parameter of its own.", f"30d&by={cut}")
    by = _dimension(request, desk)
    return Question(
        period=period,
        by=by,
        inboxes=_inboxes(request, desk),
        names_people=desk.rank_people,
    )


def at_risk_of(request: Request, desk: Desk) -> AtRiskAsked:
    """Which tickets are asked for by `inbox` and `limit`. Raises Refused."""
    _only(request, ("inbox", "limit"))
    text = _one(request, "limit", str(DEFAULT_LISTED))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_LISTED):
        _refuse("limit", f"It is a whole number from 1 to {MOST_LISTED}.", "50")
    return AtRiskAsked(inboxes=_inboxes(request, desk) or frozenset(desk.inboxes), limit=int(text))


def inboxes_of(request: Request, desk: Desk) -> frozenset[str]:
    """The inboxes asked for by `inbox`, every one where none is named. Raises Refused."""
    _only(request, ("inbox",))
    return _inboxes(request, desk) or frozenset(desk.inboxes)


def nothing_asked(request: Request) -> None:
    """There is nothing to ask for here. Raises Refused."""
    _only(request, ())


def _dimension(request: Request, desk: Desk) -> Dimension | None:
    text = _one(request, "by", "")
    if not text and "by" not in request.query_params:
        return None
    if text not in set(Dimension):
        _refuse("by", f"Figures can be cut by {', '.join(Dimension)}.", "channel")
    by = Dimension(text)
    if by is Dimension.AGENT and not desk.rank_people:
        raise Refused(
            Problem(
                status=403,
                detail="Figures are told apart by person only where the owner has written "
                "rank_people = true in [desk] of the settings file.",
                parameter="by",
                example="channel",
            )
        )
    return by


def _inboxes(request: Request, desk: Desk) -> frozenset[str] | None:
    named = request.query_params.getlist("inbox")
    unknown = [each for each in named if each not in desk.inboxes]
    if unknown:
        known = sorted(desk.inboxes)
        _refuse(
            "inbox",
            f"There is no inbox of that name. There are: {', '.join(known) or 'none'}.",
            known[0] if known else "amazon-it",
        )
    return frozenset(named) or None


def _one(request: Request, name: str, default: str) -> str:
    given = request.query_params.getlist(name)
    if len(given) > 1:
        _refuse(name, "It is given more than once.", default or "channel")
    return given[0] if given else default


def _only(request: Request, known: Collection[str]) -> None:
    for name in request.query_params:
        if name not in known:
            takes = f"It takes {', '.join(known)}." if known else "It takes none."
            _refuse(name[:_SHOWN], f"This address has no such parameter. {takes}", None)


def _refuse(parameter: str, detail: str, example: str | None) -> NoReturn:
    raise Refused(
        Problem(
            status=400,
            detail=f"{parameter}: {detail}",
            parameter=parameter,
            example=f"{parameter}={example}" if example else None,
        )
    )
