"""The values of a rule file: texts that become lengths, shares, times and names."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sla_rules.durations import read_duration
from sla_rules.seasons import Season, read_season
from sla_rules.timeline import folded

_PERCENT: Final = re.compile(r"([1-9][0-9]?) ?%")
_BUSINESS_DAYS: Final = re.compile(r"([1-9][0-9]?) ?bd")
_NONE: Final = re.compile(r"0 ?[smhd]")
_CLOCK: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_END_OF_DAY: Final = 24 * 60
_CENT: Final = Decimal("0.01")


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError('is no text. Write it in quotes with a unit, such as "24h"')  # noqa: TRY004 - pydantic shows ValueErrors
    return read_duration(value)


def _wait(value: object) -> timedelta:
    """A length of time, or none."""
    if isinstance(value, str) and _NONE.fullmatch(value):
        return timedelta(0)
    return _duration(value)


def _target(value: object) -> timedelta | int:
    """A length of time, or a number of business days."""
    found = _BUSINESS_DAYS.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) if found else _duration(value)


def listed(value: object) -> object:
    """A single value stands for a list of it."""
    return value if isinstance(value, (list, tuple)) else [value]


def _percent(value: object) -> int:
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found:
        return int(found[1])
    raise ValueError('is no share of the target. Write one from "1%" to "99%", such as "50%"')


def _step(value: object) -> int | timedelta:
    if isinstance(value, str) and "%" not in value:
        try:
            return read_duration(value)
        except ValueError:
            pass
    return _percent_or_time(value)


def _percent_or_time(value: object) -> int:
    try:
        return _percent(value)
    except ValueError:
        raise ValueError(
            'is no share of the target and no time left. Write one from "1%" to "99%", such as '
            '"50%", or a time such as "30m"'
        ) from None


def _minute(value: object) -> int:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else _END_OF_DAY + 1
    if minute > _END_OF_DAY:
        raise ValueError('is no time of day. Write "19:00", or "24:00" for the end of the day')
    return minute


def _season(value: object) -> Season:
    if not isinstance(value, str):
        raise ValueError('is no text. Write it in quotes, such as "12-01..12-31"')  # noqa: TRY004 - pydantic shows ValueErrors
    return read_season(value)


def _amount(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ValueError("is no amount of money. Write a number without quotes, such as 200")
    return Decimal(value).quantize(_CENT)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Wait = Annotated[timedelta, BeforeValidator(_wait)]
Target = Annotated[timedelta | int, BeforeValidator(_target)]
Percent = Annotated[int, BeforeValidator(_percent)]
Step = Annotated[int | timedelta, BeforeValidator(_step)]
Minute = Annotated[int, BeforeValidator(_minute)]
SeasonText = Annotated[Season, BeforeValidator(_season)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[Name, AfterValidator(folded)]
"""A name that is the same in capital and small letters, such as that of a marketplace."""


class Table(BaseModel):
    """What every table of a rule file has in common: no unknown keys, no change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
