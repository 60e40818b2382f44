"""Public holidays of a country, from the `holidays` package: asked when a person imports, never later.

An upgrade of that package can add a national holiday overnight (0.109 did, for Italy), and a desk
must not close because a library was updated.
"""

from importlib.metadata import version

from bot.calendars.days_off import DayOff, ImportRefused, Source


def national_days(country: str, subdivision: str | None, years: range) -> Source:
    """Public holidays of `country` (two or three letters), with those of its `subdivision`.

    Half days, where the country has such a category, are suggestions.

    Raises:
        ImportRefused: when the package does not know the country or the subdivision.
    """
    # Imported here: it is needed by one command, and no running desk may ever reach it.
    import holidays  # noqa: PLC0415

    country = country.upper()
    supported = holidays.list_supported_countries()
    if country not in supported:
        raise ImportRefused(
            f'"{country}" is no country we know holidays of. Write a code of two letters, '
            "such as IT, DE or FR, or the name of an .ics file."
        )
    if subdivision is not None and subdivision not in supported[country]:
        known = ", ".join(supported[country]) or "none"
        raise ImportRefused(f'{country} has no subdivision "{subdivision}". Known: {known}.')

    def of(category: str) -> list[DayOff]:
        # Without years= the object is empty until somebody asks it for a date.
        found = holidays.country_holidays(
            country, subdiv=subdivision, years=years, categories=(category,)
        )
        return [DayOff(day=day, name=name) for day, name in sorted(found.items())]

    categories = getattr(holidays, country).supported_categories
    return Source(
        title=f"{country}{f'-{subdivision}' if subdivision else ''}, holidays {version('holidays')}",
        years=years,
        days=of("public"),
        suggestions=of("half_day") if "half_day" in categories else (),
    )
