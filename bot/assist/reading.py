"""A text as it is read: its words, the phrases that count, and its language.

Triage and the reading of moods and intents start from here, so a phrase means the same to both.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from bot.assist.lexicon import Lexicon, lexicon, meant
from bot.assist.phrasebook import (
    QUESTION,
    SENTENCE_END,
    Cue,
    Found,
    Label,
    places_of,
    words_of,
)
from bot.assist.senses import BEARING, DENIABLE, Sense
from sla_rules.topics import RISK, Topic
from sla_rules.vocabulary import Risk

HEAD, TAIL = 4000, 1000
"""Characters looked at. What matters is said early, a threat often last; a pasted log costs nothing."""

_LEAST_VOTES = 2
_NOBODY = (("", 0), ("", 0))
_NAME_WORDS = 4
"""So few words without anything recognised are a name or a greeting."""
_ROOM: Mapping[Label, int] = {Sense.THANKS: 8, Cue.COURTESY: 6, Cue.SATISFIED: 2}
"""Words a sentence may hold beside such phrases. Few beside "it arrived": in what state?"""
_FURTHEST_DENIAL = 4
"""Words looked back for a "not"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as far as it is looked at, its words, and the phrases that count.

    `votes` counts the words that tell each language. `hushed` are the places of words that count
    for nothing: a "not" takes them back, or they belong to a quiet phrase.
    """

    text: str
    words: Sequence[str]
    found: Sequence[Found]
    votes: Mapping[str, int]
    hushed: frozenset[int] = frozenset()

    @property
    def topics(self) -> set[Topic]:
        """What presets tell tickets apart by, as far as it is said."""
        named = (BEARING[sense].topic for sense in self.senses)
        return {topic for topic in named if topic is not None}

    @property
    def senses(self) -> set[Sense]:
        """What is said beyond a hint."""
        return {one.label for one in self.found if isinstance(one.label, Sense) and not one.hint}

    def said(self, one: Found) -> str:
        """The words of a phrase as the customer typed them."""
        clean, places = _places(self.text)
        if len(places) != len(self.words):
            return " ".join(self.words[one.start : one.end])
        return " ".join(clean[places[one.start][0] : places[one.end - 1][1]].split())


_places = lru_cache(maxsize=2)(places_of)
"""A message is quoted from many times while it is read, and then no more."""


def read(text: str) -> Reading:
    """Read one text. Its cost is bounded, whatever the text is."""
    seen = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n\n{text[-TAIL:]}"
    known = lexicon()
    words = words_of(seen)
    found = known.book.find(words)
    votes = known.book.votes(seen, words)
    language = _language(known, [Reading(seen, words, found, votes)])
    if language is not None:
        spelt = [meant(word, language) for word in words]
        if spelt != words:
            found = known.book.find(spelt)
            votes = known.book.votes(seen, spelt)
            words = spelt
    denied = [one for one in found if one.label in DENIABLE and _is_denied(known, one, seen, words)]
    kept = [one for one in found if one not in denied] if denied else found
    silent = [*denied, *(one for one in found if one.label is Cue.QUIET)]
    hushed = frozenset(place for one in silent for place in range(one.start, one.end))
    return Reading(seen, words, _meant(kept), votes, hushed)


def language_of(*readings: Reading) -> str | None:
    """The language most words speak for; None when too few tell it apart."""
    return _language(lexicon(), readings)


def only_thanks(reading: Reading) -> bool:
    """Whether every sentence is praise, a greeting or a name, and none asks for anything.

    How much a sentence may say beside its polite phrases depends on the warmest of them.
    """
    words = reading.words
    said = {one.label for one in reading.found}
    if Sense.THANKS not in said or QUESTION in words or said & {Cue.REQUEST, Cue.CONTRAST}:
        return False
    room = {
        place: _ROOM[one.label]
        for one in sorted(reading.found, key=lambda one: _ROOM.get(one.label, 0))
        if one.label in _ROOM
        for place in range(one.start, one.end)
    }
    for start, end in _sentences(words):
        places = range(start, end)
        allowed = max((room[place] for place in places if place in room), default=_NAME_WORDS)
        if sum(place not in room for place in places) > allowed:
            return False
    return True


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
    return longest == 0 or (_is_grave(one.label) and one.end - one.start > longest)


def _is_grave(label: Label) -> bool:
    topic = BEARING[label].topic if isinstance(label, Sense) else None
    return topic is not None and RISK[topic] is Risk.CRITICAL


def _is_denied(known: Lexicon, one: Found, text: str, words: Sequence[str]) -> bool:
    """Whether a "not" stands before the phrase, with nothing but small words between."""
    denial = known.denial[one.language]
    for place in range(one.start - 1, max(one.start - 1 - _FURTHEST_DENIAL, -1), -1):
        word = words[place]
        if word in denial.words:
            # "No, it is broken" denies nothing.
            return f"{word}," not in text.casefold()
        if word not in denial.between:
            return False
    return False


def _sentences(words: Sequence[str]) -> Iterable[tuple[int, int]]:
    start = 0
    for place, word in enumerate([*words, SENTENCE_END]):
        if word == SENTENCE_END:
            yield start, place
            start = place + 1


def _language(known: Lexicon, readings: Sequence[Reading]) -> str | None:
    votes: Counter[str] = Counter()
    for each in readings:
        votes.update(each.votes)
        votes.update([one.language for one in each.found])
    ranked = sorted(votes.items(), key=itemgetter(1), reverse=True)
    (best, most), (_, second) = [*ranked, *_NOBODY][:2]
    if most >= _LEAST_VOTES and most > second:
        return best
    return known.letters.likeliest([word for each in readings for word in each.words])
