"""How grave a message is, where its customer stands and which language they write. Words as data.

Triage only raises attention; it never silences anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import InboundMessage, Verdict
from sla_rules.vocabulary import Kind, Risk, Stage

_KIND_OF_VERDICT: Mapping[Verdict, Kind] = {
    Verdict.CLAIM: Kind.CLAIM,
    Verdict.NOTICE: Kind.NOTICE,
    Verdict.CLAIM_CLOSED: Kind.NOTICE,
    Verdict.SUSPECT: Kind.SUSPECT,
}

_GRAVE = (
    r"a-to-z|a-z[ -]garan\w*|chargeback|charge back|rechargement|lawyer|solicitor|attorney|police"
    r"|avvocato|denuncia|polizia|carabinieri|reclamo formale"
    r"|avocat|plainte|litige|mise en demeure"
    r"|anwalt\w*|anzeige|polizei|verbraucherzentrale|r[üu]ckbuchung"
    r"|abogado|denunciar?|polic[ií]a|reclamaci[oó]n formal"
    r"|fire hazard|caught fire|injur\w+|burn(?:ed|t)\b|allerg\w+"
    r"|incendio|ferit\w+|bless[ée]\w*|verletzt\w*|herid\w+"
)
"""Law, money called back, and harm to people: what cannot wait for the queue."""

_ELEVATED = (
    r"refund|broken|damaged|defective|counterfeit|fake|scam|never arrived|not received"
    r"|rimborso|rott[oa]|dannegg\w+|difettos\w+|truffa|mai arrivat\w+|contraffatt\w+"
    r"|rembours\w+|cass[ée]\w*|endommag\w+|d[ée]fectueu\w+|arnaque|jamais re[çc]u\w*"
    r"|erstatt\w+|kaputt|besch[äa]digt|defekt|betrug|nicht angekommen|f[äa]lschung"
    r"|reembolso|rot[oa]|da[ñn]ad\w+|defectuos\w+|estafa|no ha llegado|falsificad\w+"
)
"""An order gone wrong: the step before a claim."""

_GRAVE_WORDS = re.compile(rf"\b(?:{_GRAVE})\b", re.IGNORECASE)
_ELEVATED_WORDS = re.compile(rf"\b(?:{_ELEVATED})\b", re.IGNORECASE)

_COMMON: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        [
            "the",
            "and",
            "is",
            "are",
            "have",
            "has",
            "my",
            "you",
            "your",
            "not",
            "with",
            "this",
            "for",
            "what",
            "when",
            "please",
        ]
    ),
    "it": frozenset(
        [
            "il",
            "lo",
            "gli",
            "che",
            "non",
            "sono",
            "ho",
            "mi",
            "per",
            "con",
            "una",
            "del",
            "della",
            "questo",
            "grazie",
            "quando",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "les",
            "des",
            "une",
            "est",
            "pas",
            "je",
            "vous",
            "que",
            "pour",
            "avec",
            "mon",
            "ma",
            "bonjour",
            "merci",
            "ai",
        ]
    ),
    "de": frozenset(
        [
            "der",
            "die",
            "das",
            "und",
            "ist",
            "nicht",
            "ich",
            "sie",
            "mit",
            "ein",
            "eine",
            "habe",
            "mein",
            "danke",
            "wann",
            "bitte",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "los",
            "las",
            "una",
            "es",
            "no",
            "he",
            "mi",
            "por",
            "para",
            "con",
            "del",
            "gracias",
            "cuando",
            "hola",
            "pero",
        ]
    ),
}
"""Words that are frequent in one of the languages and rare in the others."""

_LEAST_COMMON_WORDS = 2
_READ = 4000
"""Characters looked at: what matters is said early, and a pasted log costs nothing."""

_RISKS = tuple(Risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What a ticket takes over from one message."""

    kind: Kind
    stage: Stage
    risk: Risk
    language: str | None


def triage(message: InboundMessage) -> Triage:
    """Judge one message. What the connector knows for sure goes before what words suggest."""
    kind = _KIND_OF_VERDICT.get(message.verdict, message.kind)
    words = f"{message.subject}\n{message.text}"[:_READ]
    return Triage(
        kind=kind,
        stage=_stage(message, kind),
        risk=_risk(kind, words),
        language=message.language or language_of(words),
    )


def graver_risk(one: Risk, other: Risk) -> Risk:
    """The higher of two risks."""
    return max(one, other, key=_RISKS.index)


def language_of(text: str) -> str | None:
    """The language most common words belong to; None when too few tell it apart."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    scores = {
        language: sum(word in common for word in words) for language, common in _COMMON.items()
    }
    best, second = sorted(scores.values(), reverse=True)[:2]
    if best < _LEAST_COMMON_WORDS or best == second:
        return None
    return max(scores, key=lambda language: scores[language])


def _stage(message: InboundMessage, kind: Kind) -> Stage:
    if message.stage is not Stage.UNKNOWN:
        return message.stage
    has_order = message.order_id or kind in {
        Kind.CLAIM,
        Kind.RETURN_REQUEST,
        Kind.CANCEL_REQUEST,
    }
    return Stage.POST_SALE if has_order else Stage.UNKNOWN


def _risk(kind: Kind, words: str) -> Risk:
    if kind is Kind.CLAIM or _GRAVE_WORDS.search(words):
        return Risk.CRITICAL
    return Risk.ELEVATED if _ELEVATED_WORDS.search(words) else Risk.NORMAL
