"""Messages as people read them: markup, rich text, and dates that age."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.slack.dates import ago, show_date
from sandbox.slack.plain import names_of, to_plain
from sandbox.slack.seed import ANNA
from sandbox.slack.server import SandboxSlack

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
NAMES = {"U1": "Anna", "C1": "shop", "S1": "managers"}


def shown(text: str = "", *, blocks: list[Any] | None = None, tz: str = "Europe/Rome") -> str:
    return to_plain({"text": text, "blocks": blocks or []}, tz, NOW, NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello <@U1>, see <#C1> and <!subteam^S1>", "hello @Anna, see #shop and @managers"),
        ("<@U9|ben> <#C9|ops> <!subteam^S9|@team>", "@ben #ops @team"),
        ("<!here> <!channel>", "@here @channel"),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("*bold* _italic_ ~gone~ 3*4*5", "bold italic gone 3*4*5"),
        ("<https://a.example|the page> <https://b.example>", "the page https://b.example"),
        (f"due <!date^{STAMP}^{{date_short_pretty}} at {{time}}|x>", "due Today at 11:00"),
        (f"<!date^{STAMP}^{{nonsense}}|20 Nov UTC>", "20 Nov UTC"),
    ],
)
def test_markup_is_shown_as_slack_shows_it(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_plain_text_is_left_alone() -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "*x* <@U1> &lt;"}}

    assert shown(blocks=[header]) == "*x* <@U1> &lt;"


def test_rich_text_shows_every_kind_of_element() -> None:
    def section(*elements: dict[str, Any]) -> dict[str, Any]:
        return {"type": "rich_text_section", "elements": list(elements)}

    text = {"type": "text", "text": "one\ntwo"}
    date = {"type": "date", "timestamp": STAMP - 3600, "format": "\u200bwaiting {ago}"}
    blocks = [
        {
            "type": "rich_text",
            "elements": [
                section({"type": "user", "user_id": "U1"}, {"type": "text", "text": " "}, date),
                {"type": "rich_text_quote", "elements": [text]},
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [section({"type": "link", "url": "https://a.example"})],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
                section({"type": "broadcast", "range": "here"}, {"type": "emoji", "name": "eyes"}),
            ],
        }
    ]

    assert shown(blocks=blocks).split("\n") == [
        "@Anna waiting 1 hour ago",
        "> one",
        "> two",
        "1. https://a.example",
        "```",
        "x",
        "```",
        "@here:eyes:",
    ]


def test_blocks_of_a_card() -> None:
    blocks = [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*Order* 1"},
            "fields": [{"type": "plain_text", "text": "VIP"}],
        },
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "a"}]},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Claim"}},
                {
                    "type": "overflow",
                    "options": [{"text": {"type": "plain_text", "text": "Snooze"}, "value": "s"}],
                },
            ],
        },
    ]

    assert shown(blocks=blocks) == "Order 1\nVIP\n────────\na\n[Claim] [⋯ Snooze]"


def test_tables_charts_and_containers() -> None:
    blocks = [
        {
            "type": "container",
            "title": {"type": "plain_text", "text": "History"},
            "child_blocks": [
                {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 2]},
            ],
        },
        {
            "type": "data_visualization",
            "title": "Late",
            "chart": {"type": "pie", "segments": [{"label": "Mon", "value": 2}]},
        },
    ]

    assert shown(blocks=blocks) == "History\n  a | a\nLate [pie chart]\n  Mon: 2"


def label(words: str) -> dict[str, str]:
    return {"type": "plain_text", "text": words}


PICTURE = {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "a cup"}
CARD = {
    "type": "card",
    "title": label("Order"),
    "body": label("2 cups"),
    "actions": [{"type": "button", "text": label("Open")}],
}
INPUT = {
    "type": "input",
    "label": label("Answer"),
    "element": {"type": "plain_text_input", "placeholder": label("Dear")},
    "hint": label("She reads this"),
}
RADIOS = {
    "type": "input",
    "label": label("Sure"),
    "element": {"type": "radio_buttons", "options": [{"text": label("yes"), "value": "y"}]},
}


@pytest.mark.parametrize(
    ("block", "lines"),
    [
        ({"type": "alert", "level": "warning", "text": label("No")}, ["⚠ No"]),
        (INPUT, ["Answer: [Dear]", "  She reads this"]),
        (RADIOS, ["Sure: ( ) yes"]),
        ({"type": "section", "text": label("x"), "accessory": PICTURE}, ["x", "[image: a cup]"]),
        (PICTURE, ["[image: a cup]"]),
        ({"type": "context", "elements": [PICTURE, label("by hand")]}, ["[image: a cup] by hand"]),
        ({"type": "carousel", "elements": [CARD]}, ["Order", "2 cups", "[Open]"]),
        ({"type": "markdown", "text": "**raw**"}, ["**raw**"]),
        ({"type": "plan", "title": "later"}, ["[plan]"]),
    ],
)
def test_other_blocks(block: dict[str, Any], lines: list[str]) -> None:
    assert shown(blocks=[block]).split("\n") == lines


def test_private_messages_and_reactions_are_marked() -> None:
    message = {
        "text": "psst",
        "ephemeral": True,
        "reactions": [{"name": "eyes", "count": 2, "users": []}],
    }

    assert to_plain(message, "UTC", NOW) == "(Only visible to you)\npsst\n:eyes: 2"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (10, "less than a minute ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (86_400 * 3, "3 days ago"),
        (-7200, "in 2 hours"),
        (-5, "in less than a minute"),
    ],
)
def test_ages(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ("{date_num}", "2026-11-20"),
        ("{date}", "November 20th"),
        ("{date_short}", "Nov 20"),
        ("{date_long}", "Friday, November 20th"),
        ("{date_pretty}", "Today"),
        ("{time_secs}", "11:00:00"),
        ("until {time}", "Until 11:00"),
        ("\u200buntil {time}", "until 11:00"),
    ],
)
def test_date_tokens_in_the_readers_zone(tokens: str, expected: str) -> None:
    assert show_date(STAMP, tokens, tz="Europe/Rome", now=NOW) == expected


def test_the_day_is_the_readers_own() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

    rome = show_date(late.timestamp(), "{date_pretty} {time}", tz="Europe/Rome", now=NOW)
    utc = show_date(late.timestamp(), "{date_pretty} {time}", tz="UTC", now=NOW)

    assert (rome, utc) == ("Tomorrow 00:30", "Today 23:30")


def test_a_far_date_has_its_year() -> None:
    assert show_date(0, "{date_short}", tz="UTC", now=NOW) == "Jan 1, 1970"


async def test_names_come_from_the_workspace(slack: SandboxSlack) -> None:
    names = names_of(slack.workspace)

    assert to_plain({"text": f"<@{ANNA}>"}, "UTC", NOW, names) == "@Anna"
