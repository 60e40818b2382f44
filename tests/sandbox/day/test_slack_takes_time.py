import asyncio

from aiohttp import ClientSession

from sandbox.day.pace import LoopClock, leaping
from sandbox.day.script import MORNING
from sandbox.slack.delivery import Timing
from sandbox.slack.limits import LimitSettings
from sandbox.slack.server import SandboxSlack


async def _posts(slack: SandboxSlack, count: int) -> tuple[list[int], float]:
    """The answers to so many posts into one channel at once, and how long the first took."""
    loop = asyncio.get_running_loop()
    channel = slack.workspace.channel_named("shop").id

    async def post(session: ClientSession) -> int:
        answer = await session.post(
            f"{slack.api_url}chat.postMessage",
            json={"channel": channel, "text": "hello"},
            headers={"Authorization": f"Bearer {slack.bot_token}"},
        )
        return answer.status

    async with ClientSession() as session:
        began = loop.time()
        first = await post(session)
        took = loop.time() - began
        return [first, *[await post(session) for _ in range(count - 1)]], took


async def _play(slack: SandboxSlack, count: int) -> tuple[list[int], float]:
    await slack.start(clock=LoopClock(asyncio.get_running_loop(), MORNING))
    try:
        return await _posts(slack, count)
    finally:
        await slack.stop()


def test_a_call_is_on_its_way_as_long_as_the_workspace_says() -> None:
    slack = SandboxSlack(timing=Timing(answer_seconds=2.0))
    with leaping() as loop:
        answers, took = loop.run_until_complete(_play(slack, 1))

    assert answers == [200]
    assert 2.0 <= took < 2.5


def test_leaping_time_bends_no_limit_of_slacks() -> None:
    limits = LimitSettings(channel_burst=2, channel_per_second=1.0)
    quick = SandboxSlack(limits=limits)
    slow = SandboxSlack(limits=limits, timing=Timing(answer_seconds=1.0))
    with leaping() as loop:
        at_once, _ = loop.run_until_complete(_play(quick, 4))
        a_second_each, _ = loop.run_until_complete(_play(slow, 4))

    assert at_once == [200, 200, 429, 429]
    assert a_second_each == [200, 200, 200, 200]
