"""Where an inbox's past comes from: its mailbox, or an interface that can be asked from a day on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.cli.backfill_reading import Source
from bot.cli.console import fail
from bot.clock import Clock
from bot.settings_file import Configuration
from connectors.capabilities import HistoryPage, HistoryWish, PastItem, ReadsHistory
from connectors.contract import Connector, Cursor, InboundMessage, Json, RawItem
from connectors.errors import Malformed

_START: Final = "since_days"
"""The setting by which interfaces are asked from a day on, where a connector has it."""

_RENEWED: Final = ("refresh_token", "auth_code")
"""Settings of a consent that its platform exchanges for another at every use, or takes once."""

_DAY: Final = timedelta(days=1)


def source_of(configuration: Configuration, inbox: str) -> Source:
    """The inbox of that name in the settings. Leaves with a sentence where there is none."""
    known = {each.name: each for each in configuration.settings.inboxes}
    if inbox not in known:
        names = ", ".join(sorted(known)) or "none"
        fail(f'There is no inbox "{inbox}" in {configuration.path.name}. Inboxes there: {names}.')
    return Source(
        inbox=inbox,
        spec=configuration.registry.specs[known[inbox].connector],
        config=configuration.inbox_configs[inbox],
    )


def history_of(source: Source, clock: Clock, wish: HistoryWish) -> tuple[Connector, ReadsHistory]:
    """The connector and how its past is read. Leaves with a sentence where that cannot be done."""
    connector = source.build(clock)
    if isinstance(connector, ReadsHistory):
        return connector, connector
    title = source.spec.manifest.title
    field = source.spec.config_model.model_fields.get(_START)
    if field is None:
        fail(
            f'Inbox "{source.inbox}": {title} tells only what is new, so its past cannot be read. '
            "Mailboxes and most interfaces that are polled can."
        )
    if any(getattr(source.config, name, None) is not None for name in _RENEWED):
        fail(
            f'Inbox "{source.inbox}": {title} may hand out a new token whenever the old one is '
            "used, and only the desk keeps it: its past cannot be read beside the desk."
        )
    days = -(-(clock.now() - wish.since) // _DAY)
    most = next((each.le for each in field.metadata if hasattr(each, "le")), days)
    if days > most:
        fail(f'Inbox "{source.inbox}": {title} is asked for {most} days at most: --last {most}d.')
    config = source.config.model_copy(update={_START: days})
    connector = replace(source, config=config).build(clock)
    return connector, Fetched(connector)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The past as a live inbox would fetch it whose settings begin that far back."""

    connector: Connector

    async def history(self, wish: HistoryWish, cursor: Cursor | None) -> AsyncIterator[HistoryPage]:
        """Everything since, or since where an earlier reading of as much stopped."""
        async for page in self.connector.fetch(_reached(wish, cursor)):
            state: dict[str, Json] = {
                "since": wish.since.isoformat(),
                "fetched": dict(page.cursor.state),
            }
            items = [PastItem(item=self._as_it_came(each)) for each in page.items]
            yield HistoryPage(items=items, cursor=Cursor(state=state))

    def explain_past(self, past: PastItem) -> InboundMessage:
        """As the connector does: it tells our answers from questions."""
        return self.connector.normalise(past.item)

    def _as_it_came(self, item: RawItem) -> RawItem:
        """The item at its own time: an interface hands over years at one moment."""
        try:
            sent_at = self.connector.normalise(item).sent_at
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, Malformed):
            return item
        return replace(item, received_at=min(sent_at, item.received_at))


def _reached(wish: HistoryWish, cursor: Cursor | None) -> Cursor | None:
    state = cursor.state if cursor else {}
    begun, fetched = state.get("since"), state.get("fetched")
    if not isinstance(begun, str) or not isinstance(fetched, dict):
        return None
    if wish.since < datetime.fromisoformat(begun):
        return None
    return Cursor(state=fetched)
