"""`threadline init`: asks what it needs, writes the settings file, says what to do next."""

import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import typer

from bot.cli.channels import Sample, named_channel, sample_inbox
from bot.cli.console import fail, good, say
from bot.cli.manifest import manifest_json
from bot.language import SOURCE, Language, language_named, language_of
from bot.runtime.instance_key import KEY_BYTES
from connectors.registry import load_connectors

MAIL_CONNECTORS: Final = ("amazon", "website")
"""Channels that a mailbox is all of; of the others the file gets what their README shows."""

CALENDAR: Final = "shop"
"""What the READMEs of channels call the shop's hours."""

PASSWORD: Final = "MAIL_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a new desk is told. None means: ask, or take the default where nobody can be asked."""

    name: str | None = None
    timezone: str | None = None
    language: str | None = None
    manager: str | None = None
    agents: Sequence[str] = field(default=())
    connector: str | None = None
    channel: str | None = None
    imap_host: str | None = None
    smtp_host: str | None = None
    mailbox: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where an inbox that is a mailbox stands."""

    address: str
    imap_host: str
    smtp_host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answers, complete. `inbox` is a mailbox that was asked for, or a sample to fill in."""

    name: str
    timezone: str
    language: Language
    manager: str
    agents: Sequence[str]
    connector: str
    channel: str
    inbox: Mailbox | Sample


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
    registry = load_connectors()
    connector = ask.text(answers.connector, "--connector", "First inbox", "amazon")
    spec = named_channel(registry, connector)
    plan = Plan(
        name=ask.text(answers.name, "--name", "Name of the desk", "Threadline"),
        timezone=ask.text(answers.timezone, "--timezone", "Time zone", "Europe/Rome"),
        language=_spoken(
            ask.text(
                answers.language,
                "--language",
                "Language it speaks in shared channels (en, it, fr, de, es)",
                str(language_of(os.environ.get("LANG", "")) or SOURCE),
            )
        ),
        manager=ask.text(
            answers.manager, "--manager", "Slack e-mail of the person who hears of missed deadlines"
        ),
        agents=answers.agents,
        connector=connector,
        channel=ask.text(answers.channel, "--channel", "Slack channel of its tickets", "#support"),
        inbox=_mailbox(ask, answers) if connector in MAIL_CONNECTORS else sample_inbox(spec),
    )
    if ask.missing:
        fail(f"Nobody can be asked here. Give {', '.join(ask.missing)}.")
    return plan


def _spoken(answer: str) -> Language:
    language = language_named(answer)
    if language is None:
        fail(f'"{answer}" is no language it speaks. Write en, it, fr, de or es.')
    return language


def _mailbox(ask: "_Asker", answers: Answers) -> Mailbox:
    return Mailbox(
        address=ask.text(
            answers.mailbox, "--mailbox", "Mail address that customers' messages come to"
        ),
        imap_host=ask.text(answers.imap_host, "--imap-host", "IMAP server of that mailbox"),
        smtp_host=ask.text(answers.smtp_host, "--smtp-host", "SMTP server of that mailbox"),
    )


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


def settings_text(plan: Plan) -> str:
    """The settings file for these answers."""
    lines = [
        "# What every key means: threadline.example.toml. Check it with `threadline check`.",
        "",
        "[desk]",
        f"name = {_quoted(plan.name)}",
        f"timezone = {_quoted(plan.timezone)}",
        f"language = {_quoted(plan.language)}",
        f"managers = [{_quoted(plan.manager)}]",
        "",
        *_agent(plan.manager, "admin"),
        *(line for person in plan.agents for line in _agent(person, "agent")),
        f"[calendars.{CALENDAR}]",
        f"timezone = {_quoted(plan.timezone)}",
        *(f'{day} = ["09:00-13:00", "14:00-18:00"]' for day in ("mon", "tue", "wed", "thu", "fri")),
        "",
        *_inbox(plan),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _inbox(plan: Plan) -> list[str]:
    if isinstance(plan.inbox, Sample):
        return [
            f"# An example of {plan.connector}: put your own values in. What each key means:",
            f"# `threadline channels {plan.connector}`",
            plan.inbox.within(_quoted(plan.channel)),
        ]
    box, name = plan.inbox, plan.channel.strip("#").lower().replace("_", "-") or plan.connector
    return [
        "[[inboxes]]",
        f"name = {_quoted(name)}",
        f"connector = {_quoted(plan.connector)}",
        f"channel = {_quoted(plan.channel)}",
        f'calendar = "{CALENDAR}"',
        "",
        "[inboxes.settings]",
        f"imap_host = {_quoted(box.imap_host)}",
        f"imap_user = {_quoted(box.address)}",
        f'imap_password = "env:{PASSWORD}"',
        f"smtp_host = {_quoted(box.smtp_host)}",
        f"smtp_user = {_quoted(box.address)}",
        f'smtp_password = "env:{PASSWORD}"',
        f"from_address = {_quoted(box.address)}",
    ]


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
    secret = plan.inbox.secrets if isinstance(plan.inbox, Sample) else (PASSWORD,)
    return (
        "SLACK_BOT_TOKEN=\n"
        "SLACK_APP_TOKEN=\n"
        f"# The secrets of {plan.connector}\n"
        + "".join(f"{name}=\n" for name in secret)
        + "# Signs our Message-IDs. Keep it, and keep it secret.\n"
        f"THREADLINE_INSTANCE_KEY={secrets.token_hex(KEY_BYTES)}\n"
    )


def _next_steps(path: Path, dotenv: Path, plan: Plan) -> str:
    return (
        "\nNext:\n"
        "  1. On Slack's app pages choose Create New App, From a manifest, and paste the above.\n"
        "     Install it. Under Basic Information make an app-level token (connections:write).\n"
        f"  2. Put both tokens and the inbox's secrets into {dotenv}, and write\n"
        f"     /invite @{plan.name.lower().replace(' ', '-')} in {plan.channel}.\n"
        f"     How to get the secrets: threadline channels {plan.connector}\n"
        f"  3. threadline migrate && threadline doctor --config {path} && "
        f"threadline run --config {path}"
    )
