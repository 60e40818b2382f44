"""`/sla whatif`: what managers read of a run that was shared."""

from datetime import timedelta

import pytest

from bot.domain.whatif_summary import TicketLink, WhatIfSummary
from bot.slack.blocks.whatif import GROUPS, LISTED, render_no_run, render_whatif
from sandbox.slack.blocks import validate_blocks
from sla_rules.vocabulary import Metric, Scope
from sla_rules.whatif import Flip, Group, Tally
from tests.unit.slack.scenes import NOON

HOUR = timedelta(hours=1)
LINK = "https://shop.slack.example/archives/C0AMAZON/p17"


def a_group(channel: str = "tiktok_shop") -> Group:
    return Group(channel, Metric.FIRST_RESPONSE, Scope.MARKETPLACE)


def a_flip(ticket: int, *, late_after: bool = True) -> Flip:
    return Flip(
        ticket=ticket,
        group=a_group(),
        instance=0,
        late_before=not late_after,
        late_after=late_after,
        due_before=NOON,
        due_after=NOON - HOUR,
        ended_before=None,
        ended_after=None,
        late_by=2 * HOUR,
    )


def a_run(*flips: Flip, groups: int = 1, answers: int = 0) -> WhatIfSummary:
    newly = sum(flip.late_after for flip in flips)
    tally = Tally(
        deadlines_before=340,
        deadlines_after=340,
        breaches_before=12,
        breaches_after=17,
        newly_late=newly,
        no_longer_late=len(flips) - newly,
    )
    rows = [(a_group(), tally), *((a_group(f"channel-{n}"), Tally()) for n in range(1, groups))]
    return WhatIfSummary(
        proposal="roster of <!channel> & co.toml",
        since=NOON - timedelta(days=90),
        at=NOON - 3 * HOUR,
        tickets=1234,
        rows=tuple(rows),
        flips=flips,
        answers=answers,
        outside=3,
    )


def shown(run: WhatIfSummary, links: dict[int, TicketLink] | None = None) -> str:
    rendered = render_whatif(run, links or {}, NOON)
    validate_blocks(rendered.blocks)
    return str(rendered.blocks)


def test_counts_age_and_the_gravest_tickets_are_told_with_links() -> None:
    links = {1: TicketLink(number=17, permalink=LINK), 2: TicketLink(number=18, permalink=None)}
    run = a_run(a_flip(1), a_flip(2, late_after=False), a_flip(3), answers=900)

    said = shown(run, links)

    assert "1,234 tickets" in said
    assert "now 12 of 340 late (3.5 %), new 17 of 340 late (5.0 %)" in said
    assert "TikTok Shop, first response, marketplace limit" in said
    assert "Of 900 answers, 3 were given outside every shift" in said
    assert f"'url': '{LINK}', 'text': '#17'" in said
    assert "newly late, by 2 h" in said
    assert "no longer late, by 2 h" in said
    assert "Made 3 h ago on the command line. It changed nothing." in said
    assert "3 clocks would have ended otherwise" in render_whatif(run, links, NOON).text


def test_a_file_name_takes_no_effect() -> None:
    assert "<!channel>" not in render_whatif(a_run(), {}, NOON).text


@pytest.mark.parametrize("groups", [GROUPS, GROUPS + 200])
def test_however_many_clocks_there_are_slack_takes_the_message(groups: int) -> None:
    run = a_run(*(a_flip(n) for n in range(LISTED + 10)), groups=groups)

    said = shown(run)

    assert said.count("newly late, by") == LISTED
    assert ("… and 200 more clocks" in said) is (groups > GROUPS)


def test_a_history_without_clocks_is_said_too() -> None:
    run = WhatIfSummary(
        proposal="rules of new.toml", since=NOON, at=NOON, tickets=3, rows=(), flips=()
    )
    assert "No clock would have ended otherwise." in shown(run)


def test_without_a_run_it_says_how_to_make_one() -> None:
    rendered = render_no_run()
    validate_blocks(rendered.blocks)
    assert "threadline whatif --policy new.toml --last 90d --share" in rendered.text
