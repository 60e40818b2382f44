"""Where reading stopped, as a value and as the cursor's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from connectors.contract import Cursor, Json
from connectors.fields import Fields
from connectors.pages import kept_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """A question that was answered: since when it is known, and when it was last looked at."""

    since: datetime
    looked: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPack:
    """A conversation as it was when it was last opened; `moved` is its newest message's time."""

    unread: int
    looked: datetime
    moved: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClaim:
    """An open claim as it was: when it changed, its stage, what the seller had to do until when."""

    updated: str
    stage: str
    due: str
    looked: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`first` is before everything ever read.

    Questions are read up to `questions_since`, claims up to `claims_since`; `packs_since` is when
    conversations were last read. `asked` are questions without an answer, and when each was last
    looked at by itself; `answered` are watched for a while, because answers are removed at times.
    """

    first: datetime
    questions_since: datetime
    packs_since: datetime
    claims_since: datetime
    asked: Mapping[str, datetime] = field(default_factory=dict)
    answered: Mapping[str, KnownAnswer] = field(default_factory=dict)
    packs: Mapping[str, KnownPack] = field(default_factory=dict)
    claims: Mapping[str, KnownClaim] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = cursor.state if cursor else {}
        since = kept_instant(kept.get("questions_since")) or start
        return cls(
            first=kept_instant(kept.get("first")) or min(start, since),
            questions_since=since,
            packs_since=kept_instant(kept.get("packs_since")) or since,
            claims_since=kept_instant(kept.get("claims_since")) or since,
            asked={
                name: at for name, one in _each(kept.get("asked")) if (at := _at(one, "looked"))
            },
            answered={
                name: answer
                for name, one in _each(kept.get("answered"))
                if (answer := _answer(one))
            },
            packs={name: pack for name, one in _each(kept.get("packs")) if (pack := _pack(one))},
            claims={
                name: claim for name, one in _each(kept.get("claims")) if (claim := _claim(one))
            },
        )

    def cursor(self) -> Cursor:
        """As it is stored."""
        asked: dict[str, Json] = {
            name: {"looked": at.isoformat()} for name, at in self.asked.items()
        }
        answered: dict[str, Json] = {
            name: {"since": one.since.isoformat(), "looked": one.looked.isoformat()}
            for name, one in self.answered.items()
        }
        packs: dict[str, Json] = {
            name: {
                "unread": one.unread,
                "looked": one.looked.isoformat(),
                "moved": one.moved.isoformat(),
            }
            for name, one in self.packs.items()
        }
        claims: dict[str, Json] = {
            name: {
                "updated": one.updated,
                "stage": one.stage,
                "due": one.due,
                "looked": one.looked.isoformat(),
            }
            for name, one in self.claims.items()
        }
        state: dict[str, Json] = {
            "first": self.first.isoformat(),
            "questions_since": self.questions_since.isoformat(),
            "packs_since": self.packs_since.isoformat(),
            "claims_since": self.claims_since.isoformat(),
            "asked": asked,
            "answered": answered,
            "packs": packs,
            "claims": claims,
        }
        return Cursor(state=MappingProxyType(state))


def _each(value: Json) -> list[tuple[str, Fields]]:
    entries = value.items() if isinstance(value, dict) else ()
    return [(name, Fields(one)) for name, one in entries if isinstance(one, dict)]


def _at(one: Fields, key: str) -> datetime | None:
    return kept_instant(one.value.get(key))


def _answer(one: Fields) -> KnownAnswer | None:
    since, looked = _at(one, "since"), _at(one, "looked")
    if since is None or looked is None:
        return None
    return KnownAnswer(since=since, looked=looked)


def _pack(one: Fields) -> KnownPack | None:
    looked, moved = _at(one, "looked"), _at(one, "moved")
    if looked is None or moved is None:
        return None
    return KnownPack(unread=one.number("unread", default=0), looked=looked, moved=moved)


def _claim(one: Fields) -> KnownClaim | None:
    looked = _at(one, "looked")
    if looked is None:
        return None
    return KnownClaim(
        updated=one.text("updated", default=""),
        stage=one.text("stage", default=""),
        due=one.text("due", default=""),
        looked=looked,
    )
