"""What the JSON API says of a ticket, a metric and a measure of health. No customer is in it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.language import tr
from bot.reports.metrics import STATISTICS, Metric

if TYPE_CHECKING:
    from bot.reports.health.lines import HealthLine


def ticket_json(row: QueueRow, desk: Desk) -> Mapping[str, Any]:
    """An open ticket: whose it is and when it is due, and nothing of who wrote or what."""
    route = desk.inboxes.get(row.inbox)
    return {
        "number": row.number,
        "inbox": row.inbox,
        "label": (route.label if route else "") or row.inbox,
        "channel": route.rule_channel if route else "",
        "stage": row.card_stage.value,
        "owner": desk.roster.name(row.assignee) if row.assignee else None,
        "waiting_since": _instant(row.waiting_since),
        "due_at": _instant(row.next_due_at),
        "clock": row.next_scope.value if row.next_scope else None,
        "permalink": row.permalink,
    }


def metric_json(metric: Metric) -> Mapping[str, Any]:
    """A metric of reports, with the keys of its figures."""
    keys = [f"{metric.key}.{one}" for one in STATISTICS] if metric.spread else [metric.key]
    return {
        "key": metric.key,
        "name": tr(metric.name),
        "unit": metric.unit.value,
        "group": metric.group.value,
        "better": metric.better.value,
        "figures": keys,
    }


def health_json(line: "HealthLine") -> Mapping[str, Any]:
    """How one inbox stands by one measure of its platform."""
    return {
        "inbox": line.inbox,
        "label": line.label,
        "platform": line.platform,
        "marketplace": line.marketplace,
        "measure": line.measure.value,
        "sort": line.sort.value,
        "origin": line.origin.value,
        "value": line.value,
        "counted": line.counted,
        "out_of": line.out_of,
        "threshold": line.threshold,
        "direction": line.direction.value if line.direction else None,
        "kept": line.kept,
        "misses_left": line.misses_left,
        "to_regain": line.to_regain,
        "badge": line.badge,
        "window_days": line.window_days,
        "source": line.rule_source,
        "certainty": line.certainty.value,
        "trend": [{"day": each.day.isoformat(), "value": each.value} for each in line.trend],
        "change": line.change,
        "as_of": line.as_of.isoformat(),
        "few_cases": line.is_small,
        "stale": line.is_stale,
    }


def instant(at: datetime) -> str:
    """An instant as the whole API writes them: `2026-03-10T09:00:00Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant(at: datetime | None) -> str | None:
    return instant(at) if at is not None else None
