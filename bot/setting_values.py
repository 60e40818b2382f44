"""Values of the settings file that are more than text and numbers, and how each is refused."""

from datetime import date, datetime, timedelta
from ipaddress import ip_network
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sla_rules.durations import read_duration
from sla_rules.hours import read_span, refuse_overlaps
from sla_rules.table_values import listed


class Strict(BaseModel):
    """A table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone of the IANA database")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
"""An IANA time zone name."""

SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$|^[^@\s]+@[^@\s]+$")]
"""A Slack user id (`U…`, `W…`) or the e-mail address the person has in Slack."""

SlackTarget = Annotated[str, Field(pattern=r"^[UWS][A-Z0-9]{2,}$|^[^@\s]+@[^@\s]+$|^@[^@\s]+$")]
"""A user (id or e-mail), or a user group (`S…` id, or `@handle`)."""

SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,}$|^#[^\s#]{1,80}$")]
"""A Slack channel id, or `#name`."""

Language = Annotated[
    str, Field(pattern=r"^[A-Za-z]{2,3}$"), AfterValidator(lambda written: written.casefold())
]
"""A language by its short code, such as `de`."""

Languages = Annotated[tuple[Language, ...], BeforeValidator(listed)]
"""One or several."""

Seniority = Literal["junior", "senior"]


def _public_url(written: str) -> str:
    parts = urlsplit(written)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is no full address. Write it with https:// and without ? or #")
    return written.rstrip("/")


PublicUrl = Annotated[str, Field(max_length=200), AfterValidator(_public_url)]
"""Where browsers reach the desk's web server; without a closing slash."""


def _networks(written: object) -> object:
    """Addresses and networks with commas between, each checked: a wrong one would trust nobody."""
    if not isinstance(written, str):
        return written
    named = tuple(one.strip() for one in written.split(",") if one.strip())
    for one in named:
        try:
            ip_network(one)
        except ValueError:
            raise ValueError(
                "lists addresses and networks with commas between, such as 127.0.0.1, 10.0.0.0/8"
            ) from None
    return named


Networks = Annotated[tuple[str, ...], BeforeValidator(_networks)]
"""Machines by their addresses. Nobody else's `X-Forwarded-For` is believed."""

_SHORTEST_CLAIM: Final = timedelta(minutes=5)
"""The warning comes a quarter of the time before the end: less is no warning."""


def _claim_length(written: object) -> object:
    if written == "off":
        return timedelta(0)
    if not isinstance(written, str):
        raise ValueError('is no text. Write it in quotes with a unit, such as "2h"')  # noqa: TRY004 - pydantic shows ValueErrors
    length = read_duration(written)
    if length < _SHORTEST_CLAIM:
        raise ValueError('is too short to be warned of. Write five minutes or more, such as "2h"')
    return length


ClaimLength = Annotated[timedelta, BeforeValidator(_claim_length)]
"""How long an owner may do nothing; zero: for ever."""


def _part_of_a_day(written: str) -> str:
    span = read_span(written)
    if span.opens == span.closes or (span.opens == 0 and span.closes == _DAY_MINUTES):
        raise ValueError(f'"{written}" is all day. Write a part of it, such as "20:00-08:00"')
    return written


_DAY_MINUTES: Final = 24 * 60
CLOCK_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"

QuietSpan = Annotated[str, AfterValidator(_part_of_a_day)]
"""A span of every day; one may end on the next day."""


def _spans(written: tuple[str, ...]) -> tuple[str, ...]:
    refuse_overlaps(written)
    return written


def _span(written: str) -> str:
    read_span(written)
    return written


def _span_of_a_date(written: str) -> str:
    if read_span(written).over_midnight:
        raise ValueError(
            f'"{written}" runs past midnight. Close at "24:00" and give the next date its own hours'
        )
    return written


def _only_a_date(written: object) -> object:
    # A number would be taken for seconds since 1970, a time of day be dropped.
    if isinstance(written, (datetime, int, float)):
        raise ValueError("is no date")  # noqa: TRY004 - pydantic shows ValueErrors
    return written


Day = Annotated[date, BeforeValidator(_only_a_date)]
"""A date as TOML writes it; as the key of a table it is text."""

Hours = Annotated[tuple[Annotated[str, AfterValidator(_span)], ...], AfterValidator(_spans)]
"""Spans of a weekday, or closed ones of a date; one may end on the next day."""

DateHours = Annotated[
    tuple[Annotated[str, AfterValidator(_span_of_a_date)], ...], AfterValidator(_spans)
]
"""Spans of one date, which ends at its midnight."""
