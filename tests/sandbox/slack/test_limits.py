"""Rate limits: 429 and Retry-After where Slack's documentation puts them."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from sandbox.slack.errors import RateLimited
from sandbox.slack.limits import LimitSettings, RateLimits
from sandbox.slack.methods.table import METHODS
from sandbox.slack.seed import AMAZON_IT, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.stepped import SteppedClock


def waits(limits: RateLimits, channel: str) -> int:
    with pytest.raises(RateLimited) as caught:
        limits.take_post(channel)
    return caught.value.seconds


def test_a_channel_takes_a_burst_and_then_one_post_a_second() -> None:
    clock = SteppedClock()
    limits = RateLimits(LimitSettings(channel_burst=3), clock.monotonic)
    for _ in range(3):
        limits.take_post(SHOP)

    assert waits(limits, SHOP) == 1
    limits.take_post(AMAZON_IT)
    clock.move(1)
    limits.take_post(SHOP)
    assert waits(limits, SHOP) == 1


def test_the_workspace_takes_only_so_many_posts_in_all() -> None:
    clock = SteppedClock()
    limits = RateLimits(LimitSettings(posts_per_window=2), clock.monotonic)
    limits.take_post("C1")
    clock.move(10)
    limits.take_post("C2")

    assert waits(limits, "C3") == 50
    clock.move(50)
    limits.take_post("C3")


@pytest.mark.parametrize(
    ("method", "most"),
    [
        ("chat.update", 50),
        ("conversations.list", 20),
        ("views.publish", 100),
        ("reactions.remove", 20),
        ("chat.postEphemeral", 100),
    ],
)
def test_a_method_may_be_called_as_often_as_its_tier_says(method: str, most: int) -> None:
    clock = SteppedClock()
    limits = RateLimits(LimitSettings(), clock.monotonic)
    tier = METHODS[method].tier
    for _ in range(most):
        limits.take_method(method, tier)

    with pytest.raises(RateLimited) as caught:
        limits.take_method(method, tier)
    assert caught.value.seconds == 60
    limits.take_method("users.info", METHODS["users.info"].tier)
    clock.move(60)
    limits.take_method(method, tier)


async def test_too_many_posts_are_answered_with_429_and_retry_after(
    slack: SandboxSlack, clock: SteppedClock, client: AsyncWebClient
) -> None:
    for number in range(5):
        await client.chat_postMessage(channel=SHOP, text=str(number))

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=SHOP, text="too many")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert caught.value.response["error"] == "ratelimited"
    clock.move(1)
    await client.chat_postMessage(channel=SHOP, text="now")
    texts = [message.text for message in slack.workspace.messages(SHOP)]
    assert texts == ["0", "1", "2", "3", "4", "now"]


async def test_the_sdk_waits_as_long_as_it_is_told_in_real_time() -> None:
    slack = SandboxSlack(limits=LimitSettings(channel_burst=1))
    await slack.start(clock=Clock(speed=60))
    client = AsyncWebClient(
        token=slack.bot_token,
        base_url=slack.api_url,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)],
    )

    await client.chat_postMessage(channel=SHOP, text="1")
    await client.chat_postMessage(channel=SHOP, text="2")

    assert [call.status for call in slack.core.calls] == [200, 429, 200]
    await slack.stop()


async def test_a_refused_post_costs_no_token(slack: SandboxSlack, client: AsyncWebClient) -> None:
    for _ in range(20):
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=SHOP, text="x", blocks=[{"type": "banner"}])

    assert (await client.chat_postMessage(channel=SHOP, text="fine"))["ok"]
