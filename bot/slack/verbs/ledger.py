"""The response ledger: what went out and what it stopped, and a lead's word on it."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.card import TicketView
from bot.domain.rulings import Ruling
from bot.errors import DeskError
from bot.language import marked, tr
from bot.slack.blocks.ledger import REASON_FIELD, REASON_LIMIT, RULING_CHOICES
from bot.slack.blocks.rendered import Block
from bot.slack.request import Do, Mistake, Request
from bot.slack.typed_words import INVISIBLE, QUOTES, as_typed, first_word
from bot.slack.verbs.fields import chosen_in, in_words, line_input, select, text_in
from bot.slack.verbs.spec import Form, Group, VerbSpec, View, bare, example_of

LINE_FIELD: Final = "line"
RULING_FIELD: Final = "ruling"

_WORDS: Final[Mapping[str, Ruling]] = {
    "automatic": Ruling.AUTOMATIC,
    "auto": Ruling.AUTOMATIC,
    "person": Ruling.PERSON,
    "human": Ruling.PERSON,
    "elsewhere": Ruling.ELSEWHERE,
}


def _read_correct(do: Do, number: int, rest: str, command: str) -> Request | Mistake:
    example = example_of(command, LEDGER[do].example)
    typed_line, rest = first_word(rest)
    if typed_line.casefold() == "line":
        typed_line, rest = first_word(rest)
    line = _number(typed_line)
    if line is None:
        return Mistake(wrong=tr("Which line? The ledger numbers them."), example=example)
    word, rest = first_word(rest)
    ruling = _WORDS.get(word.casefold())
    if ruling is None:
        # For translators: automatic, person and elsewhere are typed in English.
        wrong = tr("What was it? Say automatic, person or elsewhere.")
        return Mistake(wrong=wrong, example=example)
    reason = as_typed(rest.strip(QUOTES + INVISIBLE))
    if not reason:
        return Mistake(wrong=tr("Why? Say it in a few words at the end."), example=example)
    return Request(do=do, number=number, line=line, ruling=ruling, text=reason[:REASON_LIMIT])


def _number(typed: str) -> int | None:
    digits = typed.strip("#.,:")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else None  # noqa: PLR2004 - no ledger is longer


def _correct_fields(_: TicketView) -> Sequence[Block]:
    hint = tr("As the ledger numbers them: look there first.")
    why = tr("It stays in the ticket's history. Clocks follow at once.")
    return [
        line_input(LINE_FIELD, tr("Line of the ledger"), limit=6, hint=hint),
        select(RULING_FIELD, tr("What was it?"), in_words(RULING_CHOICES), Ruling.AUTOMATIC),
        line_input(REASON_FIELD, tr("Why?"), limit=REASON_LIMIT, hint=why),
    ]


def _correct_typed(number: int, view: View) -> Request:
    line = _number(text_in(view, LINE_FIELD))
    if line is None:
        raise DeskError(tr("Give the number of a line, as the ledger shows it."))
    ruling, reason = Ruling(chosen_in(view, RULING_FIELD)), text_in(view, REASON_FIELD)
    return Request(do=Do.CORRECT, number=number, line=line, ruling=ruling, text=reason)


LEDGER: Final[Mapping[Do, VerbSpec]] = {
    Do.LEDGER: VerbSpec(
        example="ledger 17",
        title=marked("Response ledger: what stopped its clocks"),
        group=Group.LOOK,
        press=marked("Show"),
        read=bare,
    ),
    Do.CORRECT: VerbSpec(
        example="correct 17 line 2 automatic Our autoresponder wrote it.",
        title=marked("Correct a line of the ledger…"),
        group=Group.LOOK,
        press=marked("Correct"),
        read=_read_correct,
        form=Form(fields=_correct_fields, typed=_correct_typed),
    ),
}
