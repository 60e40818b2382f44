"""A hint to the agent alone, with its reason, on one line. It is never put into an answer by itself."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.domain.opportunity import Hint, Reason
from bot.language import tr, tr_many
from bot.language.forms import amount
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.text import one_line


def hint_blocks(hint: Hint | None) -> list[Block]:
    """The line; nothing where there is no hint."""
    return [kit.context(f"💡 {_WORDS[hint.reason](hint)}")] if hint is not None else []


def _companion(hint: Hint) -> str:
    return tr(
        "For you alone: “{companion}” goes with “{bought}”, which they bought. {sentence}",
        companion=one_line(hint.companion, 100),
        bought=one_line(hint.bought, 100),
        sentence=one_line(hint.sentence, 200),
    )


def _many(hint: Hint) -> str:
    return tr_many(
        "For you alone: a loyal customer, {count} order so far.",
        "For you alone: a loyal customer, {count} orders so far.",
        hint.orders or 0,
    )


def _much(hint: Hint) -> str:
    spent = amount(hint.spent.amount, one_line(hint.spent.currency, 3)) if hint.spent else ""
    return tr("For you alone: a loyal customer, who has spent {amount} so far.", amount=spent)


_WORDS: Final[Mapping[Reason, Callable[[Hint], str]]] = {
    Reason.COMPANION: _companion,
    Reason.VIP: lambda _hint: tr("For you alone: this is a VIP customer."),
    Reason.MANY_ORDERS: _many,
    Reason.SPENT_MUCH: _much,
}
