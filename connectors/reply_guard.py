"""A reply checked against the channel's messaging policy. The rules are data in its manifest."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors import traces
from connectors.contract import Attachment, File
from connectors.errors import Rejected
from connectors.limits import check_announced, check_bytes, parts_of
from connectors.manifest import Manifest, ReplyLimits, ReplyRule
from connectors.policy_words import word_set
from connectors.traces import Span
from sla_rules.worded import Worded, worded


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the channel's policy says about a reply. `block` means: do not send.

    A `warn` can be sent by a person who says why. `spans` are the places in the reply, start and
    end in characters; empty where it is the reply as a whole. `text` and `excerpt` are English:
    the manifest's own words, or `Worded` ones.
    """

    level: Literal["block", "warn"]
    text: str
    rule: str
    excerpt: str = ""
    spans: tuple[Span, ...] = ()


_EXCERPT = 80


def check_reply(
    text: str, manifest: Manifest, attachments: Sequence[File | Attachment] = ()
) -> tuple[Finding, ...]:
    """Everything the channel's rules and limits have against a reply, gravest first. Pure.

    Of files that are announced, without their bytes, it is said what their names and sizes tell.
    """
    folded = _Folded(text)
    found = [_finding(rule, folded, manifest, attachments) for rule in manifest.reply_rules]
    found += _limits(text, manifest, attachments)
    return tuple(sorted((one for one in found if one), key=lambda one: one.level != "block"))


class _Folded:
    """A text in compatibility form, and where each of its characters came from.

    Wide and styled letters are read as the plain ones they stand for; a letter and its accents
    are one, however they were typed.
    """

    def __init__(self, text: str) -> None:
        self.original = text
        pieces: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in _clusters(text):
            piece = unicodedata.normalize("NFKC", text[start:end])
            pieces.append(piece)
            self._starts += [start] * len(piece)
            self._ends += [end] * len(piece)
        self.text = "".join(pieces)

    def origin(self, span: Span) -> Span:
        """The place in the text as it was typed."""
        return self._starts[span[0]], self._ends[span[1] - 1]


def _clusters(text: str) -> Iterable[Span]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            if at > start:
                yield start, at
            start = at


def _finding(
    rule: ReplyRule, folded: _Folded, manifest: Manifest, attachments: Sequence[File | Attachment]
) -> Finding | None:
    if rule.check == "length":
        too_long = rule.limit is not None and len(folded.text) > rule.limit
        return _about(rule, _too_long(len(folded.text), rule.limit or 0)) if too_long else None
    if rule.check == "attachment":
        names = ", ".join(file.name for file in attachments)
        return _about(rule, names) if attachments else None
    spans = [span for span in _PLACES[rule.check](folded.text, rule, manifest) if span[0] < span[1]]
    if not spans:
        return None
    start, end = spans[0]
    first = folded.text[start:end]
    # A card number is found without being repeated.
    digits = "".join(char for char in first if char.isdigit())
    excerpt = f"…{digits[-4:]}" if rule.check == "card_number" else first
    return _about(rule, excerpt, tuple(folded.origin(span) for span in spans))


def _too_long(length: int, limit: int) -> Worded:
    return worded("{length} characters, at most {limit}", length=length, limit=limit)


def _about(rule: ReplyRule, excerpt: str, spans: tuple[Span, ...] = ()) -> Finding:
    shown = excerpt if isinstance(excerpt, Worded) else excerpt[:_EXCERPT]
    return Finding(level=rule.level, text=rule.text, rule=rule.id, excerpt=shown, spans=spans)


def _limits(
    text: str, manifest: Manifest, attachments: Sequence[File | Attachment]
) -> Iterable[Finding]:
    checks: Mapping[str, Callable[[], object]] = {
        "length": lambda: parts_of(text, manifest.limits),
        "attachments": lambda: _check_files(attachments, manifest.limits),
    }
    for name, check in checks.items():
        try:
            check()
        except Rejected as refusal:
            yield Finding(
                level="block",
                text=Worded("{reason}.", {"reason": refusal.reason}),
                rule=f"{manifest.key}.limit.{name}",
            )


def _check_files(attachments: Sequence[File | Attachment], limits: ReplyLimits) -> None:
    announced = [
        one
        if isinstance(one, Attachment)
        else Attachment(name=one.name, media_type=one.media_type, size=len(one.content))
        for one in attachments
    ]
    check_announced(announced, limits)
    for one in attachments:
        if isinstance(one, File):
            check_bytes(one)


def _links(text: str, rule: ReplyRule, _manifest: Manifest) -> Iterable[Span]:
    for start, end in traces.links(text):
        if not traces.leads_to(text[start:end], rule.allow):
            yield start, end


def _phrases(text: str, rule: ReplyRule, _manifest: Manifest) -> Iterable[Span]:
    shared = (phrase for name in rule.words for phrase in word_set(name))
    return traces.wordings(text, (*rule.phrases, *shared))


_PLACES: Mapping[str, Callable[[str, ReplyRule, Manifest], Iterable[Span]]] = {
    "link": _links,
    "email": lambda text, _rule, _manifest: traces.addresses(text),
    "phone": lambda text, _rule, manifest: traces.phones(text, manifest.order_numbers),
    "handle": lambda text, _rule, _manifest: traces.handles(text),
    "emoji": lambda text, _rule, _manifest: traces.emoji(text),
    "card_number": lambda text, _rule, manifest: traces.cards(text, manifest.order_numbers),
    "order_number": lambda text, _rule, manifest: traces.references(text, manifest.order_numbers),
    "phrase": _phrases,
}
