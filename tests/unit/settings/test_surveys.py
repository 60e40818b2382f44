"""`survey` in an inbox: where it may stand, and what else it needs."""

from pathlib import Path

import pytest

from tests.unit.settings.files import AGENT, CALENDAR, DESK, inbox, loaded, problems

ADDRESS = 'public_url = "https://desk.shop.example"\n'
ASKS = 'survey = "nps"'


def a_file(desk: str, **where: str) -> str:
    return desk + AGENT + CALENDAR + inbox(extra=ASKS, **where)


def test_the_own_shop_may_ask(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, a_file(DESK + ADDRESS))

    assert configuration.settings.inboxes[0].survey == "nps"


@pytest.mark.parametrize("connector", ["amazon", "ebay", "etsy"])
def test_a_marketplaces_customers_are_never_asked(tmp_path: Path, connector: str) -> None:
    told = problems(tmp_path, a_file(DESK + ADDRESS, connector=connector))

    (said,) = [one for one in told if "→ survey" in one]
    assert 'inboxes "shop" → survey: "nps" cannot be asked on ' in said
    assert "Remove it: only inboxes of your own shop may ask (shopify, website)." in said
    assert "threadline.toml:22: " in said


def test_a_link_needs_an_address(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, a_file(DESK))

    assert '"nps" needs an address that customers can open.' in said
    assert "public_url" in said


def test_an_inbox_that_sends_nothing_asks_nobody(tmp_path: Path) -> None:
    watched = a_file(DESK + ADDRESS).replace(ASKS, f"{ASKS}\nobserve = true")

    assert any("survey asks nobody" in one for one in loaded(tmp_path, watched).warnings)
