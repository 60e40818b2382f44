"""Messages that people have labelled: what the reading of the desk is measured against.

A file a language, `[train]` and `[held_out]`, the messages under their intent. A message is a text,
or a table with `text` and whatever differs from the rule of its intent, which is below.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.assist.senses import Intent, LiveRisk, Mood, Urgency
from sla_rules.vocabulary import Stage

_STAGES = {
    Intent.PRODUCT_QUESTION: Stage.PRE_SALE,
    Intent.AVAILABILITY: Stage.PRE_SALE,
    Intent.THANKS: Stage.UNKNOWN,
    Intent.OTHER: Stage.UNKNOWN,
}
_MOODS = {Intent.COMPLAINT: Mood.NEGATIVE, Intent.THANKS: Mood.POSITIVE}
_URGENCIES = {
    Intent.CANCEL: Urgency.HIGH,
    Intent.ADDRESS_CHANGE: Urgency.HIGH,
    Intent.THANKS: Urgency.LOW,
}
_RISKS = {Intent.CANCEL: frozenset({LiveRisk.CANCEL_BEFORE_SHIPMENT})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One message and what a person takes it for. `part` is the part of the file it stands in."""

    text: str
    part: str
    language: str
    intent: Intent
    stage: Stage
    risks: frozenset[LiveRisk]
    needs_answer: bool
    urgency: Urgency
    mood: Mood


def labelled(folder: Path) -> Iterator[Labelled]:
    """Every message of a folder. Raises ValueError for a label that is none."""
    for path in sorted(folder.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for part, intents in table.items():
            for intent, messages in intents.items():
                for each in messages:
                    named = each if isinstance(each, dict) else {"text": each}
                    yield _labelled(path.stem, part, Intent(intent), named)


def _labelled(language: str, part: str, intent: Intent, named: Mapping[str, Any]) -> Labelled:
    return Labelled(
        text=named["text"],
        part=part,
        language=named.get("language", language),
        intent=intent,
        stage=Stage(named.get("stage", _STAGES.get(intent, Stage.POST_SALE))),
        risks=frozenset(map(LiveRisk, named["risks"]))
        if "risks" in named
        else _RISKS.get(intent, frozenset()),
        needs_answer=named.get("needs_answer", intent is not Intent.THANKS),
        urgency=Urgency(named.get("urgency", _URGENCIES.get(intent, Urgency.NORMAL))),
        mood=Mood(named.get("mood", _MOODS.get(intent, Mood.NEUTRAL))),
    )
