"""The version of a policy: a hash of all that its deadlines depend on."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import MISSING, fields
from datetime import timedelta
from typing import Any, Final

from sla_rules.clock_rule import ClockRule
from sla_rules.match import Match

_FIRST_KEYS: Final = frozenset({"channel", "inbox", "kind", "stage", "risk", "vip"})
_FIRST_FIELDS: Final = frozenset({"metric", "scope", "target", "calendar", "warn"})


def content_hash(
    name: str,
    match: Match,
    clocks: Iterable[ClockRule],
    safety_margin: timedelta,
    *,
    grace: timedelta,
    auto_reply_satisfies: bool,
) -> str:
    """Sixteen hex digits. What a rule does not use is not in it, so new keys change no old rule."""
    content: dict[str, Any] = {
        "name": name,
        "match": [sorted(match.channel), sorted(match.inbox), sorted(match.kind)],
        "matched": [sorted(match.stage), sorted(match.risk), match.vip],
        "margin": safety_margin.total_seconds(),
        "clocks": [_clock(rule) for rule in clocks],
    }
    more = _more(match, _FIRST_KEYS)
    if more:
        content["also"] = more
    if grace != _GRACE:
        content["grace"] = grace.total_seconds()
    if auto_reply_satisfies:
        content["auto_reply_satisfies"] = True
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


_GRACE: Final = timedelta(minutes=15)


def _clock(rule: ClockRule) -> list[Any]:
    more = _more(rule, _FIRST_FIELDS)
    written = [rule.metric, rule.scope, rule.target.total_seconds(), rule.calendar, rule.warn]
    return [*written, more] if more else written


def _more(value: Match | ClockRule, known: frozenset[str]) -> dict[str, Any]:
    """The fields that are not at their defaults, besides those that were always hashed."""
    return {
        each.name: _plain(getattr(value, each.name))
        for each in fields(value)
        if each.name not in known
        and each.default is not MISSING
        and getattr(value, each.name) != each.default
    }


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | tuple):
        return sorted(str(_plain(item)) for item in value)
    return value if isinstance(value, bool | int | str) else str(value)
