"""How often each inbox is looked into: what the file wants, within what its platform bears."""

from collections.abc import Iterator, Mapping

from bot.clock import Clock
from bot.domain.pacing import Budget, Cadence
from bot.settings import InboxSettings
from bot.settings_file import Configuration, RuleBook
from connectors.manifest import Manifest


def cadence_of(inbox: InboxSettings, manifest: Manifest, *, speed: float = 1.0) -> Cadence:
    """In real seconds. A mail server is the seller's own, so there the file may go below the floor.

    On a desk whose time runs `speed` times as fast, so does the platform's it plays with.
    """
    usual = float(inbox.poll_seconds or manifest.poll_default_seconds / speed)
    floor = manifest.poll_floor_seconds / speed
    quota = manifest.quota
    return Cadence(
        usual=usual,
        floor=min(floor, usual) if manifest.transport == "mail" else floor,
        budget=Budget(
            calls_per_day=round(quota.calls_per_day * speed), reply_share=quota.reply_share
        )
        if quota is not None
        else None,
    )


def cadences_of(configuration: Configuration, clock: Clock) -> Mapping[str, Cadence]:
    """By inbox name."""
    specs = configuration.registry.specs
    return {
        inbox.name: cadence_of(inbox, specs[inbox.connector].manifest, speed=clock.speed)
        for inbox in configuration.settings.inboxes
    }


def too_often(rules: RuleBook) -> Iterator[str]:
    """Sentences about inboxes that ask for more looks than their platform bears."""
    for inbox in rules.settings.inboxes:
        spec = rules.registry.specs.get(inbox.connector)
        if spec is None or inbox.poll_seconds is None:
            continue
        floor = spec.manifest.poll_floor_seconds
        if inbox.poll_seconds < floor:
            mail = spec.manifest.transport == "mail"
            what = "your mail server may not like it" if mail else f"it is read every {floor} s"
            yield (
                f'inboxes "{inbox.name}": poll_seconds is below the {floor} s that '
                f"{spec.manifest.title} bears: {what}."
            )
