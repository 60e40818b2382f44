"""What can be wrong with a rule or a calendar. All of it is found before a ticket depends on it.

ValueError
├── CalendarError      hours, a zone or an instant that business time cannot be told of
└── PolicyError        a rule file that says something impossible
    └── PolicyConflict two policies that claim the same ticket with equal right
"""


class CalendarError(ValueError):
    """Opening hours that cannot be, an instant without a zone, or a search beyond the horizon."""


class PolicyError(ValueError):
    """Impossible rules. Each problem names policy, key and value, and says what to write instead.

    `problems` are all of them; the text is one a line.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PolicyConflict(PolicyError):
    """Two policies match one ticket and neither is more specific. The text names both."""
