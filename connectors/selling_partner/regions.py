"""Where Amazon's selling API answers, and which marketplaces it knows. Data in `regions.toml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.manifest import read_data

RegionKey = Literal["na", "eu", "fe"]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Region(_Data):
    """One of Amazon's three regions; a seller's access is good for one."""

    endpoint: str = Field(pattern=r"^https://[a-z0-9.-]+$")


class SellingMarketplace(_Data):
    """One marketplace. `tld` ends the address of its Seller Central."""

    id: str = Field(pattern=r"^[A-Z0-9]{10,20}$")
    region: RegionKey
    tld: str = Field(pattern=r"^[a-z.]{2,8}$")
    day: Literal["day_first", "month_first"] = "day_first"

    @property
    def console(self) -> str:
        """The host of its Seller Central."""
        return f"sellercentral.amazon.{self.tld}"


class Regions(_Data):
    """The whole file. Marketplaces are named by their country, in small letters."""

    regions: Mapping[RegionKey, Region]
    marketplaces: Mapping[str, SellingMarketplace]

    def by_id(self, marketplace_id: str) -> tuple[str, SellingMarketplace] | None:
        """The country and marketplace of an id; None for one that opened after this version."""
        return next(
            ((name, one) for name, one in self.marketplaces.items() if one.id == marketplace_id),
            None,
        )


@cache
def regions() -> Regions:
    """What is known of regions and marketplaces. Raises ManifestError."""
    return read_data(Path(__file__).with_name("regions.toml"), Regions)
