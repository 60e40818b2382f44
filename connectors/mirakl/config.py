"""Settings of one shop on one marketplace that runs on Mirakl."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.mirakl.operators import SLUG, AnswersTo, Operator, operator


class Config(BaseModel):
    """`operator` names the marketplace; `api_key` is the shop's own.

    `shop_id` chooses a shop where the key opens several. `answers_to`, left out, is the operator's
    own rule of the table.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    operator: str = Field(pattern=SLUG)
    api_key: SecretStr
    base_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    shop_id: int | None = Field(default=None, gt=0)
    since_days: int = Field(default=7, ge=0, le=365)
    answers_to: AnswersTo | None = None
    incidents: bool = True
    returns: bool = True

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.address:
            raise ValueError(
                "base_url is needed: the table has no address of this operator;"
                " it is the beginning of the back office's address"
            )
        return self

    @property
    def marketplace(self) -> Operator:
        """What the table knows of the operator."""
        return operator(self.operator)

    @property
    def address(self) -> str:
        """Where the operator's interface is."""
        return self.base_url or self.marketplace.base_url

    @property
    def recipients(self) -> AnswersTo:
        """Who gets an answer."""
        return self.answers_to or self.marketplace.answers_to
