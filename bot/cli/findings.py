"""One line of what `threadline doctor` found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report. What is `doubtful` works, but is hardly meant."""

    what: str
    ok: bool
    detail: str
    doubtful: bool = False
