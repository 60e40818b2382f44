"""Block Kit's blocks and the surfaces they may appear on. Limits: Slack's Block Kit reference, 2026 blocks included."""

from typing import Any, Literal

from sandbox.slack.block_elements import (
    ELEMENTS,
    IMAGE,
    IMAGE_SOURCE,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
)
from sandbox.slack.block_schema import (
    Check,
    Report,
    array,
    at_least_one,
    boolean,
    both,
    by_type,
    complain,
    integer,
    number,
    one_of,
    pick,
    record,
    string,
    web_address,
)
from sandbox.slack.block_text import RICH_TEXT, RICH_TEXT_ELEMENTS, any_text, plain

Surface = Literal["message", "modal", "home"]

_ID = string(most=255)
_BLOCK: dict[str, Check] = {"block_id": _ID}
_WORD = string(most=50)


def _block(optional: dict[str, Check] | None = None, **required: Check) -> Check:
    return record({"type": _WORD, **required}, {**_BLOCK, **(optional or {})})


_RAW_CELL = by_type(
    {
        "raw_text": record({"type": _WORD, "text": string(most=20_000, least=0)}),
        "raw_number": record({"type": _WORD, "value": number}, {"text": string(most=255)}),
        "rich_text": RICH_TEXT,
    }
)
_HEADER_CELL = by_type({"raw_text": record({"type": _WORD, "text": string(most=20_000, least=0)})})
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _same_width(value: Any, at: str, report: Report) -> None:
    rows = value.get("rows")
    if not isinstance(rows, list):
        return
    widths = {len(row) for row in rows if isinstance(row, list)}
    if len(widths) > 1:
        complain(report, f"{at}/rows", "all rows must have the same number of cells")


def _header_is_plain(value: Any, at: str, report: Report) -> None:
    rows = value.get("rows")
    if isinstance(rows, list) and rows and isinstance(rows[0], list):
        for index, cell in enumerate(rows[0]):
            _HEADER_CELL(cell, f"{at}/rows/0/{index}", report)


def _fold_rules(value: Any, at: str, report: Report) -> None:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        complain(report, at, "default_collapsed requires is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        complain(report, at, "has_header_divider cannot be used with is_collapsible")


_POINT = record({"label": string(most=20), "value": number})
_SERIES = record({"name": string(most=20), "data": array(_POINT, most=20)})
_AXES = record(
    {"categories": array(string(most=20), most=20)},
    {"x_label": string(most=50), "y_label": string(most=50)},
)
_PLOT = record({"type": _WORD, "series": array(_SERIES, most=6), "axis_config": _AXES})
_CHART = by_type(
    {
        "pie": record({"type": _WORD, "segments": array(_POINT, most=6)}),
        "bar": _PLOT,
        "area": _PLOT,
        "line": _PLOT,
    }
)

_SECTION = both(
    _block(
        {
            "text": any_text(3000),
            "fields": array(any_text(2000), most=10),
            "accessory": by_type(pick(ELEMENTS, IN_SECTION)),
            "expand": boolean,
        }
    ),
    at_least_one("text", "fields"),
)
_IMAGE = both(
    _block(
        {
            "image_url": web_address,
            "slack_file": record({}, {"id": _ID, "url": web_address}),
            "title": plain(2000),
        },
        alt_text=string(most=2000),
    ),
    IMAGE_SOURCE,
)
_CARD = both(
    _block(
        {
            "hero_image": IMAGE,
            "icon": IMAGE,
            "title": any_text(150),
            "subtitle": any_text(150),
            "body": any_text(200),
            "actions": array(by_type(pick(ELEMENTS, ("button",))), most=3),
        }
    ),
    at_least_one("hero_image", "title", "actions", "body"),
)
_TASK = _block(
    {
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": array(
            record({"type": one_of("url"), "url": web_address, "text": string(most=3000)}), most=50
        ),
    },
    task_id=_ID,
    title=string(most=3000),
    status=one_of("pending", "in_progress", "complete", "error"),
)

_CHILDREN: dict[str, Check] = {
    "actions": _block(elements=array(by_type(pick(ELEMENTS, IN_ACTIONS)), most=25)),
    "context": _block(
        elements=array(
            by_type(
                {
                    "image": IMAGE,
                    "plain_text": any_text(3000),
                    "mrkdwn": any_text(3000),
                }
            ),
            most=10,
        )
    ),
    "divider": _block(),
    "header": _block(text=plain(150)),
    "image": _IMAGE,
    "input": _block(
        {"dispatch_action": boolean, "hint": plain(2000), "optional": boolean},
        label=plain(2000),
        element=by_type(pick(ELEMENTS, IN_INPUT)),
    ),
    "rich_text": _block(elements=RICH_TEXT_ELEMENTS),
    "section": _SECTION,
    "table": both(
        _block(
            {"column_settings": array(_COLUMN, most=20)},
            rows=array(array(_RAW_CELL, most=20), most=100),
        ),
        _same_width,
    ),
    "video": _block(
        {
            "title_url": web_address,
            "description": plain(200),
            "provider_icon_url": web_address,
            "provider_name": string(most=50),
            "author_name": string(most=50),
        },
        alt_text=string(most=2000),
        video_url=web_address,
        thumbnail_url=web_address,
        title=plain(200),
    ),
}

BLOCKS: dict[str, Check] = {
    **_CHILDREN,
    "alert": _block(
        {"level": one_of("default", "info", "warning", "error", "success")}, text=any_text(200)
    ),
    "card": _CARD,
    "carousel": _block(elements=array(by_type({"card": _CARD}), most=10)),
    "container": both(
        _block(
            {
                "title": plain(150),
                "rich_text_title": RICH_TEXT,
                "subtitle": any_text(150),
                "width": one_of("narrow", "standard", "wide", "full"),
                "icon": IMAGE,
                "is_collapsible": boolean,
                "default_collapsed": boolean,
                "has_header_divider": boolean,
            },
            child_blocks=array(by_type(_CHILDREN), most=10),
        ),
        at_least_one("title", "rich_text_title"),
        _fold_rules,
    ),
    "context_actions": _block(elements=array(by_type(pick(ELEMENTS, IN_CONTEXT_ACTIONS)), most=5)),
    "data_table": both(
        _block(
            {"page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
            caption=string(most=3000),
            rows=array(array(_RAW_CELL, most=20), most=101, least=2),
        ),
        _same_width,
        _header_is_plain,
    ),
    "data_visualization": _block(title=string(most=50), chart=_CHART),
    "markdown": _block(text=string(most=12_000)),
    "plan": _block({"tasks": array(by_type({"task_card": _TASK}), most=50)}, title=_ID),
    "task_card": _TASK,
}

_EVERYWHERE = frozenset(
    {"actions", "card", "context", "divider", "header", "image", "input", "rich_text"}
    | {"section", "video"}
)
_NOT_IN_MODALS = frozenset({"carousel", "container", "data_table", "data_visualization", "table"})
_MESSAGES_ONLY = frozenset({"context_actions", "markdown", "plan", "task_card"})

SURFACES: dict[Surface, frozenset[str]] = {
    "message": _EVERYWHERE | _NOT_IN_MODALS | _MESSAGES_ONLY,
    "home": _EVERYWHERE | _NOT_IN_MODALS,
    "modal": _EVERYWHERE | {"alert"},
}
MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MOST_OF_A_KIND: dict[str, int] = {"table": 1, "data_visualization": 2}
MODAL_INPUTS = frozenset({"file_input"})
"""Input elements that only a modal takes."""
