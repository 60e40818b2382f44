"""The people of the day: who they are, when they work, how each of them works. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

NAMES: Final = (
    "Anna Conti",
    "Ben Keller",
    "Carla Neri",
    "Davide Greco",
    "Emma Weiss",
    "Fabio Costa",
    "Greta Lang",
    "Hugo Petit",
    "Irene Russo",
    "Jonas Beck",
    "Klara Vogel",
    "Luca Marino",
    "Marta Sala",
    "Nils Brandt",
    "Olivia Meyer",
    "Paolo Ferri",
)
MANAGER: Final = "chiara"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Hours of a working day, on a clock in Rome."""

    name: str
    begins: str
    ends: str

    def within(self, midnight: datetime) -> tuple[datetime, datetime]:
        """From when to when, on the day that begins at `midnight`."""
        return midnight + _since_midnight(self.begins), midnight + _since_midnight(self.ends)


SHIFTS: Final = (
    Shift(name="early", begins="08:00", ends="14:30"),
    Shift(name="day", begins="09:00", ends="17:30"),
    Shift(name="late", begins="11:00", ends="19:30"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """One agent. `lunch` is so many seconds after the shift began, and lasts `lunch_seconds`.

    `by_queue` asks the desk what comes first; who does not takes the oldest card on the wall.
    `by_window` answers in the window rather than by command. `uses_home` keeps the Home open.
    """

    name: str
    shift: Shift
    lunch: float
    lunch_seconds: float
    by_queue: bool
    by_window: float
    uses_home: bool
    pace: float
    pings: str
    quiet: str

    @property
    def handle(self) -> str:
        """The first name in small letters, as the workspace knows them."""
        return self.name.partition(" ")[0].lower()

    @property
    def email(self) -> str:
        """Their address in Slack."""
        return f"{self.handle}@rossi-casa.example"


def hire(seed: int, agents: int) -> Sequence[Habits]:
    """So many people, spread over the shifts.

    Raises:
        ValueError: there are not so many names.
    """
    if not 1 <= agents <= len(NAMES):
        raise ValueError(f"between 1 and {len(NAMES)} agents can be hired")
    chance = random.Random(f"{seed}:staff")
    return [_hired(name, place, chance) for place, name in enumerate(NAMES[:agents])]


def _hired(name: str, place: int, chance: random.Random) -> Habits:
    return Habits(
        name=name,
        shift=SHIFTS[place % len(SHIFTS)],
        lunch=chance.uniform(3.5, 4.5) * 3600,
        lunch_seconds=chance.uniform(30, 45) * 60,
        by_queue=place % 2 == 0,
        by_window=chance.uniform(0.3, 0.9),
        uses_home=place % 3 == 0,
        pace=chance.uniform(0.8, 1.25),
        pings=("thread", "thread", "both", "thread", "dm", "thread")[place % 6],
        quiet="20:00-08:00",
    )


def _since_midnight(clock: str) -> timedelta:
    hour, minute = clock.split(":")
    return timedelta(hours=int(hour), minutes=int(minute))
