"""Settings of one shop at Judge.me."""

from pydantic import Field, SecretStr

from connectors.reviews import ReviewConfig


class Config(ReviewConfig):
    """`api_token` is the shop's private one, `shop_domain` the name Judge.me knows the shop by.

    `webhook_secret` is the secret of calls that an app made; calls made with the private token are
    signed with that. `mail_public_answers` tells the customer by e-mail of an answer in public.
    Reviews of the last `revisit_days` are looked at again in every poll.
    """

    api_token: SecretStr
    shop_domain: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{2,120}[a-z0-9]$")
    webhook_secret: SecretStr | None = None
    mail_public_answers: bool = True
    base_url: str = Field(
        default="https://api.judge.me/api/v1", pattern=r"^https?://[^\s?#]+[^\s?#/]$"
    )
    since_days: int = Field(default=7, ge=0, le=365)
    revisit_days: int = Field(default=14, ge=1, le=90)
