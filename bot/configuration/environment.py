"""The environment, typed. Read once; nothing else in the desk looks at it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import Environment

VARIABLES: Final[Mapping[str, str]] = {
    "DATABASE_URL": "database_url",
    "SLACK_BOT_TOKEN": "slack_bot_token",
    "SLACK_APP_TOKEN": "slack_app_token",
    "SLACK_SIGNING_SECRET": "slack_signing_secret",
    "SLACK_API_URL": "slack_api_url",
    "THREADLINE_INSTANCE_KEY": "instance_key",
    "THREADLINE_OLD_INSTANCE_KEYS": "old_instance_keys",
    "THREADLINE_BACKUP_KEY": "backup_key",
    "THREADLINE_API_TOKEN": "api_token",
    "THREADLINE_WALLBOARD_TOKEN": "wallboard_token",
    "THREADLINE_HEARTBEAT_URL": "heartbeat_url",
    "THREADLINE_HTTP_HOST": "http_host",
    "PORT": "http_port",
    "THREADLINE_TRUSTED_PROXIES": "trusted_proxies",
    "THREADLINE_METRICS_TOKEN": "metrics_token",
    "THREADLINE_LOG_FORMAT": "log_format",
    "THREADLINE_LOG_LEVEL": "log_level",
}
"""Variable → field of Environment. `THREADLINE_CONFIG` is read by `settings_file.config_path`."""

_BEGINNINGS: Final = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}


def with_dotenv(environ: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """`environ`, with what `.env` in `folder` adds. A variable that is really set wins."""
    path = folder / ".env"
    if not path.is_file():
        return environ
    added = {k: v for k, v in dotenv_values(path, interpolate=False).items() if v is not None}
    return {**added, **environ}


def read_environment(environ: Mapping[str, str]) -> Environment:
    """The variables the desk knows. An empty one counts as not set.

    Raises:
        SettingsError: a variable holds what it cannot mean; its value is not repeated.
    """
    given = {
        field: value
        for name, field in VARIABLES.items()
        if (value := environ.get(name, "").strip())
    }
    if "slack_api_url" in given:
        given["slack_api_url"] = given["slack_api_url"].rstrip("/") + "/"
    problems = [*_wrong_tokens(environ), *_wrong_addresses(environ)]
    try:
        read = Environment.model_validate(given)
    except ValidationError as exc:
        names = {field: name for name, field in VARIABLES.items()}
        problems += [
            f"environment: {names[str(error['loc'][0])]}: {error['msg']}."
            for error in exc.errors(include_url=False)
        ]
        raise SettingsError(problems) from None
    if problems:
        raise SettingsError(problems)
    return read


def _wrong_tokens(environ: Mapping[str, str]) -> list[str]:
    if environ.get("SLACK_API_URL", "").strip():
        return []  # another Slack-compatible host may have tokens of another form
    return [
        f"environment: {name}: does not look like such a token. It begins with {beginning}…"
        for name, beginning in _BEGINNINGS.items()
        if (token := environ.get(name, "").strip()) and not token.startswith(beginning)
    ]


def _wrong_addresses(environ: Mapping[str, str]) -> list[str]:
    found = []
    if url := environ.get("SLACK_API_URL", "").strip():
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            found.append(
                "environment: SLACK_API_URL: must be a full address, such as https://slack.com/api/"
            )
    if url := environ.get("THREADLINE_HEARTBEAT_URL", "").strip():
        parts = urlsplit(url)
        here = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if not parts.hostname or parts.scheme not in ({"http", "https"} if here else {"https"}):
            found.append(
                "environment: THREADLINE_HEARTBEAT_URL: must be a full address that begins with "
                "https://, as the service that waits for the calls gave it."
            )
    if url := environ.get("DATABASE_URL", "").strip():
        scheme = urlsplit(url).scheme.partition("+")[0]
        if scheme not in {"sqlite", "postgres", "postgresql"}:
            found.append(
                "environment: DATABASE_URL: only sqlite:///file and postgresql://… can be used."
            )
    return found
