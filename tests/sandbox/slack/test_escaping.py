"""How what people type becomes Slack's text."""

import pytest

from sandbox.slack.escaping import command_text, message_text
from sandbox.slack.seed import SHOP
from sandbox.slack.server import SandboxSlack


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("@anna and @Ben, look", "<@U0ANNA00001> and <@U0BEN000001>, look"),
        ("@managers @here", "<!subteam^S0MANAGERS1|@managers> <!here>"),
        ("#shop.", "<#C0SHOP00001|shop>."),
        ("@nobody #nowhere a@b.example", "@nobody #nowhere a@b.example"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("see https://a.example/x?y=1", "see <https://a.example/x?y=1>"),
        ("<!channel>", "&lt;!channel&gt;"),
    ],
)
async def test_messages(slack: SandboxSlack, typed: str, stored: str) -> None:
    assert message_text(slack.workspace, typed) == stored


async def test_commands_carry_names_but_not_those_of_private_channels(slack: SandboxSlack) -> None:
    slack.workspace.channel(SHOP).is_private = True

    assert command_text(slack.workspace, "@anna #shop #general") == (
        "<@U0ANNA00001|anna> <#C0SHOP00001|> <#C0GENERAL01|general>"
    )
