"""The response ledger as people read it: each line with its verdict, what it stopped, and who judged."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.ledger import LedgerLine, Taken, WhyNone
from bot.domain.rulings import Correction, Ruling
from bot.slack.blocks import kit
from bot.slack.blocks.clock_words import promise_name
from bot.slack.blocks.log_words import named
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import moment, platform, sentence
from bot.slack.text import one_line, spoken
from sla_rules.vocabulary import Scope

LINES_SHOWN: Final = 30
"""The newest ones; the numbers say how many there are before them."""

RULING_WORDS: Final[Mapping[Ruling, str]] = {
    Ruling.AUTOMATIC: "it was automatic",
    Ruling.PERSON: "it was a person's answer",
    Ruling.ELSEWHERE: "it does not belong here",
}
_TAKEN: Final[Mapping[Taken, str]] = {
    Taken.RECEIPT: "Our own receipt, come back",
    Taken.OWN_MAIL: "Our own mail, come back",
    Taken.BOUNCE: "A bounce",
    Taken.AUTOMATIC: "Automatic mail",
}
_WHY_NONE: Final[Mapping[WhyNone, str]] = {
    WhyNone.ELSEWHERE: "it belongs to another conversation",
    WhyNone.ON_ITS_WAY: "it is on its way",
    WhyNone.TAKEN_BACK: "it was taken back before it went out",
    WhyNone.NOT_SENT: "it was not sent",
    WhyNone.UNSURE: "nobody knows whether it arrived",
    WhyNone.BOUNCED: "it came back undelivered",
    WhyNone.THEIRS: "it is no answer of ours",
    WhyNone.AUTOMATIC: "no person wrote it",
    WhyNone.NOBODY_WAITED: "nobody waited for it",
}


def render_ledger(ticket: TicketView, lines: Sequence[LedgerLine], desk: Desk) -> Rendered:
    """Every line, oldest first; of very many the newest."""
    if not lines:
        nothing = f"#{ticket.number}: nothing went out yet, and nothing came by itself."
        return Rendered(text=nothing, blocks=[kit.rich(kit.line(kit.words(nothing)))])
    head = f"#{ticket.number}: what went out, and what stopped its clocks"
    shown = lines[-LINES_SHOWN:]
    parts = [kit.line(kit.words(head, bold=True))]
    if len(shown) < len(lines):
        earlier = f"Lines 1 to {len(lines) - len(shown)} are older and not shown."
        parts.append(kit.line(kit.words(earlier)))
    parts += [kit.line(*_line(each, ticket, desk)) for each in shown]
    newest = shown[-1].number
    hint = f"A lead corrects a line with: correct {ticket.number} line {newest} automatic, and why."
    text = f"{head}. {' '.join(_spoken(each, ticket, desk) for each in shown[-3:])}"
    return Rendered(text=spoken(text, 900), blocks=[kit.rich(*parts), kit.context(hint)])


def _line(line: LedgerLine, ticket: TicketView, desk: Desk) -> Iterator[Block]:
    at = line.entry.at
    yield kit.words(f"{line.number}. ", bold=True)
    yield kit.date(at, "{date_short_pretty} {time}", fallback=moment(at, desk))
    yield kit.words(f"  {_told(line, ticket, desk)}")


def _spoken(line: LedgerLine, ticket: TicketView, desk: Desk) -> str:
    return f"{line.number}: {_told(line, ticket, desk)}"


def _told(line: LedgerLine, ticket: TicketView, desk: Desk) -> str:
    said = [_verdict(line, ticket, desk), _effect(line, ticket)]
    if line.correction is not None:
        said.append(_correction(line.correction, desk))
    return " ".join(said)


def _verdict(line: LedgerLine, ticket: TicketView, desk: Desk) -> str:
    entry = line.entry
    match entry.taken:
        case Taken.ANSWER:
            return f"An answer that {named(entry.agent, desk)} sent from here."
        case Taken.COPY:
            return f"An answer given in {platform(ticket.connector)} itself, which showed it."
        case Taken.ATTESTED:
            agent = named(entry.agent, desk)
            return f"An answer given elsewhere, on {agent}'s word."
        case _:
            reason = one_line(entry.reason, 160).rstrip(".")
            why = f" ({reason})" if reason else ""
            return f"{_TAKEN[entry.taken]}, as Threadline judged{why}."


def _effect(line: LedgerLine, ticket: TicketView) -> str:
    if line.why_none is not None:
        return f"It stopped no clock: {_WHY_NONE[line.why_none]}."
    names = [
        f"{promise_name(each.metric, Scope(each.scope), ticket)} {'late' if each.late else 'in time'}"
        for each in line.stopped
    ]
    by_rule = ", because the policy counts automatic answers"
    return f"It stopped: {', '.join(names)}{by_rule if line.counts is Ruling.AUTOMATIC else ''}."


def _correction(correction: Correction, desk: Desk) -> str:
    reason = one_line(correction.reason, 160).rstrip(".")
    by = sentence(named(correction.by, desk)).rstrip(".")
    return f"{by} said of it: {RULING_WORDS[correction.ruling]} ({reason})."
