"""Settings of an Amazon account inbox: an access to the selling API, and what is read with it."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.data_rules import DataRules
from connectors.selling_partner.config import SellingPartnerConfig
from connectors.selling_partner.policy import DATA_RULES
from connectors.selling_partner.regions import regions

Country = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=2)]


class Config(SellingPartnerConfig):
    """`marketplaces` are the countries sold in, such as `["it", "de"]`, all of one region.

    Feedback of the last `since_days` is asked for every `report_hours`; 0 is at every look.
    """

    marketplaces: tuple[Country, ...] = Field(min_length=1, max_length=25)
    since_days: int = Field(default=30, ge=1, le=90)
    report_hours: float = Field(default=24, ge=0, le=168)

    @model_validator(mode="after")
    def _marketplaces_of_the_region(self) -> Self:
        known = regions().marketplaces
        there = sorted(name for name, one in known.items() if one.region == self.region)
        wrong = [name for name in self.marketplaces if name not in there]
        if wrong:
            raise ValueError(
                f"not in the region {self.region}: {', '.join(wrong)}; there are {', '.join(there)}"
            )
        return self

    @property
    def data_rules(self) -> DataRules | None:
        """Everything here comes out of the selling API."""
        return DATA_RULES
