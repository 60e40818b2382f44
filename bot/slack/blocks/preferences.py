"""How somebody is called, in a few words, and how to change it."""

from bot.domain.quiet_hours import PingWay, QuietHours
from bot.domain.roster import Agent
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Rendered
from bot.slack.request import CommandNames

_WAYS = {
    PingWay.THREAD: "You are called in the ticket's thread.",
    PingWay.DM: "You are called by a message of your own, and not in the thread.",
    PingWay.BOTH: "You are called in the ticket's thread and by a message of your own.",
}
_HOUR = 60


def render_preferences(agent: Agent, *, changed: bool, names: CommandNames) -> Rendered:
    """For the person themselves. `changed` says that they have just chosen."""
    head = "Changed. " if changed else ""
    said = f"{head}{_WAYS[agent.pings]} {_quiet_words(agent.quiet)}"
    how = (
        f"To change it: {names.ticket} me quiet 20:00-08:00 (or off), "
        f"{names.ticket} me pings thread (or dm, or both); usual is what the settings say."
    )
    blocks = [kit.rich(kit.line(kit.words(said))), kit.context(how)]
    return Rendered(text=f"{said} {how}", blocks=blocks)


def _quiet_words(quiet: QuietHours | None) -> str:
    if quiet is None:
        return "You have no quiet hours."
    return (
        f"Quiet hours from {_time(quiet.begins)} to {_time(quiet.ends)} ({quiet.zone}): then your "
        "colleagues are called instead, and you only where a platform's limit ends before they do."
    )


def _time(minute: int) -> str:
    return f"{minute // _HOUR:02}:{minute % _HOUR:02}"
