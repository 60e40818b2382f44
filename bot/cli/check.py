"""`threadline check`: everything that can be known without a connection."""

from datetime import datetime
from importlib.metadata import version

from bot.cli.console import good, say, warn
from bot.cli.samples import Sample, samples
from bot.configuration.rota import roster_warnings
from bot.runtime.cadences import too_often
from bot.runtime.kept_days import kept_too_long
from bot.settings_file import Configuration

LOCAL = "%a %d %b %H:%M %Z"


def check(configuration: Configuration, now: datetime) -> None:
    """Print what was read, what is hardly meant, and two sample deadlines per inbox."""
    settings = configuration.settings
    good(
        f"{configuration.path}: inboxes {len(settings.inboxes)}, agents {len(settings.agents)}, "
        f"calendars {len(settings.calendars)}, policies {len(configuration.policies.policies)}."
    )
    good(f"Time zone data: tzdata {version('tzdata')}.")
    staffing = roster_warnings(settings, configuration.calendars, now)
    promised = (*too_often(configuration), *kept_too_long(configuration))
    for sentence in (*configuration.warnings, *promised, *staffing):
        warn(sentence)
    for inbox in settings.inboxes:
        say("")
        observed = ", observed only: nothing goes out" if inbox.observe else ""
        say(f"{inbox.name} ({inbox.connector}) → {inbox.channel}{observed}", style="bold")
        for sample in samples(configuration, inbox, now):
            say(_line(sample))


def _line(sample: Sample) -> str:
    due = ", ".join(f"{scope} by {at:{LOCAL}}" for scope, at in sample.deadlines) or "no deadline"
    return f"  a message on {sample.what}, {sample.at:{LOCAL}} → {due}  [{sample.policy}]"
