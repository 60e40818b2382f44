"""Which language the settings, and Slack, say is spoken to whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.cli.desk_database import desk_without_slack
from bot.desk_loader import load_desk
from bot.domain.desk import Desk
from bot.errors import SettingsError
from bot.language import Language
from bot.slack_manifest import build_manifest
from sandbox.slack.faults import Fault, FaultKind
from sandbox.slack.seed import AMAZON_IT, ANNA, BEN, CHIARA, OPS, SHOP
from sandbox.slack.server import SandboxSlack
from tests.unit.settings.files import CALENDAR, DESK, MAIL, inbox, loaded, problems

PEOPLE = {"Anna": "anna@rossi-casa.example", "Ben": BEN, "Chiara": "chiara@rossi-casa.example"}


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    sandbox = SandboxSlack()
    await sandbox.start(manifest=build_manifest())
    yield sandbox
    await sandbox.stop()


def client_of(slack: SandboxSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


def asked(slack: SandboxSlack) -> int:
    return sum(call.method == "users.info" for call in slack.core.calls)


def a_file(*, desk: str = "", anna: str = "", channel: str = "") -> str:
    agents = "".join(
        f'[[agents]]\nslack = "{slack}"\nname = "{name}"\n{anna if name == "Anna" else ""}\n'
        for name, slack in PEOPLE.items()
    )
    return f"[desk]\n{desk}\n{agents}{CALENDAR}{inbox(extra=channel)}"


async def desk_of(slack: SandboxSlack, folder: Path, text: str) -> Desk:
    return await load_desk(loaded(folder, text), client_of(slack))


async def test_everybody_reads_the_language_of_their_slack(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    slack.workspace.user(ANNA).locale = "de-DE"
    slack.workspace.user(BEN).locale = "fr-CA"
    slack.workspace.user(CHIARA).locale = "pt-BR"

    desk = await desk_of(slack, tmp_path, a_file(desk='language = "it"'))

    assert desk.language_for(ANNA) is Language.DE
    assert desk.language_for(BEN) is Language.FR
    assert desk.language_for(CHIARA) is Language.IT
    assert desk.language_for("U0NOBODY1") is Language.IT


async def test_what_the_file_says_of_a_person_goes_before_their_slack(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    slack.workspace.user(ANNA).locale = "de-DE"

    desk = await desk_of(slack, tmp_path, a_file(anna='bot_language = "es"'))

    assert desk.language_for(ANNA) is Language.ES


async def test_each_person_is_asked_about_once_and_nobody_whom_the_file_knows(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    await desk_of(slack, tmp_path, a_file(anna='bot_language = "es"'))

    assert asked(slack) == 2


async def test_a_slack_that_does_not_tell_keeps_no_desk_from_starting(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    slack.workspace.user(ANNA).locale = "de-DE"
    fault = Fault(method="users.info", kind=FaultKind.ERROR, code="internal_error", times=99)
    slack.core.faults.add(fault)

    with capture_logs() as logs:
        desk = await desk_of(slack, tmp_path, a_file(desk='language = "fr"'))

    assert [desk.language_for(one) for one in (ANNA, BEN, CHIARA)] == [Language.FR] * 3
    assert {each["event"] for each in logs} == {"desk.person_unchecked"}
    assert asked(slack) <= len(PEOPLE)


async def test_a_channel_has_the_language_of_its_inbox_and_every_other_that_of_the_desk(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    text = a_file(desk='language = "fr"', channel='language = "it"')

    desk = await desk_of(slack, tmp_path, text)

    assert desk.language_in(SHOP) is Language.IT
    assert desk.language_in(OPS) is Language.FR
    offline = desk_without_slack(loaded(tmp_path, text))
    assert offline.language_in("#shop") is Language.IT


async def test_the_desk_speaks_english_where_nobody_says_otherwise(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    slack.workspace.user(ANNA).locale = "pt-BR"

    desk = await desk_of(slack, tmp_path, a_file())

    assert [desk.language, desk.language_in(SHOP), desk.language_for(ANNA)] == [Language.EN] * 3


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f'{DESK}language = "klingon"\n', "threadline.toml:3: desk → language"),
        (
            f'{DESK}[[agents]]\nslack = "U0ANNA1"\nname = "Anna"\nbot_language = "IT"\n',
            'threadline.toml:6: agents "Anna" → bot_language',
        ),
    ],
)
def test_a_language_that_is_not_spoken_is_refused_with_those_that_are(
    tmp_path: Path, text: str, where: str
) -> None:
    (said,) = [each for each in problems(tmp_path, text) if "language" in each]

    assert said.startswith(where)
    assert said.endswith('Write "en", "it", "fr", "de" or "es".')


def two_inboxes(first: str, second: str, *, channel: str = "#shop") -> str:
    other = inbox(name="outlet", extra=second, mail=MAIL.replace("info@", "outlet@"))
    other = other.replace("#outlet", channel)
    return DESK + CALENDAR + inbox(extra=first) + other


def test_two_inboxes_of_one_channel_speak_one_language(tmp_path: Path) -> None:
    text = two_inboxes('language = "it"', 'language = "de"')

    (said,) = problems(tmp_path, text)

    assert said == (
        f'threadline.toml:{line_of(text, "de")}: inboxes "outlet" → language: "de" is not what '
        f"#shop is spoken to in (threadline.toml:{line_of(text, 'it')}). "
        "Give both inboxes one language, or each its own channel."
    )


def line_of(text: str, language: str) -> int:
    return 1 + text.splitlines().index(f'language = "{language}"')


@pytest.mark.parametrize("second", ["", 'language = "it"'])
def test_one_inbox_may_say_it_for_its_channel(tmp_path: Path, second: str) -> None:
    assert problems(tmp_path, two_inboxes('language = "it"', second)) == []


async def test_a_channel_named_in_two_ways_is_one_channel(
    slack: SandboxSlack, tmp_path: Path
) -> None:
    text = two_inboxes('language = "it"', 'language = "de"', channel=SHOP)
    text = text.replace(DESK, "")
    configuration = loaded(tmp_path, text)

    with pytest.raises(SettingsError) as refusal:
        await load_desk(configuration, client_of(slack))

    (said,) = refusal.value.problems
    first = f"threadline.toml:{line_of(text, 'it')}"
    assert f'"de" is not what {SHOP} is spoken to in ({first})' in said


def test_two_channels_may_speak_two_languages(tmp_path: Path) -> None:
    text = two_inboxes('language = "it"', 'language = "de"', channel=AMAZON_IT)
    assert problems(tmp_path, text) == []
