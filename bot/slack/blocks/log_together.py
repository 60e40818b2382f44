"""Lines of what colleagues do with and for each other: hand over, escalate, link, merge, undo."""

from collections.abc import Callable, Mapping, Sequence

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.language import marked, tr, tr_parts
from bot.slack.blocks.log_words import fact, instant, named, names_in, who
from bot.slack.blocks.parts import Part

Line = Callable[[TicketView, EventView, Desk], str | Sequence[Part]]

TOGETHER_SENTENCES: Mapping[str, str] = {
    "transferred": marked("{who} hands it over to {taker}"),
    "deescalated": marked("{who} takes care of it: not escalated any more"),
    "linked": marked("{who} linked it with {other}"),
    "unlinked": marked("{who} took away its link with {other}"),
    "merged": marked("{who} merged it into {other}: the conversation goes on there"),
    "merged_in": marked(
        "{who} merged {other} into it: what the customer writes there arrives here"
    ),
    "unmerged": marked("{who} separated it from {other} again"),
    "unmerged_from": marked("{who} separated {other} from it again"),
    "split_off": marked("{who} split off the newest message: it is {other} now"),
    "split_from": marked("{who} split it off {other}"),
}
"""Those that only name somebody, as `names_in` does."""

_TAKEN_BACK: Mapping[str, str] = {
    "claimed": marked("{who} took it back: claim"),
    "taken_over": marked("{who} took it back: taking over"),
    "released": marked("{who} took it back: release"),
    "assigned": marked("{who} took it back: assignment"),
    "transferred": marked("{who} took it back: transfer"),
    "resolved": marked("{who} took it back: resolution"),
    "no_answer_needed": marked("{who} took it back: no answer needed"),
    "reclassified": marked("{who} took it back: change of class"),
    "snoozed": marked("{who} took it back: snooze"),
    "waiting": marked("{who} took it back: wait"),
}
_LAST_STEP = marked("{who} took it back: last step")


def _escalated(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return tr("🚨 {who} escalated it: {reason}", who=who(event, desk), reason=fact(event, "reason"))


def _customer_tagged(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    tags = fact(event, "tags")
    if event.data.get("gone"):
        return tr("{who} took away a tag of the customer: {tags}", who=who(event, desk), tags=tags)
    return tr("{who} tagged the customer: {tags}", who=who(event, desk), tags=tags)


def _taken_back(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    return tr(_TAKEN_BACK.get(fact(event, "of"), _LAST_STEP), **names_in(event, desk))


def _claim_expired(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    if event.data.get("given"):
        return tr(
            "{giver} was given it and did nothing since. It is unclaimed again.",
            **names_in(event, desk),
        )
    return tr(
        "{giver}'s claim has ended: nothing was done since. It is unclaimed again.",
        **names_in(event, desk),
    )


def _claim_ends_soon(_ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    agent: Part = named(event.data.get("agent"), desk)
    at = instant(event, "ends_at")
    if at is not None and event.data.get("given"):
        return tr_parts(
            "{agent} was given it and did nothing since: it is unclaimed again {time}. "
            "An answer, a note, a wait or a snooze keeps it.",
            agent=agent,
            time=at,
        )
    if at is None:
        return tr_parts(
            "{agent}'s claim ends soon, because nothing was done since. "
            "An answer, a note, a wait or a snooze keeps it.",
            agent=agent,
        )
    return tr_parts(
        "{agent}'s claim ends {time}, because nothing was done since. "
        "An answer, a note, a wait or a snooze keeps it.",
        agent=agent,
        time=at,
    )


TOGETHER: Mapping[str, Line] = {
    "escalated": _escalated,
    "undone": _taken_back,
    "customer_tagged": _customer_tagged,
    "claim_ends_soon": _claim_ends_soon,
    "claim_expired": _claim_expired,
}
