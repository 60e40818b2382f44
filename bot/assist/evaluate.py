"""How well messages are read, measured against labelled ones: `python -m bot.assist.evaluate`.

Precision is how many of those taken for a class are of it, recall how many of it are taken for it,
F1 their harmonic mean. The table of the held-out part is in docs/assist.md.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.assist.labelled import Labelled, labelled
from bot.assist.senses import LiveRisk
from bot.assist.understanding import Meaning, understand

FOLDER = Path("tests/assist/messages")
HELD_OUT = "held_out"
_LIVE = "any live risk"

Read = tuple[Labelled, Meaning]


@dataclass(frozen=True, slots=True)
class Score:
    """One class: how many are of it, and how often it is found and rightly so. Shares of one."""

    count: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


QUESTIONS: dict[str, tuple[Callable[[Labelled], object], Callable[[Meaning], object]]] = {
    "language": (lambda one: one.language, lambda one: one.language),
    "intent": (lambda one: one.intent, lambda one: one.intent),
    "stage": (lambda one: one.stage, lambda one: one.stage),
    "needs_answer": (lambda one: one.needs_answer, lambda one: one.needs_answer),
    "urgency": (lambda one: one.urgency, lambda one: one.urgency),
    "mood": (lambda one: one.mood, lambda one: one.mood),
}


def read_all(messages: Iterable[Labelled]) -> list[Read]:
    """Each message with what the desk takes it for."""
    return [(each, understand(each.text)) for each in messages]


def classes(pairs: Sequence[Read], question: str) -> dict[str, Score]:
    """The score of every class of one question that any message is of."""
    labelled_as, taken_for = QUESTIONS[question]
    truth = [str(labelled_as(one)) for one, _ in pairs]
    taken = [str(taken_for(meaning)) for _, meaning in pairs]
    right = Counter(one for one, other in zip(truth, taken, strict=True) if one == other)
    counted, guessed = Counter(truth), Counter(taken)
    return {
        name: Score(counted[name], _share(right[name], guessed[name]), right[name] / counted[name])
        for name in sorted(counted)
    }


def risks(pairs: Sequence[Read]) -> dict[str, Score]:
    """The score of every live risk, each for itself, and of all together."""
    scores = {}
    for name in (*LiveRisk, _LIVE):
        wanted = {name} if isinstance(name, LiveRisk) else set(LiveRisk)
        truth = [{*one.risks} & wanted for one, _ in pairs]
        taken = [{*meaning.risks} & wanted for _, meaning in pairs]
        right = sum(len(one & other) for one, other in zip(truth, taken, strict=True))
        count, guessed = sum(map(len, truth)), sum(map(len, taken))
        scores[str(name)] = Score(count, _share(right, guessed), _share(right, count))
    return scores


def accuracy(pairs: Sequence[Read], question: str) -> float:
    """The share of messages for which one question is answered as labelled."""
    labelled_as, taken_for = QUESTIONS[question]
    return _share(sum(labelled_as(one) == taken_for(it) for one, it in pairs), len(pairs))


def macro_f1(scores: Iterable[Score]) -> float:
    """The mean F1 of classes, each counting the same."""
    each = [one.f1 for one in scores]
    return _share(sum(each), len(each))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def report(pairs: Sequence[Read]) -> Iterator[str]:
    """The tables, line by line, as Markdown."""
    languages = sorted({one.language for one, _ in pairs})
    yield f"{len(pairs)} messages"
    yield ""
    yield "| | language | intent, macro F1 | stage | live risks found | needs an answer | urgency | mood |"
    yield "|---|---|---|---|---|---|---|---|"
    for language in (*languages, "all"):
        those = [each for each in pairs if language in {each[0].language, "all"}]
        yield f"| {language} | " + " | ".join(_summary(those)) + " |"
    for name in ("intent", "stage", "needs_answer", "urgency", "mood", "language", "risk"):
        yield ""
        yield f"| {name} | messages | precision | recall | F1 |"
        yield "|---|---|---|---|---|"
        for key, one in (risks(pairs) if name == "risk" else classes(pairs, name)).items():
            yield f"| {key} | {one.count} | {one.precision:.2f} | {one.recall:.2f} | {one.f1:.2f} |"


def _summary(pairs: Sequence[Read]) -> Iterator[str]:
    yield f"{accuracy(pairs, 'language'):.1%}"
    yield f"{macro_f1(classes(pairs, 'intent').values()):.2f}"
    yield f"{accuracy(pairs, 'stage'):.1%}"
    yield f"{risks(pairs)[_LIVE].recall:.1%}"
    for question in ("needs_answer", "urgency", "mood"):
        yield f"{accuracy(pairs, question):.1%}"


def main(arguments: Sequence[str]) -> int:
    """Print the tables of one part (`held_out` unless named) of a folder of labelled messages."""
    part = arguments[0] if arguments else HELD_OUT
    folder = Path(arguments[1]) if arguments[1:] else FOLDER
    pairs = read_all(each for each in labelled(folder) if each.part == part)
    if not pairs:
        sys.stderr.write(f"No messages of the part {part!r} in {folder}.\n")
        return 1
    sys.stdout.write("\n".join(report(pairs)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
