"""How somebody is called and spoken to, in a few words, and how to change it."""

from bot.domain.quiet_hours import PingWay, QuietHours
from bot.domain.roster import Agent
from bot.language import OWN_NAMES, Language, marked, tr
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Rendered
from bot.slack.request import CommandNames

_WAYS = {
    PingWay.THREAD: marked("You are called in the ticket's thread."),
    PingWay.DM: marked("You are called by a message of your own, and not in the thread."),
    PingWay.BOTH: marked("You are called in the ticket's thread and by a message of your own."),
}
_HOUR = 60


def render_preferences(
    agent: Agent, *, spoken: Language, changed: bool, names: CommandNames
) -> Rendered:
    """For the person themselves. `changed` says that they have just chosen."""
    head = [tr("Changed.")] if changed else []
    # For translators: {language} is the language's own name for itself, such as Italiano.
    language = tr("I speak {language} to you.", language=OWN_NAMES[spoken])
    said = " ".join([*head, tr(_WAYS[agent.pings]), quiet_words(agent.quiet), language])
    how = tr(
        "To change it: {quiet} (or off), {pings} (or dm, or both), {language} (or en, fr, de, es); "
        "usual is what the settings say.",
        quiet=f"{names.ticket} me quiet 20:00-08:00",
        pings=f"{names.ticket} me pings thread",
        language=f"{names.ticket} me language it",
    )
    blocks = [kit.rich(kit.line(kit.words(said))), kit.context(how)]
    return Rendered(text=f"{said} {how}", blocks=blocks)


def quiet_words(quiet: QuietHours | None) -> str:
    """When somebody is not called."""
    if quiet is None:
        return tr("You have no quiet hours.")
    return tr(
        "Quiet hours from {begin} to {end} ({zone}): then your colleagues are called instead, and "
        "you only where a platform's limit ends before they do.",
        begin=clock_words(quiet.begins),
        end=clock_words(quiet.ends),
        zone=quiet.zone,
    )


def clock_words(minute: int) -> str:
    """A time of day, from minutes since midnight, as commands and Slack's pickers write it."""
    return f"{minute // _HOUR:02}:{minute % _HOUR:02}"
