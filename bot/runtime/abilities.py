"""What an inbox's channel can do, and what its platform and its owner allow."""

from dataclasses import replace

from bot.assist.llm.uses import Help
from bot.configuration.llm import helped_inboxes
from bot.domain.desk import InboxRoute
from bot.settings_file import Configuration
from connectors.capabilities import knows_orders
from connectors.data_rules import SlackBody, rules_of


def able(route: InboxRoute, configuration: Configuration) -> InboxRoute:
    """The route with what its channel can do beside messages and answers."""
    route = _under_rules(route, configuration)
    spec = configuration.registry.specs.get(route.connector)
    if spec is None:
        return route
    can, platform = spec.manifest.capabilities, spec.manifest.channel
    # Telling the platform something is as outbound as an answer.
    marks = can.marks_no_reply and not route.observe
    return replace(
        route,
        platform=platform,
        fetches_context=can.fetches_context
        and knows_orders(configuration.inbox_configs.get(route.name)),
        fetches_attachments=can.fetches_attachments,
        marks_no_reply=marks,
        replies_in_portal=can.replies_in_portal,
        invites=spec.manifest.own_shop and not spec.manifest.forbids_marketing,
    )


def _under_rules(route: InboxRoute, configuration: Configuration) -> InboxRoute:
    """The route with what its platform demands, and what its own table says over the desk's."""
    rules = rules_of(configuration.inbox_configs.get(route.name))
    chosen = next(one for one in configuration.settings.inboxes if one.name == route.name)
    usual: SlackBody = rules.slack_body if rules is not None else "full"
    return replace(
        route,
        data_rules=rules,
        slack_body=chosen.slack_body or usual,
        keep_days=chosen.keep_days,
        llm=_help(chosen.name, configuration),
        claim_expires=configuration.settings.claim_expires_in(chosen),
    )


def _help(inbox: str, configuration: Configuration) -> frozenset[Help]:
    llm = configuration.settings.llm
    if llm is None or inbox not in helped_inboxes(configuration.settings):
        return frozenset()
    return frozenset(map(Help, llm.help))
