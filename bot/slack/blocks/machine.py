"""What a language model is asked for and what it wrote, always said to be a machine's, to one person."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.assist.llm.checking import Checked
from bot.assist.llm.uses import FOR_THE_CUSTOMER, HELP_OF, Use
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.machine import MARKS, Origin, customer_language
from bot.language import marked, spoken_now, tr, tr_as, tr_many
from bot.language.forms import led, quoted
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId
from bot.slack.blocks.rendered import Block
from bot.slack.text import one_line

TEXT_FIELD: Final = "machine_text"
_REMOVED_SHOWN: Final = 8
_SAID_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an agent can ask for in the window of an answer; `aside`: their own words can come back."""

    uses: frozenset[Use] = frozenset()
    aside: bool = False

    def to_read(self) -> "Offer":
        """What of it makes sense where nothing is written: translations and summaries."""
        return Offer(uses=self.uses - FOR_THE_CUSTOMER)


NO_OFFER: Final = Offer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the window of a machine's words remembers: the window below it, and what that held.

    `typed` says that the agent had written something there; `origin` is of the words as they came.
    """

    use: Use
    under: str
    draft: str
    typed: bool
    origin: str = ""

    def dump(self) -> str:
        """As a view's `private_metadata`."""
        told = [self.use, self.under, self.typed, self.origin, self.draft]
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def load(cls, metadata: str) -> "Asked":
        """Back from there."""
        use, under, typed, origin, draft = json.loads(metadata)
        return cls(use=Use(use), under=under, typed=typed, origin=origin, draft=draft)


_BUTTONS: Final[Mapping[Use, tuple[ActionId, str]]] = {
    Use.DRAFT: (ActionId.MACHINE_DRAFT, marked("Draft for me")),
    # For translators: a button; what the customer wrote is translated for the agent.
    Use.WORDS: (ActionId.MACHINE_WORDS, marked("Translate their words")),
    # For translators: a button; what the agent wrote is translated for the customer.
    Use.ANSWER: (ActionId.MACHINE_ANSWER, marked("Translate my answer")),
    Use.SUMMARY: (ActionId.MACHINE_SUMMARY, marked("Summary")),
}

_TITLES: Final[Mapping[Use, str]] = {
    # For translators: titles of windows, at most 24 characters each.
    Use.DRAFT: marked("A machine's draft"),
    Use.ANSWER: marked("A machine translated"),
    Use.WORDS: marked("A machine translated"),
    Use.SUMMARY: marked("A machine's summary"),
}


def offer_of(desk: Desk, ticket: TicketView, *, there: bool, aside: bool) -> Offer:
    """What makes sense to ask for: as the owner switched on, if there is a model at all."""
    route = desk.inboxes.get(ticket.inbox)
    if not there or route is None:
        return NO_OFFER
    theirs, mine = customer_language(ticket), str(spoken_now())
    senseless = set() if theirs != mine else {Use.WORDS}
    if theirs in {None, mine}:
        senseless.add(Use.ANSWER)
    uses = {use for use in Use if HELP_OF[use] in route.llm}
    return Offer(uses=frozenset(uses - senseless), aside=aside)


def machine_buttons(offer: Offer, ticket: TicketView) -> list[Block]:
    """The row of what can be asked for; nothing where nothing can."""
    buttons = [
        kit.button(action, tr(label), str(ticket.id))
        for use, (action, label) in _BUTTONS.items()
        if use in offer.uses
    ]
    if offer.aside:
        back = tr("Put mine back")
        buttons.append(kit.button(ActionId.MACHINE_PUT_BACK, back, str(ticket.id)))
    return [kit.actions(*buttons)] if buttons else []


def mark(model: str) -> str:
    """What stands above everything a machine wrote."""
    return tr(
        "Written by a machine (model {model}); read it before you send.",
        model=one_line(model, 80),
    )


def mark_of(kept: str) -> list[Block]:
    """The mark of an answer that began as a machine's words; nothing for any other."""
    origin = Origin.load(kept)
    return [kit.context(f"🤖 {mark(origin.model)}")] if origin is not None else []


def waiting_view(use: Use, seconds: float) -> Block:
    """What is shown until there is an answer."""
    said = tr_many(
        "The machine is writing. It has {count} second; what you wrote is kept.",
        "The machine is writing. It has {count} seconds; what you wrote is kept.",
        round(seconds),
    )
    return _telling(use, [kit.rich(kit.line(kit.words(said)))])


def trouble_view(use: Use, sentence: str) -> Block:
    """Why there is nothing to show, and the way out."""
    return _telling(use, [kit.rich(kit.line(kit.words(sentence)))])


def result_view(
    asked: Asked, found: Checked, model: str, *, limit: int, warnings: Sequence[str], cut: bool
) -> Block:
    """What the machine wrote: to be put into the answer, or only to be read.

    `warnings` are of the channel's policy; `cut` says that only the newest words were sent.
    """
    blocks = [kit.context(f"🤖 {mark(model)}")]
    if asked.use not in FOR_THE_CUSTOMER:
        words = [kit.rich(part) for part in kit.verbatim_whole(found.text)]
        return _telling(asked.use, [*blocks, *words, *_notes(found, cut=cut)])
    blocks += _notes(found, cut=cut)
    if warnings:
        blocks.append(kit.context(*(f"⚠️ {warning}" for warning in warnings)))
    label = tr("The machine's words: change what is wrong")
    hint = tr("Nothing is sent yet. It goes into the field of your answer, which you then preview.")
    blocks.append(kit.text_input(TEXT_FIELD, label, limit=limit, initial=found.text, hint=hint))
    return kit.modal(
        ViewId.MACHINE,
        tr(_TITLES[asked.use]),
        blocks,
        metadata=asked.dump(),
        # For translators: a button that puts the machine's words into the field of the answer.
        submit=tr("Use it"),
        # For translators: a button that leaves the answer as the agent wrote it.
        close=tr("Keep mine"),
    )


def _telling(use: Use, blocks: Sequence[Block]) -> Block:
    close = tr_as("button", "Close")
    return kit.modal("message", tr(_TITLES[use]), blocks, metadata="", close=close)


def _notes(found: Checked, *, cut: bool) -> Iterator[Block]:
    if cut:
        yield kit.context(
            tr("The conversation is long: the machine was shown only its newest part.")
        )
    if found.lost:
        figures = ", ".join(found.lost[:_REMOVED_SHOWN])
        yield kit.context(tr("⚠️ Missing in the translation: {figures}.", figures=figures))
    if not found.removed:
        return
    lead = tr("Taken out, because neither the facts of this ticket nor a macro says it:")
    yield kit.rich(kit.line(kit.words(lead, bold=True)))
    for one in found.removed[:_REMOVED_SHOWN]:
        said = one_line(one.said, _SAID_SHOWN)
        yield kit.rich(kit.line(kit.words(f"• {led(tr(MARKS[one.kind]))}{quoted(said)}")))
    left = len(found.removed) - _REMOVED_SHOWN
    if left > 0:
        yield kit.context(tr_many("and {count} more", "and {count} more", left))


def asked_line(use: str, outcome: str, who: str) -> str:
    """The line of a history: who asked for what, and whether they got it."""
    got = tr(_ASKED.get(use, _ASKED[Use.DRAFT]), who=who)
    return got if outcome == "answered" else f"{got}. " + tr("There was no answer.")


_ASKED: Final[Mapping[str, str]] = {
    Use.DRAFT: marked("{who} asked the machine for a draft"),
    Use.ANSWER: marked("{who} had the machine translate an answer"),
    Use.WORDS: marked("{who} had the machine translate the customer's words"),
    Use.SUMMARY: marked("{who} asked the machine for a summary"),
}


def drafted_words(model: str, *, edited: bool) -> str:
    """Of an answer that began as a machine's words: which model's, and whether it was changed."""
    return tr(_CHANGED if edited else _UNCHANGED, model=one_line(model, 80))


_CHANGED: Final = marked(
    "It began as a machine's words ({model}) and was changed before it was sent."
)
_UNCHANGED: Final = marked("It began as a machine's words ({model}) and was sent unchanged.")
