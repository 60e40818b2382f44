"""How a customer sounds: by their words, their signs, and how loud they type."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.assist.phrasebook import Cue, Found
from bot.assist.reading import Reading
from bot.assist.senses import BEARING, Intent, LiveRisk, Mood, Sense
from bot.language import marked

ANGRY_FROM, NEGATIVE_FROM = 2.0, 1.0
"""Points. An insult is two, a threat or a disappointment one; being loud adds to either."""

_OF_MOOD = {Mood.ANGRY: 2.0, Mood.NEGATIVE: 1.0}
_OF_CUE = {Cue.FURIOUS: 2.0, Cue.UNHAPPY: 1.0}
_ANGRY_SIGNS = re.compile(
    "[\U0001f620\U0001f621\U0001f624\U0001f92c\U0001f595\U0001f4a9\U0001f92e]"
)
_SAD_SIGNS = re.compile(
    "[\U0001f61e\U0001f61f\U0001f614\U0001f615\U0001f641\u2639\U0001f622\U0001f62d\U0001f612"
    r"\U0001f44e\U0001f494]|:-?\(|:'\("
)
_GLAD_SIGNS = re.compile(
    "[\U0001f60a\U0001f600\U0001f603\U0001f604\U0001f601\U0001f642\U0001f60d\U0001f970\U0001f618"
    "\U0001f44d\U0001f44f\u2764\U0001f496\U0001f389\U0001f929\U0001f917]"
)
_LOUD = re.compile(r"!{2,}|\?!+|!\?+")
SHOUTED = marked("all in capitals")
"""Evidence that is no word of the customer's."""

_LETTERS_OF_A_SHOUT = 12
"""So many letters, nearly all of them capitals, are a shout. `ORDER 4711` is none."""
_SHARE_OF_A_SHOUT = 0.7


@dataclass(frozen=True, slots=True)
class Sound:
    """A mood, and what gave it away in the customer's own words, the gravest first."""

    mood: Mood
    evidence: tuple[str, ...]


def sound_of(reading: Reading, intent: Intent, language: str | None = None) -> Sound:
    """The mood of one text. Thanks are glad; a bad matter told calmly is neutral.

    Feelings are taken from the words of the text's own `language`, where that is known: `prima` is
    German praise and an Italian "before".
    """
    own = [one for one in reading.found if language in {None, one.language}]
    glad = [reading.said(one) for one in own if one.label is Cue.PRAISE]
    glad += _GLAD_SIGNS.findall(reading.text)
    bitter = sorted(_bitter(reading, own), key=lambda one: -one[0])
    is_glad = not bitter and (bool(glad) or intent is Intent.THANKS)
    if is_glad:
        return Sound(Mood.POSITIVE, tuple(dict.fromkeys(glad)))
    loud = list(_loudness(reading.text))
    # However often somebody is sad, it is no rage.
    points = max((each for each, _ in bitter), default=0.0) + sum(each for each, _ in loud)
    points += _threatens_twice(reading)
    evidence = tuple(dict.fromkeys(said for _, said in [*bitter, *loud]))
    if points >= ANGRY_FROM:
        return Sound(Mood.ANGRY, evidence)
    return Sound(Mood.NEGATIVE, evidence) if points >= NEGATIVE_FROM else _CALM


def _threatens_twice(reading: Reading) -> float:
    threats = {BEARING[sense].risk for sense in reading.senses if BEARING[sense].mood != "neutral"}
    return 1.0 if len(threats - {None, LiveRisk.SAFETY}) > 1 else 0.0


_CALM = Sound(Mood.NEUTRAL, ())


def _bitter(reading: Reading, found: Sequence[Found]) -> Iterator[tuple[float, str]]:
    """What was said that is not friendly: each meaning once for each phrase."""
    heard: dict[tuple[int, int], tuple[float, Found]] = {}
    for one in found:
        points = _points(one)
        if points and points > heard.get((one.start, one.end), (0.0, one))[0]:
            heard[(one.start, one.end)] = (points, one)
    reached = 0
    for (start, end), (points, one) in sorted(heard.items(), key=lambda each: _widest(each[0])):
        if end > reached or start >= reached:
            yield points, reading.said(one)
        reached = max(reached, end)
    for sign in _ANGRY_SIGNS.findall(reading.text):
        yield _OF_MOOD[Mood.ANGRY], sign
    for sign in _SAD_SIGNS.findall(reading.text):
        yield _OF_MOOD[Mood.NEGATIVE], sign


def _widest(span: tuple[int, int]) -> tuple[int, int]:
    return span[0], -span[1]


def _points(one: Found) -> float:
    if isinstance(one.label, Sense):
        return 0.0 if one.hint else _OF_MOOD.get(BEARING[one.label].mood, 0.0)
    return _OF_CUE.get(one.label, 0.0)


def _loudness(text: str) -> Iterator[tuple[float, str]]:
    for loud in _LOUD.findall(text)[:1]:
        yield 1.0, loud[:3]
    letters = [letter for letter in text if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    if len(letters) >= _LETTERS_OF_A_SHOUT and capitals >= _SHARE_OF_A_SHOUT * len(letters):
        yield 2.0, SHOUTED
