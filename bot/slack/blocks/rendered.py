from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]
"""One Block Kit object as Slack's API takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message ready to post. `text` is the whole sentence a screen reader or notification says."""

    text: str
    blocks: list[Block]
