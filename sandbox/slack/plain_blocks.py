"""Each kind of block as lines of text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

Block = Mapping[str, Any]

_RULE = "────────"
_LEVELS = {"warning": "⚠ ", "error": "⛔ ", "success": "✓ ", "info": "(i) "}


# rich text elements that name something: the sign before the name, and the field of the id
_IDS = {
    "user": ("@", "user_id"),
    "usergroup": ("@", "usergroup_id"),
    "channel": ("#", "channel_id"),
}


class TextReader(Protocol):
    """Turns Slack's markup into what one person reads."""

    def name(self, some_id: str, given: str = "") -> str: ...

    def date(self, timestamp: float, tokens: str, fallback: str) -> str: ...

    def mrkdwn(self, text: str) -> str: ...


class BlockWriter:
    """Writes blocks for one reader."""

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader
        self._writers: Mapping[str, Callable[[Block], Iterable[str]]] = {
            "actions": self._actions,
            "alert": self._alert,
            "card": self._card,
            "carousel": self._carousel,
            "container": self._container,
            "context": self._context,
            "data_table": self._table,
            "data_visualization": self._chart,
            "divider": lambda _block: [_RULE],
            "header": lambda block: [self._text(block["text"])],
            "image": lambda block: [f"[image: {block['alt_text']}]"],
            "input": self._input,
            "markdown": lambda block: [str(block["text"])],
            "rich_text": self._rich_text,
            "section": self._section,
            "table": self._table,
        }

    def lines(self, block: Block) -> list[str]:
        """A block's lines; one of an unknown kind is named."""
        writer = self._writers.get(block["type"])
        return list(writer(block)) if writer else [f"[{block['type']}]"]

    def _text(self, text: Any) -> str:
        if not isinstance(text, Mapping):
            return str(text or "")
        return self._reader.mrkdwn(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])

    def _section(self, block: Block) -> Iterable[str]:
        if block.get("text"):
            yield self._text(block["text"])
        for item in block.get("fields") or []:
            yield self._text(item)
        if block.get("accessory"):
            yield self._element(block["accessory"])

    def _context(self, block: Block) -> Iterable[str]:
        yield " ".join(
            f"[image: {item['alt_text']}]" if item["type"] == "image" else self._text(item)
            for item in block["elements"]
        )

    def _actions(self, block: Block) -> Iterable[str]:
        yield " ".join(self._element(element) for element in block["elements"])

    def _element(self, element: Block) -> str:
        kind = element["type"]
        if kind == "image":
            return f"[image: {element['alt_text']}]"
        if kind == "overflow":
            return "[⋯ " + " | ".join(self._text(o["text"]) for o in element["options"]) + "]"
        if kind in {"checkboxes", "radio_buttons"}:
            return " ".join(f"( ) {self._text(option['text'])}" for option in element["options"])
        chosen = element.get("initial_option") or {}
        for shown in (element.get("text"), chosen.get("text"), element.get("placeholder")):
            if shown:
                return f"[{self._text(shown)}]"
        return f"[{element.get('initial_value') or kind}]"

    def _input(self, block: Block) -> Iterable[str]:
        yield f"{self._text(block['label'])}: {self._element(block['element'])}"
        if block.get("hint"):
            yield f"  {self._text(block['hint'])}"

    def _alert(self, block: Block) -> Iterable[str]:
        yield _LEVELS.get(block.get("level", ""), "") + self._text(block["text"])

    def _card(self, block: Block) -> Iterable[str]:
        for name in ("title", "subtitle", "body"):
            if block.get(name):
                yield self._text(block[name])
        if block.get("actions"):
            yield " ".join(self._element(element) for element in block["actions"])

    def _carousel(self, block: Block) -> Iterable[str]:
        for card in block["elements"]:
            yield from self._card(card)

    def _container(self, block: Block) -> Iterable[str]:
        if block.get("rich_text_title"):
            yield from self._rich_text(block["rich_text_title"])
        else:
            yield self._text(block["title"])
        for child in block["child_blocks"]:
            yield from (f"  {line}" for line in self.lines(child))

    def _table(self, block: Block) -> Iterable[str]:
        if block.get("caption"):
            yield str(block["caption"])
        for row in block["rows"]:
            yield " | ".join(self._cell(cell) for cell in row)

    def _cell(self, cell: Block) -> str:
        if cell["type"] == "rich_text":
            return " ".join(self._rich_text(cell))
        return str(cell.get("text") or cell.get("value", ""))

    def _chart(self, block: Block) -> Iterable[str]:
        chart = block["chart"]
        yield f"{block['title']} [{chart['type']} chart]"
        for segment in chart.get("segments") or []:
            yield f"  {segment['label']}: {segment['value']}"
        for series in chart.get("series") or []:
            points = ", ".join(f"{point['label']} {point['value']}" for point in series["data"])
            yield f"  {series['name']}: {points}"

    def _rich_text(self, block: Block) -> Iterable[str]:
        for element in block["elements"]:
            yield from self._rich_element(element)

    def _rich_element(self, element: Block) -> Iterable[str]:
        kind = element["type"]
        if kind == "rich_text_list":
            yield from self._list(element)
            return
        lines = self._inline(element["elements"]).split("\n")
        if kind == "rich_text_quote":
            lines = [f"> {line}" for line in lines]
        elif kind == "rich_text_preformatted":
            lines = ["```", *lines, "```"]
        yield from lines

    def _list(self, element: Block) -> Iterable[str]:
        indent = "  " * element.get("indent", 0)
        for number, item in enumerate(element["elements"], start=element.get("offset", 0) + 1):
            mark = f"{number}." if element["style"] == "ordered" else "•"
            yield f"{indent}{mark} {self._inline(item['elements'])}"

    def _inline(self, parts: Sequence[Block]) -> str:
        return "".join(self._part(part) for part in parts)

    def _part(self, part: Block) -> str:
        kind = part["type"]
        if kind == "date":
            fallback = str(part.get("fallback", ""))
            return self._reader.date(part["timestamp"], part["format"], fallback)
        if kind in _IDS:
            sign, field = _IDS[kind]
            return sign + self._reader.name(part[field])
        if kind == "emoji":
            return f":{part['name']}:"
        if kind == "broadcast":
            return f"@{part['range']}"
        return str(part.get("text") or part.get("url") or part.get("value", ""))
