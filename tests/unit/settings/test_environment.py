import pytest
from pydantic import SecretStr

from bot.configuration.environment import VARIABLES, read_environment
from bot.errors import SettingsError
from bot.settings import Environment


def test_every_field_has_its_variable() -> None:
    assert set(VARIABLES.values()) == set(Environment.model_fields)


def test_an_empty_variable_counts_as_not_set() -> None:
    environment = read_environment({"SLACK_BOT_TOKEN": "  ", "DATABASE_URL": ""})

    assert environment.slack_bot_token is None
    assert environment.database_url == "sqlite:///threadline.db"


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("SLACK_BOT_TOKEN", "xapp-canary", "xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-canary", "xapp-"),
        ("DATABASE_URL", "mysql://canary", "postgresql://"),
        ("SLACK_API_URL", "slack.canary", "https://slack.com/api/"),
        ("PORT", "canary", "PORT"),
        ("THREADLINE_LOG_LEVEL", "canary", "THREADLINE_LOG_LEVEL"),
    ],
)
def test_an_impossible_variable_is_named_and_its_value_is_not(
    name: str, value: str, remedy: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read_environment({name: value})

    assert name in str(refused.value)
    assert remedy in str(refused.value)
    assert "canary" not in str(refused.value)


def test_another_slack_compatible_host_may_have_tokens_of_its_own() -> None:
    environment = read_environment(
        {"SLACK_API_URL": "http://127.0.0.1:4000/api", "SLACK_BOT_TOKEN": "token-of-theirs"}
    )

    assert environment.slack_api_url == "http://127.0.0.1:4000/api/"
    assert environment.slack_bot_token == SecretStr("token-of-theirs")


def test_no_representation_shows_a_token() -> None:
    environment = read_environment({"SLACK_BOT_TOKEN": "xoxb-canary"})

    assert "canary" not in repr(environment)
    assert "canary" not in environment.model_dump_json()
