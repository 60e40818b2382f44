"""The hours that platforms themselves count in, where they do not count every hour."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from sla_rules.calendar import BusinessCalendar, Calendar


def preset_files() -> tuple[Traversable, ...]:
    """The files of the presets, by name."""
    folder = resources.files("sla_rules") / "presets"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(files, key=lambda file: file.name))


@cache
def platform_calendars() -> Mapping[str, Calendar]:
    """Every `[calendar.NAME]` of the presets. Only these may a platform's limit be measured in."""
    found: dict[str, Calendar] = {}
    for file in preset_files():
        tables = tomllib.loads(file.read_text(encoding="utf-8")).get("calendar", {})
        for name, table in tables.items():
            found[name] = BusinessCalendar(table["tz"], table["week"])
    return MappingProxyType(found)
