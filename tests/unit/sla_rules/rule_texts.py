"""Rule files as texts, and the sentences with which they are refused."""

import pytest

from sla_rules.policy import PolicyError, PolicySet
from sla_rules.timeline import TicketFacts

CLOCK = '[[policy.clock]]\nmetric = "response"\nscope = "internal"\ntarget = "{}"\n'
BASE = '[[policy]]\nname = "base"\nwhen = {}\n' + CLOCK.format("9h")
QUIET = '[[policy]]\nname = "quiet"\nwhen = { kind = ["notice", "suspect"] }\nclock = []\n'
WHOLE = BASE + QUIET


def rule(name, when, target="1h"):
    return f'[[policy]]\nname = "{name}"\nwhen = {{ {when} }}\n{CLOCK.format(target)}'


def facts(**keys):
    return TicketFacts(**{"channel": "etsy", "inbox": "x", **keys})


def refused(*texts):
    files = {f"rules{index or ''}.toml": text for index, text in enumerate(texts)}
    with pytest.raises(PolicyError) as error:
        PolicySet.load_files(files)
    return list(error.value.problems)
