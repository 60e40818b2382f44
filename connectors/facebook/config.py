"""Settings of a Facebook Page's inbox."""

from pydantic import Field

from connectors.meta.config import ID_PATTERN, MetaConfig


class Config(MetaConfig):
    """`page_id` is the Page's number, under About, Page transparency."""

    page_id: str = Field(pattern=ID_PATTERN)
