"""What a process counts of Slack's requests: how soon it answers, and what it does not let people do."""

from pathlib import Path

from bot.domain.roster import Agent, Role, Roster
from bot.slack.counted import CountingApp
from bot.web.work_metrics import slack_families
from tests.slack.front import GIULIA, a_front


async def test_what_somebody_may_not_do_is_counted_by_what_it_was_and_never_by_whom(
    tmp_path: Path,
) -> None:
    async with a_front(tmp_path) as front:
        number = await front.customer_writes()
        looker = Agent(slack_id=GIULIA, name="Giulia Conti", role=Role.VIEWER)
        await front.restarts_with(roster=Roster(agents={GIULIA: looker}))
        app = front.app
        assert isinstance(app, CountingApp)
        before = dict(app.counted.denied)
        await front.command(GIULIA, f"claim {number}")
        await front.command("U0STRANGER", f"status {number}")
        await front.command(GIULIA, f"status {number}")  # which she may ask for
        told = {verb: n - before.get(verb, 0) for verb, n in app.counted.denied.items()}
        assert {verb: n for verb, n in told.items() if n} == {"work": 1, "view": 1}
        denied, acknowledged = slack_families(app.counted)
        assert all(set(each.labels) <= {"verb"} for each in denied.samples)
        commands = [
            each.value
            for each in acknowledged.samples
            if each.name.endswith("_count") and each.labels == {"type": "command"}
        ]
        assert commands == [3.0]
