"""`[llm]` and what inboxes say about it: the key is resolved, and no platform's rule is overlooked."""

from collections.abc import Iterator

from pydantic import SecretStr

from bot.configuration.problems import Found, Problem
from bot.configuration.secret_refs import Secrets, secret_at
from bot.configuration.source import Source
from bot.llm_settings import LlmSettings, is_near
from bot.settings import InboxSettings, Settings
from connectors.manifest import ModelRule
from connectors.registry import Registry
from sla_rules.toml_lines import Place

EXPLICIT = "llm_gets_amazon_data"
"""The key by which an owner answers for a platform that keeps its customers' data from AI providers."""


def check_llm(
    source: Source, settings: Settings, registry: Registry, secrets: Secrets, problems: Found
) -> SecretStr | None:
    """The provider's key, where it needs one; what cannot be used becomes problems."""
    for at, inbox in enumerate(settings.inboxes):
        problems.extend(_wrong_inbox(at, inbox, settings.llm, registry))
    return secret_at(source, "llm", "api_key", secrets, problems)


def helped_inboxes(settings: Settings) -> frozenset[str]:
    """The inboxes whose messages a model may be shown."""
    if settings.llm is None:
        return frozenset()
    return frozenset(each.name for each in settings.inboxes if _wanted(each, settings.llm))


def llm_warnings(settings: Settings) -> Iterator[str]:
    """Where customers' words go, if they leave the network; and what was switched on for nobody."""
    if settings.llm is None:
        return
    names = ", ".join(sorted(helped_inboxes(settings)))
    if not names:
        yield "[llm] is there, but no inbox has llm = true: no model is asked anything."
    elif not is_near(settings.llm.url):
        yield (
            f"[llm]: when an agent asks for help, words of the customers of {names} leave your "
            f"network for {settings.llm.url}. docs/assist.md lists what is sent."
        )


def _wanted(inbox: InboxSettings, llm: LlmSettings) -> bool:
    return llm.every_inbox if inbox.llm is None else inbox.llm


def _wrong_inbox(
    at: int, inbox: InboxSettings, llm: LlmSettings | None, registry: Registry
) -> Iterator[Problem]:
    spec = registry.specs.get(inbox.connector)
    rule = spec.manifest.model_rule if spec else None
    place: Place = ("inboxes", at)
    if inbox.llm_gets_amazon_data and rule is None:
        yield Problem(
            where=f'inboxes "{inbox.name}" → {EXPLICIT}',
            wrong="is only for channels of Amazon.",
            remedy="Remove it: here llm = true is enough.",
            place=(*place, EXPLICIT),
        )
    if llm is None:
        if inbox.llm:
            yield Problem(
                where=f'inboxes "{inbox.name}" → llm',
                value="true",
                wrong="asks for a model that the file does not name.",
                remedy="Add an [llm] table with url and model, or remove it.",
                place=(*place, "llm"),
            )
    elif rule is not None and _wanted(inbox, llm):
        yield from _against(rule, inbox, place)


def _against(rule: ModelRule, inbox: InboxSettings, place: Place) -> Iterator[Problem]:
    """An owner has to name the inbox and say that they may: a default does neither."""
    if inbox.llm and inbox.llm_gets_amazon_data:
        return
    inherited = inbox.llm is None
    yield Problem(
        where=f'inboxes "{inbox.name}" → llm',
        value="every_inbox = true" if inherited else "true",
        wrong=f"is not enough here: {rule.text}",
        remedy=(
            f"Write llm = false. Only where you know that you may: llm = true and {EXPLICIT} = true."
        ),
        place=place if inherited else (*place, "llm"),
    )
