"""What a message is about, how grave it is, where its customer stands and what language they write.

Triage only raises attention; it never silences anything. The words are data: see `phrasebook`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.phrasebook import QUESTION, SENTENCE_END, Cue, Found, Label, phrasebook, words_of
from connectors.contract import InboundMessage, Verdict
from sla_rules.topics import RISK, Topic, stage_of
from sla_rules.vocabulary import Kind, Risk, Stage

_KIND_OF_VERDICT: Mapping[Verdict, Kind] = {
    Verdict.CLAIM: Kind.CLAIM,
    Verdict.NOTICE: Kind.NOTICE,
    Verdict.CLAIM_CLOSED: Kind.NOTICE,
    Verdict.SUSPECT: Kind.SUSPECT,
}

_TOPIC_OF_KIND: Mapping[Kind, Topic] = {
    Kind.CLAIM: Topic.CLAIM,
    Kind.RETURN_REQUEST: Topic.RETURN,
    Kind.CANCEL_REQUEST: Topic.CANCEL_BEFORE_SHIPMENT,
}

_GRAVEST_FIRST = (
    Topic.SAFETY,
    Topic.LEGAL_THREAT,
    Topic.REGULATOR_COMPLAINT,
    Topic.CHARGEBACK,
    Topic.A_TO_Z,
    Topic.CLAIM,
    Topic.NEGATIVE_FEEDBACK,
    Topic.NEGATIVE_REVIEW,
    Topic.ITEM_NOT_RECEIVED,
    Topic.CANCEL_BEFORE_SHIPMENT,
    Topic.RETURN,
    Topic.COMPLAINT,
    Topic.WHERE_IS_MY_ORDER,
    Topic.PRE_SALE_QUESTION,
)
"""Which of several topics a message is filed under: harm, law, money called back, the public eye,
then what can still be put right. Thanks are judged apart: they have to be all that is said."""

HEAD, TAIL = 4000, 1000
"""Characters looked at. What matters is said early, a threat often last; a pasted log costs nothing."""

_ANSWER = re.compile(
    r"\s*(?:re|aw|antw|r|rif|sv|res|rv|ref)\s{0,2}(?:\[\d{1,3}\])?:", re.IGNORECASE
)
_LEAST_VOTES = 2
_NOBODY = (("", 0), ("", 0))
_NAME_WORDS = 4
"""So few words without anything recognised are a name or a greeting."""
_ROOM: Mapping[Label, int] = {Topic.THANKS: 8, Cue.COURTESY: 6, Cue.SATISFIED: 2}
"""Words a sentence may hold beside such phrases. Few beside "it arrived": in what state?"""

_RISKS = tuple(Risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What a ticket takes over from one message."""

    kind: Kind
    topic: Topic
    stage: Stage
    risk: Risk
    language: str | None


def triage(message: InboundMessage) -> Triage:
    """Judge one message. What the connector knows for sure goes before what words suggest."""
    kind = _KIND_OF_VERDICT.get(message.verdict, message.kind)
    subject, text = _read(message.subject), _read(message.text)
    topic = _topic(message, kind, subject, text)
    return Triage(
        kind=kind,
        topic=topic,
        stage=_stage(message, kind, topic),
        risk=_risk(kind, {topic, *subject.topics, *text.topics}),
        language=message.language or _language(subject, text),
    )


def graver_risk(one: Risk, other: Risk) -> Risk:
    """The higher of two risks."""
    return max(one, other, key=_RISKS.index)


def language_of(text: str) -> str | None:
    """The language most words speak for; None when too few tell it apart."""
    return _language(_read(text))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as far as it is looked at, its words, and the phrases that count."""

    text: str
    words: Sequence[str]
    found: Sequence[Found]

    @property
    def topics(self) -> set[Topic]:
        return {one.label for one in self.found if isinstance(one.label, Topic)}


def _read(text: str) -> _Reading:
    seen = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n\n{text[-TAIL:]}"
    words = words_of(seen)
    return _Reading(seen, words, _meant(phrasebook().find(words)))


def _meant(found: Sequence[Found]) -> list[Found]:
    """The phrases that no quiet phrase holds a word of.

    A threat is not hushed by a shorter one inside it: `die Anzeige` is a display, but
    `die Anzeige bei der Polizei` is none.
    """
    hushed: dict[int, int] = {}
    for one in found:
        if one.label is Cue.QUIET:
            for place in range(one.start, one.end):
                hushed[place] = max(hushed.get(place, 0), one.end - one.start)
    return [one for one in found if not hushed or _counts(one, hushed)]


def _counts(one: Found, hushed: Mapping[int, int]) -> bool:
    longest = max(hushed.get(place, 0) for place in range(one.start, one.end))
    grave = isinstance(one.label, Topic) and RISK[one.label] is Risk.CRITICAL
    return longest == 0 or (grave and one.end - one.start > longest)


def _topic(message: InboundMessage, kind: Kind, subject: _Reading, text: _Reading) -> Topic:
    if message.topic is not Topic.OTHER:
        return message.topic
    if kind is not Kind.MESSAGE:
        return _TOPIC_OF_KIND.get(kind, Topic.OTHER)
    # The subject of an answer is what the conversation once was about.
    answers = _ANSWER.match(message.subject) is not None
    said = _gravest(message, text.topics if answers else text.topics | subject.topics)
    if said is None and _only_thanks(text.words, text.found):
        return Topic.THANKS
    said = said or _gravest(message, subject.topics)
    unsaid = Topic.PRE_SALE_QUESTION if message.stage is Stage.PRE_SALE else Topic.OTHER
    return said or unsaid


def _gravest(message: InboundMessage, said: set[Topic]) -> Topic | None:
    """The gravest topic; a question before buying is none once an order is known."""
    bought = message.order_id is not None or message.stage is Stage.POST_SALE
    known = said - {Topic.PRE_SALE_QUESTION} if bought else said
    return next((topic for topic in _GRAVEST_FIRST if topic in known), None)


def _only_thanks(words: Sequence[str], found: Sequence[Found]) -> bool:
    """Whether every sentence is praise, a greeting or a name, and none asks for anything.

    How much a sentence may say beside its polite phrases depends on the warmest of them.
    """
    said = {one.label for one in found}
    if Topic.THANKS not in said or QUESTION in words or said & {Cue.REQUEST, Cue.CONTRAST}:
        return False
    room = {
        place: _ROOM[one.label]
        for one in sorted(found, key=lambda one: _ROOM.get(one.label, 0))
        if one.label in _ROOM
        for place in range(one.start, one.end)
    }
    for start, end in _sentences(words):
        places = range(start, end)
        allowed = max((room[place] for place in places if place in room), default=_NAME_WORDS)
        if sum(place not in room for place in places) > allowed:
            return False
    return True


def _sentences(words: Sequence[str]) -> Iterable[tuple[int, int]]:
    start = 0
    for place, word in enumerate([*words, SENTENCE_END]):
        if word == SENTENCE_END:
            yield start, place
            start = place + 1


def _stage(message: InboundMessage, kind: Kind, topic: Topic) -> Stage:
    if message.stage is not Stage.UNKNOWN:
        return message.stage
    if message.order_id or kind in _TOPIC_OF_KIND:
        return Stage.POST_SALE
    return stage_of(topic)


def _risk(kind: Kind, topics: Iterable[Topic]) -> Risk:
    """The gravest of what is known and of all that words say."""
    least = Risk.CRITICAL if kind is Kind.CLAIM else Risk.NORMAL
    return max((least, *(RISK[topic] for topic in topics)), key=_RISKS.index)


def _language(*readings: _Reading) -> str | None:
    votes: Counter[str] = Counter()
    for reading in readings:
        votes += phrasebook().votes(reading.text, reading.words)
        votes.update(one.language for one in reading.found)
    (best, most), (_, second) = [*votes.most_common(2), *_NOBODY][:2]
    return best if most >= _LEAST_VOTES and most > second else None
