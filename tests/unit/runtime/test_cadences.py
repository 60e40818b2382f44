from typing import Any

from bot.domain.pacing import Budget
from bot.runtime.cadences import cadence_of
from bot.settings import InboxSettings
from connectors.manifest import Manifest


def manifest(**changed: Any) -> Manifest:
    plain: dict[str, Any] = {
        "key": "acme",
        "title": "Acme",
        "channel": "acme",
        "transport": "api",
        "summary": "An invented marketplace.",
        "sdk_api": 1,
        "poll_floor_seconds": 30,
        "poll_default_seconds": 90,
    }
    return Manifest.model_validate(plain | changed)


def an_inbox(**changed: Any) -> InboxSettings:
    return InboxSettings.model_validate(
        {"name": "acme", "connector": "acme", "channel": "#acme"} | changed
    )


def test_without_a_word_of_the_file_the_channel_says_how_often() -> None:
    found = cadence_of(an_inbox(), manifest())
    assert (found.usual, found.floor, found.budget) == (90, 30, None)


def test_the_file_cannot_ask_a_platform_more_often_than_it_bears() -> None:
    found = cadence_of(an_inbox(poll_seconds=5), manifest())
    assert (found.usual, found.floor) == (5, 30)


def test_the_sellers_own_mail_server_may_be_asked_more_often() -> None:
    found = cadence_of(an_inbox(poll_seconds=5), manifest(transport="mail"))
    assert (found.usual, found.floor) == (5, 5)


def test_a_daily_quota_becomes_a_budget() -> None:
    quota = {"calls_per_day": 10_000, "reply_share": 0.05}
    found = cadence_of(an_inbox(), manifest(quota=quota))
    assert found.budget == Budget(calls_per_day=10_000, reply_share=0.05)


def test_on_a_faster_desk_the_platforms_time_is_faster_too() -> None:
    found = cadence_of(an_inbox(), manifest(), speed=60)
    assert (found.usual, found.floor) == (1.5, 0.5)
