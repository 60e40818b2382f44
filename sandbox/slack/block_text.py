"""Block Kit's text: text objects, options, dialogs, and the tree of rich text. Limits: Slack's Block Kit reference."""

from sandbox.slack.block_schema import (
    Check,
    array,
    boolean,
    by_type,
    integer,
    one_of,
    record,
    string,
    web_address,
)

_TYPE = {"type": string(most=50)}


def plain(most: int, least: int = 1) -> Check:
    """A `plain_text` object."""
    required = {**_TYPE, "text": string(most=most, least=least)}
    return by_type({"plain_text": record(required, {"emoji": boolean})})


def any_text(most: int, least: int = 1) -> Check:
    """A `plain_text` or `mrkdwn` object."""
    required = {**_TYPE, "text": string(most=most, least=least)}
    return by_type(
        {
            "plain_text": record(required, {"emoji": boolean}),
            "mrkdwn": record(required, {"verbatim": boolean}),
        }
    )


def option(text: Check, *, with_url: bool = False) -> Check:
    """An option of a menu, checkbox or radio group."""
    extra: dict[str, Check] = {"description": text}
    if with_url:
        extra["url"] = web_address
    return record({"text": text, "value": string(most=150)}, extra)


MENU_OPTION = option(plain(75))
CHOICE_OPTION = option(any_text(75))
OVERFLOW_OPTION = option(plain(75), with_url=True)
OPTION_GROUP = record(
    {"label": plain(75), "options": array(MENU_OPTION, most=100)},
)

CONFIRM = record(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)

_STYLE = record(
    {},
    dict.fromkeys(
        (
            "bold",
            "italic",
            "strike",
            "code",
            "underline",
            "highlight",
            "client_highlight",
            "unlink",
        ),
        boolean,
    ),
)
_STYLED = {"style": _STYLE}
_ID = string(most=255)
_LONG = string(most=40_000)

_INLINE = by_type(
    {
        "text": record({**_TYPE, "text": _LONG}, _STYLED),
        "link": record(
            {**_TYPE, "url": web_address}, {"text": _LONG, "unsafe": boolean, **_STYLED}
        ),
        "emoji": record(
            {**_TYPE, "name": _ID}, {"skin_tone": integer(1, 6), "unicode": _ID, **_STYLED}
        ),
        "user": record({**_TYPE, "user_id": _ID}, _STYLED),
        "usergroup": record({**_TYPE, "usergroup_id": _ID}, _STYLED),
        "channel": record({**_TYPE, "channel_id": _ID}, _STYLED),
        "team": record({**_TYPE, "team_id": _ID}, _STYLED),
        "broadcast": record({**_TYPE, "range": one_of("here", "channel", "everyone")}, _STYLED),
        "color": record({**_TYPE, "value": _ID}, _STYLED),
        "date": record(
            {**_TYPE, "timestamp": integer(0, 2**40), "format": string(most=3000)},
            {"timezone": _ID, "url": web_address, "fallback": string(most=3000), **_STYLED},
        ),
    }
)
_INLINES = array(_INLINE, most=10_000, least=0)
_BORDER = {"border": integer(0, 1)}
_SECTION = record({**_TYPE, "elements": _INLINES})

RICH_TEXT_ELEMENTS = array(
    by_type(
        {
            "rich_text_section": _SECTION,
            "rich_text_quote": record({**_TYPE, "elements": _INLINES}, _BORDER),
            "rich_text_preformatted": record(
                {**_TYPE, "elements": _INLINES}, {**_BORDER, "language": _ID}
            ),
            "rich_text_list": record(
                {
                    **_TYPE,
                    "style": one_of("bullet", "ordered"),
                    "elements": array(by_type({"rich_text_section": _SECTION}), most=10_000),
                },
                {"indent": integer(0, 8), "offset": integer(0, 10_000), **_BORDER},
            ),
        }
    ),
    most=10_000,
)
RICH_TEXT = record({**_TYPE, "elements": RICH_TEXT_ELEMENTS}, {"block_id": _ID})
