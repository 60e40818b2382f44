"""What Shopify's answers say beside data: refusals, the budget left, the version that answered.

GraphQL answers 200 for almost everything; what went wrong stands in `errors`. A platform's words
may repeat a customer's address, so only codes, field names and scopes are kept of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from connectors.answer import HttpAnswer
from connectors.contract import Json
from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.fields import Fields
from connectors.pace import UNTOLD

OK: Final = 200
FROZEN: Final = 402
NOT_FOUND: Final = 404
LOCKED: Final = 423
SECURITY: Final = 430

_STATUS: Final = {
    FROZEN: "the shop is frozen: its owner has a bill to pay",
    NOT_FOUND: "there is no such shop: check `shop`",
    LOCKED: "the shop is locked",
}
"""Statuses that a person has to mend (Shopify API response status codes)."""

RESERVE: Final = 0.2
"""The part of the budget never spent, so that a burst of cards is not refused."""

_SCOPE: Final = re.compile(r"\b(?:read|write)_[a-z_]{3,60}\b")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One entry of `errors`: its code, the field it is about, the scope that would allow it."""

    code: str
    field: str = ""
    scope: str = ""

    @override
    def __str__(self) -> str:
        """A sentence for people."""
        what = f"Shopify does not tell `{self.field}`" if self.field else "Shopify refuses"
        if self.code != "ACCESS_DENIED":
            return f"{what} ({self.code})"
        if not self.scope:
            return f"{what}: access denied"
        return f"{what}: the app lacks the scope `{self.scope}`"


def problems_of(answer: Fields) -> tuple[Problem, ...]:
    """The entries of `errors` of one answer."""
    return tuple(_problem(one) for one in answer.each("errors"))


def judge(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal of the whole call. Refused parts of it are left to the caller."""
    if answer.status in _STATUS:
        return AuthExpired(f"{answer.request}: {_STATUS[answer.status]}")
    if answer.status == SECURITY:
        return Unavailable(f"{answer.request}: Shopify takes the call for an attack")
    return _worded(answer) if answer.status == OK else None


def pace(answer: HttpAnswer) -> float:
    """Seconds to wait so that the next query of this cost leaves the reserve untouched."""
    if answer.status != OK:
        return 0.0
    try:
        told = Fields(answer.object())
    except Unavailable:
        return 0.0
    return _wait(told.inner("extensions").inner("cost"), reserve=RESERVE)


def version_note(answer: HttpAnswer, wanted: str) -> str | None:
    """What has to be done about the API's version, if anything."""
    answered = answer.headers.get("x-shopify-api-version", "")[:20]
    if answered and answered != wanted:
        return (
            f"asked for version {wanted}, answered by {answered}: Shopify serves {wanted} no more; "
            "set api_version to a supported one"
        )
    reason = answer.headers.get("x-shopify-api-deprecated-reason", "")
    if reason:
        fields = ", ".join(_WORD.findall(reason)[:6])
        return f"version {wanted} has fields that Shopify is about to take away ({fields})"
    return None


def _worded(answer: HttpAnswer) -> ConnectorError | None:
    """What `errors` of a 200 says of the whole call."""
    told = Fields(answer.object())
    problems = problems_of(told)
    codes = {one.code for one in problems}
    if "THROTTLED" in codes:
        return RateLimited(_wait(told.inner("extensions").inner("cost"), reserve=0.0) or UNTOLD)
    if "SHOP_INACTIVE" in codes:
        return AuthExpired(f"{answer.request}: the shop is closed")
    if "INTERNAL_SERVER_ERROR" in codes:
        return Unavailable(f"{answer.request}: Shopify failed inside")
    if problems and not isinstance(told.value.get("data"), dict) and "ACCESS_DENIED" not in codes:
        said = "; ".join(dict.fromkeys(map(str, problems)))
        return Rejected(f"{answer.request}: {said}")
    return None


def _problem(raw: Fields) -> Problem:
    extensions = raw.inner("extensions")
    told = f"{extensions.text('requiredAccess', default='')} {raw.text('message', default='')}"
    scopes = _SCOPE.findall(told)
    return Problem(
        code=_word(extensions.value.get("code")) or "UNKNOWN",
        field=_path(raw.value.get("path")),
        scope=scopes[0] if scopes else "",
    )


def _path(path: Json) -> str:
    names: Sequence[Json] = path if isinstance(path, list) else []
    return ".".join(_word(one) for one in names if isinstance(one, str))[:120]


def _word(value: Json) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def _wait(cost: Fields, *, reserve: float) -> float:
    """Seconds until the bucket holds the query's cost again, with `reserve` of it left."""
    bucket = cost.inner("throttleStatus")
    rate = _figure(bucket, "restoreRate")
    if rate <= 0:
        return 0.0
    needed = _figure(cost, "requestedQueryCost") + reserve * _figure(bucket, "maximumAvailable")
    return max(0.0, (needed - _figure(bucket, "currentlyAvailable")) / rate)


def _figure(of: Fields, key: str) -> float:
    value = of.value.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
