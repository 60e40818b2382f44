"""Does an inbox's file say that words are kept longer than its platform allows?"""

from collections.abc import Iterator

from bot.settings_file import Configuration
from connectors.data_rules import rules_of


def kept_too_long(configuration: Configuration) -> Iterator[str]:
    """Sentences about inboxes whose `keep_days` promise more than the platform's data rules let.

    The desk goes by the shorter of the two all the same.
    """
    for inbox in configuration.settings.inboxes:
        rules = rules_of(configuration.inbox_configs.get(inbox.name))
        if rules is None or inbox.keep_days is None or inbox.keep_days <= rules.days:
            continue
        yield (
            f'inboxes "{inbox.name}": keep_days = {inbox.keep_days} is longer than its platform '
            f"allows ({rules.source}). Words go after {rules.days} days; "
            f"write keep_days = {rules.days} or less, or leave it out."
        )
