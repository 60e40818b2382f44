"""Every verb on a ticket, by what it does. A new one is an entry here and one in `handlers.performing`."""

from collections.abc import Mapping
from typing import Final

from bot.slack.request import Do
from bot.slack.verbs.clock import CLOCK
from bot.slack.verbs.ledger import LEDGER
from bot.slack.verbs.owner import OWNER
from bot.slack.verbs.spec import VerbSpec
from bot.slack.verbs.ticket import TICKET
from bot.slack.verbs.together import TOGETHER

VERBS: Final[Mapping[Do, VerbSpec]] = {**OWNER, **TICKET, **TOGETHER, **CLOCK, **LEDGER}

ALIASES: Final[Mapping[str, Do]] = {
    **{str(do): do for do in VERBS},
    **{alias: do for do, verb in VERBS.items() for alias in verb.aliases},
}
