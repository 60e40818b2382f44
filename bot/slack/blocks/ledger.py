"""The response ledger as people read it: each line with its verdict, what it stopped, and who judged."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.ledger import LedgerLine, Taken, WhyNone, refusal
from bot.domain.platforms import platform
from bot.domain.reasons import said_reason
from bot.domain.rulings import Correction, Ruling
from bot.language import marked, tr
from bot.language.forms import led
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId, joined
from bot.slack.blocks.clock_words import promise_name
from bot.slack.blocks.log_words import named
from bot.slack.blocks.machine import drafted_words
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import moment, sentence
from bot.slack.text import one_line, spoken
from sla_rules.vocabulary import Scope

LINES_SHOWN: Final = 20
"""On one page; with the menu that corrects each of them they fill a message of fifty blocks."""

REASON_FIELD: Final = "reason"
REASON_LIMIT: Final = 300

RULING_CHOICES: Final[Mapping[str, str]] = {
    Ruling.AUTOMATIC: marked("This was automatic"),
    Ruling.PERSON: marked("This was a person's answer"),
    Ruling.ELSEWHERE: marked("This does not belong here"),
}

RULING_WORDS: Final[Mapping[Ruling, str]] = {
    # For translators: of a line of the ledger, which is an answer or a mail that came by itself.
    Ruling.AUTOMATIC: marked("it was automatic"),
    Ruling.PERSON: marked("it was a person's answer"),
    Ruling.ELSEWHERE: marked("it does not belong here"),
}
_TAKEN: Final[Mapping[Taken, str]] = {
    Taken.RECEIPT: marked("Our own receipt, come back, as Threadline judged."),
    Taken.OWN_MAIL: marked("Our own mail, come back, as Threadline judged."),
    Taken.BOUNCE: marked("A bounce, as Threadline judged."),
    Taken.AUTOMATIC: marked("Automatic mail, as Threadline judged."),
}
_TAKEN_BECAUSE: Final[Mapping[Taken, str]] = {
    Taken.RECEIPT: marked("Our own receipt, come back, as Threadline judged ({reason})."),
    Taken.OWN_MAIL: marked("Our own mail, come back, as Threadline judged ({reason})."),
    Taken.BOUNCE: marked("A bounce, as Threadline judged ({reason})."),
    Taken.AUTOMATIC: marked("Automatic mail, as Threadline judged ({reason})."),
}
_WHY_NONE: Final[Mapping[WhyNone, str]] = {
    # For translators: “It” is an answer, or a mail that came by itself.
    WhyNone.ELSEWHERE: marked("It stopped no clock: it belongs to another conversation."),
    WhyNone.ON_ITS_WAY: marked("It stopped no clock: it is on its way."),
    WhyNone.TAKEN_BACK: marked("It stopped no clock: it was taken back before it went out."),
    WhyNone.NOT_SENT: marked("It stopped no clock: it was not sent."),
    WhyNone.UNSURE: marked("It stopped no clock: nobody knows whether it arrived."),
    WhyNone.BOUNCED: marked("It stopped no clock: it came back undelivered."),
    WhyNone.THEIRS: marked("It stopped no clock: it is no answer of ours."),
    WhyNone.AUTOMATIC: marked("It stopped no clock: no person wrote it."),
    WhyNone.NOBODY_WAITED: marked("It stopped no clock: nobody waited for it."),
}
# For translators: {promise} is such as “Amazon limit” or “Our resolution target”.
_LATE: Final = marked("{promise} late")
_IN_TIME: Final = marked("{promise} in time")


def render_ledger(
    ticket: TicketView,
    lines: Sequence[LedgerLine],
    desk: Desk,
    *,
    page: int = 0,
    corrects: bool = False,
) -> Rendered:
    """A page of it, oldest first; page 0 has the newest lines.

    With `corrects` each line that can be something else has a menu that says what.
    """
    if not lines:
        nothing = tr(
            "#{number}: nothing went out yet, and nothing came by itself.", number=ticket.number
        )
        return Rendered(text=nothing, blocks=[kit.rich(kit.line(kit.words(nothing)))])
    head = tr("#{number}: what went out, and what stopped its clocks", number=ticket.number)
    last_page = (len(lines) - 1) // LINES_SHOWN
    page = min(max(page, 0), last_page)
    end = len(lines) - page * LINES_SHOWN
    shown = lines[max(0, end - LINES_SHOWN) : end]
    blocks = [kit.rich(kit.line(kit.words(head, bold=True)))]
    for each in shown:
        blocks.append(kit.rich(kit.line(*_line(each, ticket, desk))))
        menu = _menu(each, ticket) if corrects else None
        if menu is not None:
            blocks.append(kit.actions(menu))
    pager = [*_pager(ticket, page, last_page)]
    if pager:
        blocks.append(kit.actions(*pager))
    # For translators: “correct … automatic” is typed in English.
    hint = tr(
        "A lead corrects a line with: correct {number} line {line} automatic, and why.",
        number=ticket.number,
        line=shown[-1].number,
    )
    text = f"{head}. {' '.join(_spoken(each, ticket, desk) for each in shown[-3:])}"
    return Rendered(text=spoken(text, 900), blocks=[*_joined(blocks), kit.context(hint)])


def _joined(blocks: Sequence[Block]) -> Iterator[Block]:
    """Lines with nothing between them are one block, as long as Slack takes it."""
    kept: list[Block] = []
    for block in blocks:
        if block["type"] != "rich_text":
            yield from _one(kept)
            yield block
            kept = []
        else:
            kept.append(block)
    yield from _one(kept)


def _one(kept: Sequence[Block]) -> Iterator[Block]:
    if kept:
        yield kit.rich(*(part for block in kept for part in block["elements"]))


def _menu(line: LedgerLine, ticket: TicketView) -> Block | None:
    possible = [ruling for ruling in Ruling if refusal(line, ruling) is None]
    if not possible:
        return None
    options = [
        {
            "text": kit.plain(tr(RULING_CHOICES[ruling]), kit.OPTION_LIMIT),
            "value": joined(ticket.id, line.number, ruling),
        }
        for ruling in possible
    ]
    # For translators: a menu, at most 40 characters; it says what the line really was.
    placeholder = tr("Correct line {line}…", line=line.number)
    return {
        "type": "static_select",
        "action_id": str(ActionId.LEDGER_LINE),
        "placeholder": kit.plain(placeholder, 143),
        "options": options,
    }


def _pager(ticket: TicketView, page: int, last_page: int) -> Iterator[Block]:
    if page < last_page:
        # For translators: a button, at most 25 characters; lines of the ledger.
        yield _turn(ticket, page + 1, tr("Older lines"))
    if page:
        # For translators: a button, at most 25 characters; lines of the ledger.
        yield _turn(ticket, page - 1, tr("Newer lines"))


def _turn(ticket: TicketView, page: int, text: str) -> Block:
    button = kit.button(ActionId.LEDGER_PAGE, text, joined(ticket.id, page))
    return button | {"action_id": f"{ActionId.LEDGER_PAGE}_{page}"}


def reason_view(ticket: TicketView, line: int, ruling: Ruling) -> Block:
    """The window that asks why a line was something else."""
    # For translators: “This was automatic”, or the like, follows.
    said = tr("Line {line} of #{number}:", line=line, number=ticket.number)
    hint = tr("It stays in the ticket's history. Clocks follow at once.")
    return kit.modal(
        ViewId.LEDGER_REASON,
        # For translators: at most 24 characters.
        tr("Correct a line"),
        [
            kit.rich(kit.line(kit.words(f"{said} {tr(RULING_CHOICES[ruling])}"))),
            kit.text_input(REASON_FIELD, tr("Why?"), limit=REASON_LIMIT, hint=hint),
        ],
        metadata=joined(ticket.id, line, ruling),
        submit=tr("Correct"),
    )


def _line(line: LedgerLine, ticket: TicketView, desk: Desk) -> Iterator[Block]:
    at = line.entry.at
    yield kit.words(f"{line.number}. ", bold=True)
    yield kit.date(at, "{date_short_pretty} {time}", fallback=moment(at, desk), opens=True)
    yield kit.words(f"  {_told(line, ticket, desk)}")


def _spoken(line: LedgerLine, ticket: TicketView, desk: Desk) -> str:
    return led(str(line.number)) + _told(line, ticket, desk)


def _told(line: LedgerLine, ticket: TicketView, desk: Desk) -> str:
    said = [_verdict(line, ticket, desk), _effect(line, ticket)]
    if line.entry.model:
        said.insert(1, drafted_words(line.entry.model, edited=line.entry.edited))
    if line.correction is not None:
        said.append(_correction(line.correction, desk))
    return " ".join(said)


def _verdict(line: LedgerLine, ticket: TicketView, desk: Desk) -> str:
    entry = line.entry
    match entry.taken:
        case Taken.ANSWER:
            return tr("An answer that {who} sent from here.", who=named(entry.agent, desk))
        case Taken.COPY:
            return tr(
                "An answer given in {marketplace} itself, which showed it.",
                marketplace=platform(ticket.connector),
            )
        case Taken.ATTESTED:
            return tr("An answer given elsewhere, on {who}'s word.", who=named(entry.agent, desk))
        case _:
            reason = one_line(said_reason(entry.reason), 160).rstrip(".")
            return tr((_TAKEN_BECAUSE if reason else _TAKEN)[entry.taken], reason=reason)


def _effect(line: LedgerLine, ticket: TicketView) -> str:
    if line.why_none is not None:
        return tr(_WHY_NONE[line.why_none])
    clocks = ", ".join(
        tr(
            _LATE if each.late else _IN_TIME,
            promise=promise_name(each.metric, Scope(each.scope), ticket),
        )
        for each in line.stopped
    )
    if line.counts is Ruling.AUTOMATIC:
        return tr(
            "It stopped: {clocks}, because the policy counts automatic answers.", clocks=clocks
        )
    return tr("It stopped: {clocks}.", clocks=clocks)


def _correction(correction: Correction, desk: Desk) -> str:
    reason = one_line(correction.reason, 160).rstrip(".")
    by = sentence(named(correction.by, desk)).rstrip(".")
    return tr(
        "{who} said of it: {ruling} ({reason}).",
        who=by,
        ruling=tr(RULING_WORDS[correction.ruling]),
        reason=reason,
    )
