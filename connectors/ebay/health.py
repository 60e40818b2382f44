"""One line for `doctor`: whose access it is, what may be read, and how long the consent lives."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from connectors.contract import Health
from connectors.ebay.access import CONSENT_ENDS, CONSENT_ENDS_SOON, consent_left
from connectors.ebay.client import MEMBERS, EbayClient, stamp
from connectors.ebay.config import Config
from connectors.ebay.push import NEEDS_PACKAGE, can_prove
from connectors.errors import AuthExpired
from connectors.fields import Fields

_MESSAGE_API: Final = "message"
_MOMENT: Final = timedelta(minutes=1)


async def health(client: EbayClient, config: Config, now: datetime) -> Health:
    """Look at the account, changing nothing. Raises ConnectorError where it cannot be looked at."""
    account = await client.account()
    await client.conversations(MEMBERS, 0)
    said = [f"signed in as {account.username or account.user_id}"]
    if await client.orders(now, 0) is None:
        said.append("orders may not be read: consent again with sell.fulfillment.readonly")
    missing = await _missing(client, config, account.username, now)
    if config.verification_token is not None and not can_prove():
        missing.append(NEEDS_PACKAGE)
    said += [f"{left} Message API calls left today" for left in await _calls_left(client)]
    left = consent_left(config.consented_on, now)
    if left is not None and left <= CONSENT_ENDS:
        said.append(f"the consent ends in {max(left.days, 0)} days: consent again")
    ends_soon = left is not None and left <= CONSENT_ENDS_SOON
    return Health(ok=not missing and not ends_soon, detail="; ".join([*missing, *said]))


async def _missing(client: EbayClient, config: Config, username: str, now: datetime) -> list[str]:
    """What the settings ask for and the consent does not give, with the two ways out."""

    async def returns() -> object:
        window = {
            "creation_date_range_from": stamp(now - _MOMENT),
            "creation_date_range_to": stamp(now),
        }
        return await client.post_order("return/search", {**window, "limit": "1"})

    wanted: tuple[tuple[bool, str, Callable[[], Awaitable[object]]], ...] = (
        (config.disputes, "disputes", returns),
        (config.feedback, "feedback", partial(client.feedback, username)),
        (config.payment_disputes, "payment_disputes", partial(client.payment_disputes, 0)),
    )
    missing: list[str] = []
    for asked, setting, look in wanted:
        try:
            if asked:
                await look()
        except AuthExpired as error:
            missing.append(f"{error}; or set {setting} = false")
    return missing


async def _calls_left(client: EbayClient) -> list[int]:
    """The least that is left of the Message API's calls, where eBay tells it."""
    left = [
        rate.number("remaining")
        for row in await client.calls_left()
        if _MESSAGE_API in Fields(row).text("apiName", default="").lower()
        for resource in Fields(row).each("resources")
        for rate in resource.each("rates")
        if isinstance(rate.value.get("remaining"), int)
    ]
    return [min(left)] if left else []
