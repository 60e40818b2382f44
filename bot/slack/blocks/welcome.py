"""The first words in a channel that the desk came to, and to somebody who opens their Home the first time."""

from bot.domain.desk import Desk
from bot.language import tr
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.request import COMMANDS
from bot.slack.text import one_line, spoken

_INBOXES_NAMED = 10


def render_welcome(channel: str, desk: Desk) -> Rendered:
    """Five short lines: what happens here, from where, what people do, when it is quiet, and help."""
    head = tr("Hello! I keep customers' messages and their deadlines in sight. In short:")
    lines = [
        _what_happens(channel, desk),
        _who_posts(channel, desk),
        tr(
            "Claim takes a ticket, Reply answers it. Only what you send with Reply reaches the "
            "customer; what you write in a thread stays among you."
        ),
        tr(
            "Quiet hours are yours to choose: {command}. Then others are called, unless a "
            "platform's limit ends first.",
            command=f"{COMMANDS.ticket} me quiet 20:00-08:00",
        ),
        tr("Everything I understand: {command}", command=f"{COMMANDS.ticket} help"),
    ]
    listed = [kit.line(kit.words(line)) for line in lines]
    bullets: Block = {"type": "rich_text_list", "style": "bullet", "elements": listed}
    return Rendered(
        text=spoken(" ".join([head, *lines]), 1200),
        blocks=[kit.rich(kit.line(kit.words(head, bold=True)), bullets)],
    )


def _what_happens(channel: str, desk: Desk) -> str:
    if channel == desk.ops_channel:
        return tr("Here I tell whoever runs me what needs them, such as an inbox that is silent.")
    return tr(
        "Each customer's conversation gets a card with its deadlines here, and everything else "
        "about it goes below the card, in its thread."
    )


def _who_posts(channel: str, desk: Desk) -> str:
    here = [one.label or name for name, one in desk.inboxes.items() if one.channel == channel]
    if not here:
        return tr(
            "No inbox posts here yet. Whoever runs me writes {line} into the table of an inbox in "
            "the settings file, and starts me again.",
            line=f'channel = "{channel}"',
        )
    named = ", ".join(one_line(name, 60) for name in here[:_INBOXES_NAMED])
    if len(here) > _INBOXES_NAMED:
        named += ", …"
    return tr("Inboxes that post here: {inboxes}.", inboxes=named)


def first_home() -> Block:
    """For somebody who opens their Home the first time; nobody else sees it."""
    said = tr(
        "Welcome! Your tickets are below, most urgent first: Claim takes one, Reply answers it. "
        "Choose here which language I speak to you, where pings reach you and when it is quiet. "
        "{command} shows everything else.",
        command=f"{COMMANDS.ticket} help",
    )
    return kit.rich(kit.line(kit.words(said)))
