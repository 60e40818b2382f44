"""Settings that both of Meta's channels share."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

ID_PATTERN = r"^\d{5,30}$"


class MetaConfig(BaseModel):
    """One account behind one app of the seller's.

    `page_token` is the account's access token, `app_secret` the app's: it proves our calls and
    Meta's; calls may be proven by `previous_app_secret` as well, while one takes the place of the
    other. `verify_token` is made up by the seller and typed into the webhook form; without one no
    address is proven. With `app_id`, `check` also tells when the token ends. `human_agent` says
    that the app was granted the Human Agent feature. `comments` reads public comments too, below
    the newest `posts` posts. `since_days` is how far back the first poll reads.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    page_token: SecretStr
    app_secret: SecretStr
    previous_app_secret: SecretStr | None = None
    verify_token: SecretStr = SecretStr("")
    app_id: str = Field(default="", pattern=r"^\d{0,30}$")
    api_version: str = Field(default="v26.0", pattern=r"^v\d{1,3}\.\d$")
    base_url: str = Field(default="https://graph.facebook.com", pattern=r"^https?://[^\s?#]+$")
    since_days: int = Field(default=7, ge=0, le=30)
    human_agent: bool = False
    comments: bool = False
    posts: int = Field(default=25, ge=1, le=50)
