"""The modals of the next step: whom the ticket waits for and until when, and what it really is."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ViewId
from bot.slack.blocks.clock_words import topic_words
from bot.slack.blocks.rendered import Block
from bot.slack.text import one_line
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Stage, Waiting

ON_FIELD = "on"
UNTIL_FIELD = "until"
RISK_FIELD = "risk"
STAGE_FIELD = "stage"
TOPIC_FIELD = "topic"
VIP_FIELD = "vip"
TAGS_FIELD = "tags"

SNOOZE: Final = "snooze"
"""What waits for nobody: only the warnings are silent."""

FOREVER: Final = "-"

_ON: Final[Mapping[str, str]] = {
    Waiting.CUSTOMER: "The customer has to answer us",
    Waiting.THIRD_PARTY: "A carrier, supplier or other third party",
    SNOOZE: "Nobody: only silence the warnings",
}
_UNTIL: Final[Mapping[str, str]] = {
    FOREVER: "Until somebody continues it",
    "1h": "For 1 hour",
    "4h": "For 4 hours",
    "tomorrow 9:00": "Until tomorrow 9:00",
    "3d": "For 3 days",
    "7d": "For 7 days",
}
_HINT: Final = (
    "Clocks whose rule allows it stand still. A platform's limit never does. "
    "What the customer writes ends a wait for them."
)


def wait_view(ticket: TicketView) -> Block:
    """Choose who has the next step, and until when."""
    blocks = [
        _about(ticket),
        _select(ON_FIELD, "Who has the next step?", _ON, Waiting.CUSTOMER, hint=_HINT),
        _select(UNTIL_FIELD, "For how long?", _UNTIL, FOREVER),
    ]
    title = f"Wait with #{ticket.number}"
    return kit.modal(ViewId.WAIT, title, blocks, metadata=str(ticket.id), submit="Wait")


def class_view(ticket: TicketView) -> Block:
    """Correct what rules look at; clocks follow at once."""
    risks = {str(risk): str(risk) for risk in Risk}
    stages: Mapping[str, str] = {
        Stage.PRE_SALE: "before buying",
        Stage.POST_SALE: "after buying",
        Stage.UNKNOWN: "not known",
    }
    topics = {str(topic): topic_words(topic) for topic in Topic}
    hint = "Deadlines follow at once, from the same start. The next window shows what moved."
    blocks = [
        _about(ticket),
        _select(RISK_FIELD, "Risk", risks, ticket.risk, hint=hint),
        _select(STAGE_FIELD, "Stage", stages, ticket.stage),
        _select(TOPIC_FIELD, "About", topics, ticket.topic),
        _select(VIP_FIELD, "VIP", {"yes": "yes", "no": "no"}, "yes" if ticket.vip else "no"),
        _tags(ticket.tags),
    ]
    title = f"Class of #{ticket.number}"
    return kit.modal(ViewId.CLASS, title, blocks, metadata=str(ticket.id), submit="Change")


def _about(ticket: TicketView) -> Block:
    return kit.rich(kit.line(kit.words(f"#{ticket.number} · {one_line(ticket.subject, 150)}")))


def _select(
    field: str, label: str, choices: Mapping[str, str], initial: str, *, hint: str = ""
) -> Block:
    options = {
        str(value): {"text": kit.plain(text, kit.OPTION_LIMIT), "value": str(value)}
        for value, text in choices.items()
    }
    block: Block = {
        "type": "input",
        "block_id": field,
        "label": kit.plain(label),
        "element": {
            "type": "static_select",
            "action_id": field,
            "options": list(options.values()),
            "initial_option": options[str(initial)],
        },
    }
    return block | {"hint": kit.plain(hint, 1900)} if hint else block


def _tags(tags: Sequence[str]) -> Block:
    field: Block = {"type": "plain_text_input", "action_id": TAGS_FIELD, "max_length": 400}
    if tags:
        field["initial_value"] = one_line(", ".join(tags), 400)
    return {
        "type": "input",
        "block_id": TAGS_FIELD,
        "optional": True,
        "label": kit.plain("Tags"),
        "hint": kit.plain("With commas between them.", 1900),
        "element": field,
    }
