"""The sentences of a history, whole: who and what stand in them as names in braces."""

from collections.abc import Mapping

from bot.domain.rulings import Ruling
from bot.language import marked
from bot.slack.blocks.log_together import TOGETHER_SENTENCES
from connectors.contract import Verdict
from sla_rules.vocabulary import Waiting

VERDICTS: Mapping[str, str] = {
    Verdict.AUTO_REPLY: marked("automatic reply"),
    Verdict.ACKNOWLEDGEMENT: marked("our own receipt, come back"),
    Verdict.DELIVERY_NOTICE: marked("delivery notice"),
    Verdict.BOUNCE: marked("bounce"),
    Verdict.BULK: marked("newsletter"),
    Verdict.OWN_LOOP: marked("our own mail, come back"),
}
AUTOMATIC = marked("automatic mail")

CORRECTED: Mapping[str, str] = {
    Ruling.AUTOMATIC: marked(
        "{who} corrected line {number} of the ledger: it was automatic ({reason})"
    ),
    Ruling.PERSON: marked(
        "{who} corrected line {number} of the ledger: it was a person's answer ({reason})"
    ),
    Ruling.ELSEWHERE: marked(
        "{who} corrected line {number} of the ledger: it does not belong here ({reason})"
    ),
}
CORRECTED_ELSE = marked(
    "{who} corrected line {number} of the ledger: it was something else ({reason})"
)

WAITING: Mapping[str, tuple[str, str]] = {
    Waiting.CUSTOMER: (
        marked("{who}: waiting for the customer until {time}"),
        marked("{who}: waiting for the customer"),
    ),
    Waiting.THIRD_PARTY: (
        marked("{who}: waiting for a third party until {time}"),
        marked("{who}: waiting for a third party"),
    ),
}
WAITING_ELSE = (
    marked("{who}: waiting for somebody else until {time}"),
    marked("{who}: waiting for somebody else"),
)
"""Until when, and without an end."""

REASONED: Mapping[str, tuple[str, str]] = {
    "reply_failed": (
        marked("{agent}'s answer was not sent: {reason}. The clock runs on."),
        marked("{agent}'s answer was not sent. The clock runs on."),
    ),
    "reply_bounced": (
        marked("The answer came back undelivered: {reason}. The clock runs again."),
        marked("The answer came back undelivered. The clock runs again."),
    ),
    "reply_unsure": (
        marked(
            "It is not certain that {agent}'s answer arrived: {reason}. Threadline will not send "
            "it again by itself: look in {place}, then say which."
        ),
        marked(
            "It is not certain that {agent}'s answer arrived. Threadline will not send "
            "it again by itself: look in {place}, then say which."
        ),
    ),
    "resolved": (marked("{who} resolved it: {reason}."), marked("{who} resolved it")),
    "claim_closed": (
        marked("{place} closed the claim: {reason}."),
        marked("{place} closed the claim."),
    ),
}
"""Those that may tell why: with a reason, and without one."""

SENTENCES: Mapping[str, str] = {
    "opened": marked("Ticket opened"),
    "customer_wrote": marked("The customer wrote"),
    "claimed": marked("{who} claimed it"),
    "taken_over": marked("{who} took over from {giver}"),
    "released": marked("{who} released it"),
    "assigned": marked("{who} assigned it to {taker}"),
    "reply_undone": marked("{who} took the answer back before it went out"),
    "reply_sent": marked("{agent} answered the customer"),
    "no_answer_needed": marked("{who} marked it: no answer needed"),
    "note": marked("Note from {who}, stays internal"),
    "went_on": marked("{who} ended the wait: every clock runs"),
    "wait_ended": marked("The wait is over: every clock runs"),
    "snooze_ended": marked("The snooze is over: warnings come again"),
    "acknowledged": marked("{who} is on it"),
    "breach": marked("Missed: a deadline"),
    "orders_forgotten": marked("orders forgotten by {who}"),
    "words_shown": marked("words shown by {who}"),
    "words_removed": marked("The words of this conversation were removed"),
    "approved": marked("{who} let {agent}'s answer out"),
    "owner_left": marked("{giver} may not work on it any more: it has no owner now"),
    "rating_explained": marked("The customer says about their rating"),
    **TOGETHER_SENTENCES,
}
"""Those that only name somebody, as `names_in` does."""
