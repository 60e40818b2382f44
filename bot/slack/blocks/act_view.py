"""The window that can do everything to a ticket: choose a verb, fill in what it needs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bot.domain.card import TicketView
from bot.language import tr
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId
from bot.slack.blocks.rendered import Block
from bot.slack.request import Do
from bot.slack.text import one_line
from bot.slack.verbs.spec import Group
from bot.slack.verbs.table import VERBS


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the window is about. `choosing`: the verb was not given, so the window lists them.

    `seen` is the newest event of the ticket when the window was opened; None: not known.
    """

    ticket_id: int
    do: Do | None = None
    choosing: bool = False
    seen: int | None = None

    def dump(self) -> str:
        """As a view's `private_metadata`."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, metadata: str) -> "Act":
        """Back from a view's `private_metadata`. Raises ValueError for another version's."""
        kept = json.loads(metadata)
        do = Do(kept["do"]) if kept["do"] else None
        return cls(
            ticket_id=int(kept["ticket_id"]),
            do=do,
            choosing=bool(kept["choosing"]),
            seen=kept.get("seen"),
        )


def act_view(ticket: TicketView, act: Act) -> Block:
    """The window at this choice; before one is made there is nothing to submit."""
    about = f"#{ticket.number} · {one_line(ticket.subject, 150)}"
    blocks: list[Block] = [kit.rich(kit.line(kit.words(about)))]
    if act.choosing:
        blocks.append(_choice(ticket, act.do))
    verb = VERBS[act.do] if act.do else None
    if verb is not None and verb.form is not None:
        blocks += verb.form.fields(ticket)
    return kit.modal(
        ViewId.ACT,
        # For translators: a window's title, of at most 24 characters with a number of five figures.
        tr("Ticket #{number}", number=ticket.number),
        blocks,
        metadata=act.dump(),
        submit=tr(verb.press) if verb else None,
    )


def _choice(ticket: TicketView, chosen: Do | None) -> Block:
    select: Block = {
        "type": "static_select",
        "action_id": str(ActionId.ACT_CHOSEN),
        "placeholder": kit.plain(tr("What to do?")),
        "option_groups": [
            {"label": kit.plain(tr(group)), "options": options}
            for group in Group
            if (options := _options(ticket, group))
        ],
    }
    # What a colleague made pointless meanwhile is not listed: submitting says what happened.
    if chosen is not None and VERBS[chosen].offered(ticket):
        select["initial_option"] = _option(chosen)
    return {"type": "actions", "block_id": str(ActionId.ACT_CHOSEN), "elements": [select]}


def _options(ticket: TicketView, group: Group) -> Sequence[Block]:
    return [
        _option(do) for do, verb in VERBS.items() if verb.group is group and verb.offered(ticket)
    ]


def _option(do: Do) -> Block:
    return {"text": kit.plain(tr(VERBS[do].title), kit.OPTION_LIMIT), "value": str(do)}
