from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.cli.desk_database import desk_without_slack
from bot.desk_loader import SlackUnreachable, load_desk
from bot.domain.roster import Role, Verb
from bot.errors import SettingsError
from bot.settings_file import Configuration
from bot.slack_manifest import build_manifest
from sandbox.slack.seed import ANNA, CHIARA, ELENA, MANAGERS, OPS, SHOP
from sandbox.slack.server import SandboxSlack
from tests.unit.settings.files import CALENDAR, MAIL, loaded

AGENT = '[[agents]]\nslack = "{slack}"\nname = "Anna Conti"\n'


def desk_text(
    *,
    channel: str = "#shop",
    managers: str = '"@managers"',
    agent: str = "anna@rossi-casa.example",
    group: str = "",
) -> str:
    return (
        f'[desk]\nmanagers = [{managers}]\nops_channel = "#threadline-ops"\n'
        + AGENT.format(slack=agent)
        + CALENDAR
        + f'\n[[inboxes]]\nname = "shop"\nconnector = "website"\nchannel = "{channel}"\n'
        + f'calendar = "milan"\ngroup = [{group}]\n\n[inboxes.settings]\n{MAIL}'
    )


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    sandbox = SandboxSlack()
    await sandbox.start(manifest=build_manifest())
    yield sandbox
    await sandbox.stop()


def client_of(slack: SandboxSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


def methods(slack: SandboxSlack) -> list[str]:
    return [call.method for call in slack.core.calls]


async def refused(configuration: Configuration, slack: SandboxSlack) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        await load_desk(configuration, client_of(slack))
    return refusal.value.problems


async def test_names_become_ids_once(slack: SandboxSlack, tmp_path: Path) -> None:
    text = desk_text(managers='"@managers", "chiara@rossi-casa.example"', group='"@managers"')

    desk = await load_desk(loaded(tmp_path, text), client_of(slack))

    assert desk.inboxes["shop"].channel == SHOP
    assert desk.ops_channel == OPS
    assert desk.roster.managers == (MANAGERS, CHIARA)
    assert desk.inboxes["shop"].group == (MANAGERS,)
    assert desk.roster.agents[ANNA].role is Role.AGENT
    assert methods(slack).count("conversations.list") == 1
    assert methods(slack).count("usergroups.list") == 1


async def test_rules_see_the_platform_that_a_connector_reads(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    plain = loaded(tmp_path, desk_text())
    spec = plain.registry.specs["website"]
    other = replace(spec, manifest=spec.manifest.model_copy(update={"channel": "shopfront"}))
    registry = replace(plain.registry, specs={"website": other})
    configuration = replace(plain, registry=registry)

    desks = [await load_desk(configuration, client_of(slack)), desk_without_slack(configuration)]

    assert [desk.inboxes["shop"].rule_channel for desk in desks] == ["shopfront"] * 2


async def test_only_the_id_of_a_person_is_looked_at(slack: SandboxSlack, tmp_path: Path) -> None:
    text = desk_text(channel=SHOP, managers=f'"{MANAGERS}"', agent=ANNA).replace(
        "#threadline-ops", OPS
    )

    desk = await load_desk(loaded(tmp_path, text), client_of(slack))

    assert desk.inboxes["shop"].channel == SHOP
    assert methods(slack) == ["auth.test", "users.info"]


async def test_everything_unknown_is_told_at_once_with_its_remedy(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    text = desk_text(channel="#shopp", managers='"@menagers"', agent="nobody@rossi-casa.example")

    said = "\n".join(await refused(loaded(tmp_path, text), slack))

    assert 'inboxes "shop" → channel: "#shopp" is no channel' in said
    assert 'desk → managers: "@menagers" is no user group' in said
    assert 'agents "Anna Conti" → slack: "nobody@rossi-casa.example" is nobody' in said
    assert [line.partition(": ")[0] for line in said.splitlines()] == [
        "threadline.toml:2",
        "threadline.toml:5",
        "threadline.toml:19",
    ]


async def test_a_channel_without_the_bot_says_how_to_invite_it(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    slack.workspace.channel_named("shop").members.remove("U0THREADBOT")

    said = await refused(loaded(tmp_path, desk_text()), slack)

    assert len(said) == 1
    assert "is a channel the bot is not in" in said[0]
    assert "/invite" in said[0]


async def test_somebody_who_left_does_not_keep_the_desk_from_starting(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    configuration = loaded(tmp_path, desk_text(agent="elena@rossi-casa.example"))

    desk = await load_desk(configuration, client_of(slack), without_unknown_people=True)

    assert desk.roster.agents == {}
    assert len(await refused(configuration, slack)) == 1


async def test_a_missing_scope_is_named_with_its_remedy(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    manifest = build_manifest()
    manifest["oauth_config"]["scopes"]["bot"].remove("users:read.email")
    slack.install(manifest)

    with pytest.raises(SlackUnreachable, match=r"users:read\.email.*threadline manifest"):
        await load_desk(loaded(tmp_path, desk_text()), client_of(slack))


async def test_slack_being_away_is_a_sentence(tmp_path: Path) -> None:
    client = AsyncWebClient(token="xoxb-x", base_url="http://127.0.0.1:9/api/")

    with pytest.raises(SlackUnreachable, match="cannot be reached"):
        await load_desk(loaded(tmp_path, desk_text()), client)


async def test_who_was_deactivated_is_known_by_id_and_given_nothing(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    desk = await load_desk(loaded(tmp_path, desk_text(agent=ELENA)), client_of(slack))

    assert not desk.roster.is_here(ELENA)
    assert desk.roster.name(ELENA) == "Anna Conti"


async def test_an_id_that_is_nobodys_is_said(slack: SandboxSlack, tmp_path: Path) -> None:
    (said,) = await refused(loaded(tmp_path, desk_text(agent="U0NOBODY11")), slack)

    assert 'agents "Anna Conti" → slack: "U0NOBODY11" is nobody\'s id' in said


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("is_restricted", "desk.person_guest"),
        ("is_bot", "desk.person_bot"),
        ("deleted", "desk.person_deactivated"),
    ],
)
async def test_whoever_is_no_full_member_may_nothing_whatever_the_file_says(
    slack: SandboxSlack, tmp_path: Path, field: str, said: str
) -> None:
    setattr(slack.workspace.users[ANNA], field, True)

    with capture_logs() as logs:
        desk = await load_desk(loaded(tmp_path, desk_text(agent=ANNA)), client_of(slack))

    assert not desk.roster.may(ANNA, Verb.VIEW)
    assert said in [each["event"] for each in logs]


async def test_people_are_kept_to_their_inboxes(slack: SandboxSlack, tmp_path: Path) -> None:
    text = desk_text().replace("[[agents]]", '[[agents]]\ninboxes = ["shop"]')

    desk = await load_desk(loaded(tmp_path, text), client_of(slack))

    assert desk.roster.sees(ANNA, "shop")
    assert not desk.roster.sees(ANNA, "amazon-it")


def test_an_inbox_that_nobody_has_is_no_limit(tmp_path: Path) -> None:
    text = desk_text().replace("[[agents]]", '[[agents]]\ninboxes = ["shpo"]')

    with pytest.raises(SettingsError) as refusal:
        loaded(tmp_path, text)

    (said,) = refusal.value.problems
    assert '→ inboxes: "shpo" is not known here. Did you mean "shop"?' in said


async def test_shifts_and_routes_lead_to_the_people_slack_knows(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    text = (
        desk_text()
        + '[shifts.day]\ncalendar = "milan"\nagents = ["anna@rossi-casa.example"]\n'
        + '[[routes]]\nname = "all"\nto = { people = ["anna@rossi-casa.example"] }\n'
    )

    desk = await load_desk(loaded(tmp_path, text), client_of(slack))

    assert [shift.people for shift in desk.roster.shifts] == [{ANNA}]
    assert [route.to.people for route in desk.routes] == [{ANNA}]
