"""`threadline init`: asks what it needs, writes the settings file, says what to do next."""

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import typer

from bot.cli.console import fail, good, say
from bot.cli.manifest import manifest_json
from bot.runtime.instance_key import KEY_BYTES

MAIL_CONNECTORS: Final = ("amazon", "website")
CALENDAR: Final = "shop-hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a new desk is told. None means: ask, or take the default where nobody can be asked."""

    name: str | None = None
    timezone: str | None = None
    manager: str | None = None
    agents: Sequence[str] = field(default=())
    connector: str | None = None
    channel: str | None = None
    imap_host: str | None = None
    smtp_host: str | None = None
    mailbox: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answers, complete."""

    name: str
    timezone: str
    manager: str
    agents: Sequence[str]
    connector: str
    channel: str
    imap_host: str
    smtp_host: str
    mailbox: str


def init(path: Path, answers: Answers) -> None:
    """Write `path`, and `.env` beside it when there is none. Never overwrites anything."""
    if path.exists():
        fail(f"{path} exists and stays as it is. Move it away, or give another --config.")
    plan = _complete(answers)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(settings_text(plan))
    good(f"{path} is written.")
    dotenv = path.parent / ".env"
    if not dotenv.exists():
        dotenv.touch(mode=0o600)
        dotenv.write_text(environment_text(plan), encoding="utf-8")
        good(f"{dotenv} is written, readable by you only; the secrets go there.")
    say("\nThe Slack app manifest, to be pasted in step 1:\n", style="bold")
    print(manifest_json(name=plan.name, http=None))
    say(_next_steps(path, dotenv, plan))


def _complete(answers: Answers) -> Plan:
    ask = _Asker()
    plan = Plan(
        name=ask.text(answers.name, "--name", "Name of the desk", "Threadline"),
        timezone=ask.text(answers.timezone, "--timezone", "Time zone", "Europe/Rome"),
        manager=ask.text(
            answers.manager, "--manager", "Slack e-mail of the person who hears of missed deadlines"
        ),
        agents=answers.agents,
        connector=ask.one_of(
            answers.connector, "--connector", "First inbox", MAIL_CONNECTORS, "amazon"
        ),
        channel=ask.text(answers.channel, "--channel", "Slack channel of its tickets", "#support"),
        mailbox=ask.text(
            answers.mailbox, "--mailbox", "Mail address that customers' messages come to"
        ),
        imap_host=ask.text(answers.imap_host, "--imap-host", "IMAP server of that mailbox"),
        smtp_host=ask.text(answers.smtp_host, "--smtp-host", "SMTP server of that mailbox"),
    )
    if ask.missing:
        fail(f"Nobody can be asked here. Give {', '.join(ask.missing)}.")
    return plan


class _Asker:
    """Takes what was given, asks a person on a terminal, else takes the default or notes the gap."""

    def __init__(self) -> None:
        self._interactive = sys.stdin.isatty()
        self.missing: list[str] = []

    def text(self, given: str | None, option: str, question: str, default: str = "") -> str:
        if given is not None:
            return given
        if self._interactive:
            answer: str = typer.prompt(question, default=default or None)
            return answer.strip()
        if not default:
            self.missing.append(option)
        return default

    def one_of(
        self, given: str | None, option: str, question: str, known: Sequence[str], default: str
    ) -> str:
        while True:
            answer = self.text(given, option, f"{question} ({', '.join(known)})", default)
            if answer in known:
                return answer
            if given is not None or not self._interactive:
                fail(f'{option} "{answer}": write one of {", ".join(known)}.')
            say(f"Write one of {', '.join(known)}.")


def settings_text(plan: Plan) -> str:
    """The settings file for these answers."""
    inbox = plan.channel.strip("#").lower().replace("_", "-") or plan.connector
    lines = [
        "# What every key means: threadline.example.toml. Check it with `threadline check`.",
        "",
        "[desk]",
        f"name = {_quoted(plan.name)}",
        f"timezone = {_quoted(plan.timezone)}",
        f"managers = [{_quoted(plan.manager)}]",
        "",
        *_agent(plan.manager, "admin"),
        *(line for person in plan.agents for line in _agent(person, "agent")),
        f"[calendars.{CALENDAR}]",
        f"timezone = {_quoted(plan.timezone)}",
        *(f'{day} = ["09:00-13:00", "14:00-18:00"]' for day in ("mon", "tue", "wed", "thu", "fri")),
        "",
        "[[inboxes]]",
        f"name = {_quoted(inbox)}",
        f"connector = {_quoted(plan.connector)}",
        f"channel = {_quoted(plan.channel)}",
        f'calendar = "{CALENDAR}"',
        "",
        "[inboxes.settings]",
        f"imap_host = {_quoted(plan.imap_host)}",
        f"imap_user = {_quoted(plan.mailbox)}",
        'imap_password = "env:MAIL_PASSWORD"',
        f"smtp_host = {_quoted(plan.smtp_host)}",
        f"smtp_user = {_quoted(plan.mailbox)}",
        'smtp_password = "env:MAIL_PASSWORD"',
        f"from_address = {_quoted(plan.mailbox)}",
    ]
    return "\n".join(lines) + "\n"


def _agent(person: str, role: str) -> list[str]:
    """`Anna Rossi=anna@shop.example`, or the address alone."""
    name, _, address = person.rpartition("=")
    name = name or address.partition("@")[0].replace(".", " ").title()
    return [
        "[[agents]]",
        f"slack = {_quoted(address)}",
        f"name = {_quoted(name)}",
        f"role = {_quoted(role)}",
        "",
    ]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if not text.isprintable():
        fail("An answer holds characters that cannot be printed. Write plain text.")
    return f'"{escaped}"'


def environment_text(plan: Plan) -> str:
    """`.env` with a fresh instance key and a blank for each secret."""
    return (
        "SLACK_BOT_TOKEN=\n"
        "SLACK_APP_TOKEN=\n"
        f"# The password of {plan.mailbox}\n"
        "MAIL_PASSWORD=\n"
        "# Signs our Message-IDs. Keep it, and keep it secret.\n"
        f"THREADLINE_INSTANCE_KEY={secrets.token_hex(KEY_BYTES)}\n"
    )


def _next_steps(path: Path, dotenv: Path, plan: Plan) -> str:
    return (
        "\nNext:\n"
        "  1. On Slack's app pages choose Create New App, From a manifest, and paste the above.\n"
        "     Install it. Under Basic Information make an app-level token (connections:write).\n"
        f"  2. Put both tokens and the mailbox's password into {dotenv}, and write\n"
        f"     /invite @{plan.name.lower().replace(' ', '-')} in {plan.channel}.\n"
        f"  3. threadline migrate && threadline doctor --config {path} && "
        f"threadline run --config {path}"
    )
