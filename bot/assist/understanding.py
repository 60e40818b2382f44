"""What a customer's message means, with the words that say so. Advice for people: it decides nothing.

Quoted history has to be cut off before: what a shop wrote is not what its customer means.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.assist.lexicon import lexicon
from bot.assist.mood import sound_of
from bot.assist.phrasebook import QUESTION, Cue, Found
from bot.assist.reading import Reading, language_of, only_thanks, read
from bot.assist.senses import BEARING, Intent, LiveRisk, Mood, Sense, Urgency
from sla_rules.vocabulary import Stage

_PER_WORD = 0.15
"""What each further word of a phrase without gaps adds to its weight: longer phrases say more."""
_FOREIGN = 0.5
"""What a phrase of another language than the message's counts."""
_FAINT = 0.8
"""The weight of a hint from which it may ask for something by itself."""
_LEAST = 0.1
"""What single words count where no phrase was found."""
_LONGEST_PRAISE = 25
"""Words. Longer praise is likely to ask for something that was not recognised."""
_SHOWN = 3
"""Evidence shown for one thing."""

_AFTER = frozenset(Intent) - {
    Intent.PRODUCT_QUESTION,
    Intent.AVAILABILITY,
    Intent.THANKS,
    Intent.OTHER,
}
"""Intents of somebody who has bought."""
_ASKING_FIRST = frozenset({Intent.PRODUCT_QUESTION, Intent.AVAILABILITY})
_LEAVES_SOON = frozenset({Intent.CANCEL, Intent.ADDRESS_CHANGE})
"""Intents that are of no use once the parcel has left."""
_ORDER_NUMBER = re.compile(
    r"\b\d{3}-\d{7}-\d{7}\b"
    r"|\b(?:order|ordine|commande|bestellung|pedido)\W{1,3}(?:n\w{0,2}\W{1,3})?\d{4,}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One message as the desk reads it.

    `language` is an ISO 639-1 code, None where too few words tell. `risks` are in the order of
    `LiveRisk`. `because` has the customer's own words for what is named: keys are the field
    names, and each risk for itself.
    """

    language: str | None
    intent: Intent
    stage: Stage
    risks: tuple[LiveRisk, ...]
    needs_answer: bool
    urgency: Urgency
    mood: Mood
    because: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def understand(
    text: str, *, subject: str = "", language: str | None = None, bought: bool = False
) -> Meaning:
    """Read one message. `language` and `bought` (an order is known) go before what words suggest."""
    body, title = read(text), read(subject)
    spoken = language or language_of(title, body)
    risks = _risks(body)
    needs = bool(risks) or _needs_answer(body)
    scores = _scores(body, spoken)
    if not set(scores) - {Intent.THANKS}:
        scores = scores | _scores(title, spoken) | _leaning(body, spoken)
    intent = _intent(scores, needs=needs)
    if intent is Intent.CANCEL:
        risks.setdefault(LiveRisk.CANCEL_BEFORE_SHIPMENT, scores[intent].said)
    sound = sound_of(body, intent, spoken)
    pressing = [one for one in body.found if one.label is Cue.PRESSING]
    return Meaning(
        language=spoken,
        intent=intent,
        stage=_stage(body, intent, bought=bought),
        risks=tuple(risks),
        needs_answer=needs,
        urgency=_urgency(body, intent, pressing=bool(risks or pressing), needs=needs),
        mood=sound.mood,
        because={
            "intent": tuple(scores[intent].said[:_SHOWN]) if intent in scores else (),
            "mood": sound.evidence[:_SHOWN],
            "urgency": tuple(dict.fromkeys(body.said(one) for one in pressing))[:_SHOWN],
            **{risk.value: tuple(said[:_SHOWN]) for risk, said in risks.items()},
        },
    )


@dataclass(slots=True)
class _Score:
    total: float = 0.0
    said: list[str] = field(default_factory=list)


def _scores(reading: Reading, language: str | None) -> dict[Intent, _Score]:
    """How much speaks for each intent: every phrase once, none inside a longer one."""
    best: dict[tuple[Intent, str], float] = {}
    for one in _outermost(reading.found):
        bearing = BEARING[Sense(one.label)]
        longer = 0 if one.loose else one.end - one.start - 1
        weight = one.weight * bearing.pull * (1 + _PER_WORD * longer)
        weight *= 1.0 if language in {None, one.language} else _FOREIGN
        key = bearing.intent, reading.said(one).casefold()
        best[key] = max(weight, best.get(key, 0.0))
    scores: dict[Intent, _Score] = {}
    for (intent, said), weight in sorted(best.items(), key=lambda each: -each[1]):
        score = scores.setdefault(intent, _Score())
        score.total += weight
        score.said.append(said)
    return scores


def _leaning(reading: Reading, language: str | None) -> dict[Intent, _Score]:
    leaning = lexicon().leaning.get(language or "")
    words = ["" if place in reading.hushed else word for place, word in enumerate(reading.words)]
    guess = leaning.guess(words) if leaning else None
    if guess is None:
        return {}
    said = [reading.words[place] for place in guess.places]
    return {guess.intent: _Score(total=_LEAST, said=said)}


def _outermost(found: Sequence[Found]) -> Iterator[Found]:
    """The phrases with a sense that no longer one without gaps contains."""
    widest, reached = (0, 0), 0
    senses = (one for one in found if isinstance(one.label, Sense))
    for one in sorted(senses, key=lambda each: (each.start, -each.end)):
        if one.end <= reached and (one.start, one.end) != widest:
            continue
        if not one.loose:
            widest, reached = (one.start, one.end), one.end
        yield one


def _intent(scores: Mapping[Intent, _Score], *, needs: bool) -> Intent:
    if not needs:
        return Intent.THANKS
    named = {intent: each.total for intent, each in scores.items() if intent is not Intent.THANKS}
    if named:
        return max(named, key=lambda intent: named[intent])
    return Intent.OTHER


def _risks(reading: Reading) -> dict[LiveRisk, list[str]]:
    said: dict[LiveRisk, list[str]] = {}
    # A dispute with PayPal is none with the marketplace.
    other = {Sense.CLAIM} if Sense.PAYMENT_CLAIM in reading.senses else set()
    for one in reading.found:
        if one.label in other:
            continue
        risk = BEARING[one.label].risk if isinstance(one.label, Sense) else None
        if risk is not None and not one.hint:
            words = said.setdefault(risk, [])
            phrase = reading.said(one)
            if phrase not in words:
                words.append(phrase)
    return {risk: sorted(said[risk], key=len, reverse=True) for risk in LiveRisk if risk in said}


def _needs_answer(reading: Reading) -> bool:
    """Whether somebody waits. Only thanks, praise and "it is settled" say that nobody does."""
    if QUESTION in reading.words:
        return True
    closed = [one for one in reading.found if one.label is Cue.CLOSED]
    if only_thanks(reading) and not reading.senses - {Sense.THANKS}:
        return False
    asked = _outside(reading, closed, {Cue.REQUEST})
    wanted = _wants(reading, closed)
    if closed:
        return asked or wanted
    glad = {Cue.PRAISE, Cue.SATISFIED} & {one.label for one in reading.found}
    if not glad or asked or len(reading.words) > _LONGEST_PRAISE:
        return True
    return wanted or _outside(reading, [], {Cue.CONTRAST})


def _wants(reading: Reading, spans: Iterable[Found]) -> bool:
    """Whether anything but thanks is said outside `spans`, beyond the faintest hints."""
    covered = {place for one in spans for place in range(one.start, one.end)}
    return any(
        isinstance(one.label, Sense)
        and one.label is not Sense.THANKS
        and one.start not in covered
        and (not one.hint or one.weight >= _FAINT)
        for one in reading.found
    )


def _outside(reading: Reading, spans: Iterable[Found], cues: set[Cue]) -> bool:
    covered = {place for one in spans for place in range(one.start, one.end)}
    return any(one.label in cues and one.start not in covered for one in reading.found)


def _stage(reading: Reading, intent: Intent, *, bought: bool) -> Stage:
    if bought or intent in _AFTER:
        return Stage.POST_SALE
    said = {one.label for one in reading.found}
    if Sense.MISUSE in said:
        return Stage.UNKNOWN
    if Cue.BOUGHT in said or _ORDER_NUMBER.search(reading.text) is not None:
        return Stage.POST_SALE
    if intent in _ASKING_FIRST or Cue.BEFORE in said:
        return Stage.PRE_SALE
    return Stage.UNKNOWN


def _urgency(reading: Reading, intent: Intent, *, pressing: bool, needs: bool) -> Urgency:
    if not needs:
        return Urgency.LOW
    if pressing or intent in _LEAVES_SOON:
        return Urgency.HIGH
    unhurried = any(one.label is Cue.UNHURRIED for one in reading.found)
    return Urgency.LOW if unhurried else Urgency.NORMAL
