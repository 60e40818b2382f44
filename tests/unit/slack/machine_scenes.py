"""What a language model offers and writes, as it is shown; one scene of each at its worst."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.assist.llm.checking import Checked, Removed
from bot.assist.llm.traces import Kind
from bot.assist.llm.uses import Use
from bot.configuration.macros import Macro
from bot.domain.machine import Origin
from bot.domain.macros import Situation
from bot.domain.opportunity import Hint, Reason
from bot.domain.similar import Suggestion
from bot.slack.blocks import machine, views
from bot.slack.blocks.machine import Asked, Offer
from bot.slack.blocks.macro_fields import Aids
from bot.slack.blocks.reply_fields import Draft
from tests.unit.slack.scenes import GIULIA, HOSTILE, NOON, a_desk, a_ticket

ORIGIN: Final = Origin.of(Use.DRAFT, "qwen3:8b", "Buongiorno").dump()
ASKED: Final = Asked(
    use=Use.DRAFT, under="V0REPLY11", draft=Draft(ticket_id=17, seen=3).dump(), typed=True, origin=ORIGIN
)  # fmt: skip
FOUND: Final = Checked(
    text="Buongiorno, il pacco è in viaggio. ⟦promise⟧",
    removed=(Removed(kind=Kind.PROMISE, said="Le abbiamo rimborsato 500 €."),),
)
MEANT: Final = Macro(ref="db:9", name="dove", text="Ecco", intents=("where_is_order",))
AIDS: Final = Aids(
    here=Situation(
        actor=GIULIA, inbox="shop", channels=("website",), language="it", topic="other",
        intent="where_is_order",
    ),
    macros=(MEANT,),
    suggested=(Suggestion(ref="db:9", tickets=()),),
    offer=Offer(uses=frozenset(Use), aside=True),
    hint=Hint(
        reason=Reason.COMPANION, bought="Desk lamp", companion="bulb", sentence="It is not in the box."
    ),
)  # fmt: skip


def _result(use: Use, found: Checked, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"limit": 2000, "warnings": (), "cut": False} | more
    return machine.result_view(replace(ASKED, use=use), found, "qwen3:8b", **told)


def _writing(aids: Aids) -> dict[str, Any]:
    draft = Draft(ticket_id=17, seen=3, fills=1, machine=ORIGIN)
    return views.reply_view(
        a_ticket(), a_desk(), draft, now=NOON, limit=2000, aids=aids, initial="Buongiorno"
    )


MACHINE_VIEWS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "view_reply_machine": lambda: _writing(AIDS),
    "view_machine_waiting": lambda: machine.waiting_view(Use.DRAFT, 30),
    "view_machine_draft": lambda: _result(
        Use.DRAFT, FOUND, cut=True, warnings=["Amazon forbids links."]
    ),
    "view_machine_translated": lambda: _result(
        Use.ANSWER, replace(FOUND, removed=(), lost=("20",))
    ),
    "view_machine_summary": lambda: _result(Use.SUMMARY, Checked(text="- Asks for the parcel.")),
    "view_machine_trouble": lambda: machine.trouble_view(Use.WORDS, "The machine did not answer."),
}
_WORST_FOUND: Final = Checked(
    text=(HOSTILE * 30)[:3000],
    removed=tuple(Removed(kind=kind, said=HOSTILE * 9) for kind in Kind) * 3,
    lost=("9" * 60,) * 60,
)
WORST_MACHINE_VIEWS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "draft": lambda: machine.result_view(
        replace(ASKED, draft="x" * 2400, origin="o" * 120), _WORST_FOUND, HOSTILE * 9,
        limit=3000, warnings=[HOSTILE * 3] * 8, cut=True,
    ),
    "summary": lambda: _result(Use.SUMMARY, replace(_WORST_FOUND, text="&" * 3000)),
    "window": lambda: _writing(
        replace(AIDS, hint=Hint(reason=Reason.COMPANION, bought=HOSTILE * 3, companion=HOSTILE * 3, sentence=HOSTILE * 3))
    ),
}  # fmt: skip
