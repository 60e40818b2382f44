"""Macros and drafts as they are shown; one scene of each at its worst."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.configuration.macros import Macro
from bot.db.draft_rows import KeptDraft
from bot.domain.macros import Situation
from bot.domain.similar import Past, Suggestion
from bot.slack.blocks import views
from bot.slack.blocks.macro_fields import Aids
from bot.slack.blocks.macro_views import macro_list, macro_window
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.reply_fields import Draft
from tests.unit.slack.scenes import GIULIA, HOSTILE, MARCO, NOON, a_desk, a_ticket

DESK: Final = a_desk()
HERE: Final = Situation(
    actor=GIULIA, inbox="amazon-it", channels=("amazon",), language="it", topic="return"
)
SHARED: Final = Macro(
    ref="db:7",
    name="reso",
    language="it",
    text="Gentile {customer.first_name|cliente}, il reso è gratuito.",
    channels=("amazon",),
    topics=("return",),
    version=3,
)
OWN: Final = Macro(ref="db:8", name="saluti", text="Saluti, {agent.name}", owner=GIULIA, version=1)
IN_FILE: Final = Macro(
    ref="file:de:danke", name="danke", language="de", text="Danke!", origin="macros/de.toml:2"
)
MACROS: Final = (SHARED, OWN, IN_FILE)
LINK: Final = "https://desk.slack.example/archives/C0AMAZON1/p1770120000000900"
ALIKE: Final = (
    Past(ticket_id=1, number=12, words="", macros=("db:7",), permalink=LINK),
    Past(ticket_id=2, number=31, words="", macros=("db:7",)),
)
OWN_DRAFT: Final = KeptDraft(agent=GIULIA, text="Buongiorno", kept_at=NOON)
HANDED: Final = KeptDraft(agent=MARCO, text="Le rispondo dopo pranzo", kept_at=NOON)
AIDS: Final = Aids(
    here=HERE,
    macros=MACROS,
    suggested=(Suggestion(ref="db:7", tickets=ALIKE),),
    alike=ALIKE,
    own=OWN_DRAFT,
    handed=HANDED,
)

LONG: Final = "word " * 590
MANY: Final = tuple(
    Macro(
        ref=f"file:it:{'x' * 60}{n}",
        name="x" * 40,
        language="it" if n % 2 else "de",
        text=HOSTILE + LONG,
        topics=("return",) if n % 3 else (),
        owner=GIULIA,
    )
    for n in range(240)
)
WORST: Final = replace(
    AIDS,
    macros=MANY,
    suggested=tuple(
        Suggestion(
            ref=macro.ref, tickets=tuple(replace(ALIKE[0], number=10**9 + n) for n in range(9))
        )
        for macro in MANY[:9]
    ),
    handed=replace(HANDED, text=HOSTILE + LONG, agent="U" * 32),
)


def _writing(aids: Aids, **more: Any) -> dict[str, Any]:
    draft = Draft(ticket_id=17, seen=3, fills=2, macros=("db:7",))
    return views.reply_view(a_ticket(), DESK, draft, now=NOON, limit=2000, aids=aids, **more)


MACRO_VIEWS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "view_reply_macros": lambda: _writing(
        AIDS, initial="Buongiorno", lead="“reso” is in the field."
    ),
    "view_macro_new": lambda: macro_window(None, DESK, may_share=False),
    "view_macro": lambda: macro_window(SHARED, DESK, may_share=True),
    "view_macro_second": lambda: macro_window(
        replace(SHARED, approval=True), DESK, may_share=True, may_lift=True
    ),
    "view_macro_second_kept": lambda: macro_window(
        replace(SHARED, approval=True), DESK, may_share=True
    ),
    "view_macro_in_file": lambda: macro_window(IN_FILE, DESK, may_share=True),
}
MACRO_MESSAGES: Final[Mapping[str, Callable[[], Rendered]]] = {
    "macros": lambda: macro_list(MACROS, "", "/ticket"),
    "macros_none": lambda: macro_list((), "", "/ticket"),
}
WORST_VIEWS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "reply": lambda: _writing(WORST, initial="x" * 2000, policy=["x" * 600] * 3, lead="x" * 900),
    "window": lambda: macro_window(
        replace(SHARED, name="x" * 40, text="x" * 3000, channels=("y" * 100,), language="xx"),
        DESK,
        may_share=True,
    ),
    "shown": lambda: macro_window(
        replace(IN_FILE, text=(HOSTILE + LONG)[:3000], origin="z" * 300), DESK, may_share=False
    ),
}
WORST_LIST: Final = MANY
