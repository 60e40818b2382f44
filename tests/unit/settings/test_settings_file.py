import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.errors import SettingsError
from bot.settings_file import config_path, load
from tests.unit.settings.files import (
    AGENT,
    CALENDAR,
    DESK,
    GOOD,
    MAIL,
    SECRETS,
    inbox,
    loaded,
    problems,
    write,
)

EXAMPLE = Path(__file__).resolve().parents[3] / "threadline.example.toml"


def test_the_example_file_can_be_used_as_it_is() -> None:
    configuration = load(
        EXAMPLE,
        {"AMAZON_MAIL_PASSWORD": "a", "SHOP_MAIL_PASSWORD": "b", "ALARM_MAIL_PASSWORD": "c"},
    )

    assert set(configuration.inbox_configs) == {"amazon-it", "shop"}
    assert set(configuration.calendars) == {"always", "milan", "outlet"}
    assert configuration.warnings == ()


def test_a_good_file_yields_the_connectors_own_configuration(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, GOOD)

    config = configuration.inbox_configs["shop"].model_dump()
    assert config["imap_host"] == "imap.shop.example"
    assert config["imap_password"] == SecretStr("correct horse")
    assert "correct horse" not in repr(configuration)


@pytest.mark.parametrize(
    ("text", "key", "value", "remedy"),
    [
        (GOOD.replace("managers", "manager"), "desk → manager", "", 'Did you mean "managers"?'),
        (GOOD + "\n[slack]\nbot_token = 'x'", "slack", "", "SLACK_BOT_TOKEN"),
        (
            DESK + "undo_seconds = 900\n" + CALENDAR,
            "desk → undo_seconds",
            "900",
            "0 to 300",
        ),
        (
            DESK + 'timezone = "Europe/Roma"\n',
            "desk → timezone",
            '"Europe/Roma"',
            'Write a zone such as "Europe/Rome"',
        ),
        (
            DESK + '[[agents]]\nslack = "marco"\nname = "Marco"\n',
            'agents "Marco" → slack',
            '"marco"',
            "e-mail address",
        ),
        (
            DESK + CALENDAR + inbox(extra="poll_seconds = 0"),
            'inboxes "shop" → poll_seconds',
            "0",
            "1 to 3600",
        ),
        (
            DESK + CALENDAR + inbox(connector="websit"),
            'inboxes "shop" → connector',
            '"websit"',
            'Did you mean "website"?',
        ),
        (
            DESK + CALENDAR + inbox(mail=MAIL + 'imap_hots = "x"'),
            'inboxes "shop" → settings → imap_hots',
            '"x"',
            'Did you mean "imap_host"?',
        ),
        (
            DESK + CALENDAR + inbox(mail=MAIL + "imap_port = 99999"),
            'inboxes "shop" → settings → imap_port',
            "99999",
            "65535",
        ),
        (
            DESK + CALENDAR.replace("09:00-13:00", "9-13", 1) + inbox(),
            'calendars "milan" → mon',
            '"9"',
            'Write one such as "09:00"',
        ),
        (
            DESK + CALENDAR.replace("09:00-13:00", "25:00-26:00", 1) + inbox(),
            'calendars "milan" → mon',
            '"25:00" is no time of day',
            '"24:00" for the end',
        ),
        (
            DESK + '[calendars.empty]\ntimezone = "Europe/Rome"\n',
            'calendars "empty"',
            "",
            "is closed all week",
        ),
        (
            DESK + CALENDAR + inbox().replace('"milan"', '"milano"'),
            'inboxes "shop" → calendar',
            '"milano"',
            'Did you mean "milan"?',
        ),
        (
            DESK + CALENDAR + inbox() + inbox(),
            'inboxes "shop"',
            "",
            "Give each its own name",
        ),
        (
            DESK + CALENDAR + inbox() + inbox(name="other"),
            'inboxes "other" → settings',
            "",
            'same source as "shop"',
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_key_value_and_remedy(
    tmp_path: Path, text: str, key: str, value: str, remedy: str
) -> None:
    said = [sentence for sentence in problems(tmp_path, text) if f": {key}" in sentence]

    assert len(said) == 1, problems(tmp_path, text)
    assert re.match(r"threadline\.toml:\d+: ", said[0])
    assert value in said[0]
    assert remedy in said[0]


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    text = (
        DESK
        + "undo_seconds = 900\n"
        + '[[agents]]\nslack = "marco"\nname = "Marco"\nrole = "boss"\n'
        + CALENDAR.replace("09:00-13:00", "9-13")
        + inbox(mail=MAIL + 'imap_hots = "x"')
    )

    said = "\n".join(problems(tmp_path, text))

    for key in ("undo_seconds", "slack", "role", "mon", "imap_hots"):
        assert f"→ {key}" in said


def test_one_mistake_is_one_sentence(tmp_path: Path) -> None:
    text = DESK + '[[agents]]\nslack = "marco"\nname = "Marco"\n' + CALENDAR + inbox()

    assert len(problems(tmp_path, text)) == 1


def test_a_secret_written_out_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = problems(tmp_path, GOOD.replace("env:MAIL_PASSWORD", "hunter2-canary"))

    assert len(said) == 2
    assert all("a secret may not stand in the file" in sentence for sentence in said)
    assert "hunter2-canary" not in "\n".join(said)


def test_no_refusal_repeats_a_resolved_secret(tmp_path: Path) -> None:
    wrong = GOOD.replace('imap_host = "imap.shop.example"', 'imap_host = "a b"').replace(
        'imap_user = "info@shop.example"', 'imap_user = "info"\nimap_security = "none"'
    )

    said = "\n".join(problems(tmp_path, wrong, {"MAIL_PASSWORD": "hunter2-canary"}))

    assert said
    assert "hunter2-canary" not in said


@pytest.mark.parametrize("reference", ["env:NOT_THERE", "file:no-such-file"])
def test_a_reference_that_leads_nowhere_is_one_problem(tmp_path: Path, reference: str) -> None:
    text = GOOD.replace('imap_password = "env:MAIL_PASSWORD"', f'imap_password = "{reference}"')

    said = problems(tmp_path, text)

    assert len(said) == 1
    assert "imap_password" in said[0]
    assert reference.partition(":")[2] in said[0]


def test_a_secret_can_come_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "mail.password").write_text("from a file\n", encoding="utf-8")

    configuration = loaded(tmp_path, GOOD.replace("env:MAIL_PASSWORD", "file:mail.password"))

    assert configuration.inbox_configs["shop"].model_dump()["smtp_password"] == SecretStr(
        "from a file"
    )


def test_a_dotenv_file_beside_the_settings_counts_as_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "MAIL_PASSWORD=quiet\nSLACK_BOT_TOKEN=xoxb-1\n", encoding="utf-8"
    )

    configuration = loaded(tmp_path, GOOD, {"SLACK_BOT_TOKEN": "xoxb-real"})

    assert configuration.inbox_configs["shop"].model_dump()["imap_password"] == SecretStr("quiet")
    assert configuration.environment.slack_bot_token == SecretStr("xoxb-real")


def test_an_internal_target_beyond_the_marketplace_limit_is_refused(tmp_path: Path) -> None:
    policy = """
[[policies]]
name = "slow"
match = { channel = "amazon", kind = "message", vip = true }
[[policies.clock]]
metric = "first_response"
scope = "marketplace"
target = "24h"
[[policies.clock]]
metric = "first_response"
scope = "internal"
target = "30h"
"""
    said = problems(tmp_path, GOOD + policy)

    assert len(said) == 1
    assert 'policies "slow" → clock first_response → target: "30 h"' in said[0]
    assert 'at most "24 h"' in said[0]


def test_two_policies_with_equal_right_are_refused_by_name(tmp_path: Path) -> None:
    clock = '[[policies.clock]]\nmetric = "response"\nscope = "internal"\ntarget = "1h"\n'
    policies = "".join(
        f'\n[[policies]]\nname = "{name}"\nmatch = {{ channel = "website", kind = "message", vip = true }}\n{clock}'
        for name in ("fast lane", "gold")
    )
    said = "\n".join(problems(tmp_path, GOOD + policies))

    assert '"fast lane"' in said
    assert '"gold"' in said


def test_a_policy_for_an_inbox_that_is_not_there_is_refused(tmp_path: Path) -> None:
    policy = """
[[policies]]
name = "own"
match = { inbox = "shp", kind = "message" }
[[policies.clock]]
metric = "response"
scope = "internal"
target = "1h"
calendar = "milano"
"""
    said = "\n".join(problems(tmp_path, GOOD + policy))

    assert 'Did you mean "shop"?' in said
    assert 'Did you mean "milan"?' in said


def test_an_inbox_whose_clocks_count_shop_hours_needs_a_calendar(tmp_path: Path) -> None:
    said = problems(tmp_path, DESK + CALENDAR + inbox().replace('calendar = "milan"', ""))

    assert len(said) == 1
    assert 'inboxes "shop" → calendar' in said[0]
    assert "[calendars.NAME]" in said[0]


def test_what_works_but_is_hardly_meant_is_a_warning(tmp_path: Path) -> None:
    warnings = loaded(tmp_path, CALENDAR + inbox()).warnings

    assert any("managers" in sentence for sentence in warnings)
    assert any("nobody may claim" in sentence for sentence in warnings)


def test_broken_toml_is_a_sentence_with_the_line(tmp_path: Path) -> None:
    said = problems(tmp_path, "[desk\n")

    assert len(said) == 1
    assert "not valid TOML" in said[0]
    assert said[0].startswith("threadline.toml:1: ")


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="threadline init"):
        load(tmp_path / "none.toml", SECRETS)


def test_the_file_is_named_by_option_then_environment_then_default() -> None:
    environ = {"THREADLINE_CONFIG": "/etc/desk.toml"}

    assert config_path(environ, Path("here.toml")) == Path("here.toml")
    assert config_path(environ) == Path("/etc/desk.toml")
    assert config_path({}) == Path("threadline.toml")


def test_an_agent_without_role_is_an_agent(tmp_path: Path) -> None:
    assert loaded(tmp_path, DESK + AGENT).settings.agents[0].role == "agent"


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingsError, match=r"threadline\.toml:1: is not UTF-8"):
        load(path, SECRETS)
