"""What a working process counts since it began: sends, delays, throttles, the audit, the machine."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from bot.domain.buckets import Buckets
from bot.domain.roster import Verb
from bot.jobs.telling import OVER
from bot.jobs.worker import Worker
from bot.runtime.lock import database_file
from bot.runtime.storage.record import newest
from bot.slack.counted import Counted


def work_families(worker: Worker) -> Sequence[Metric]:
    """The families of a process that reads, fires and sends."""
    return [
        *_counts(worker),
        *_gauges(worker),
        _histogram(
            "threadline_ping_delivery_seconds",
            "From the decision to ping until Slack took it, by class.",
            "class",
            worker.dispatcher.pings,
        ),
        _histogram(
            "threadline_ingest_lag_seconds",
            "From when a message was written until it was read: the newest of every look.",
            "inbox",
            worker.lags,
        ),
    ]


def _gauges(worker: Worker) -> list[Metric]:
    return [
        _gauge(
            "threadline_gates_paused",
            "Gates that wait for somebody to mend something.",
            len(worker.dispatcher.paused()),
        ),
        _gauge(
            "threadline_gate_shut_seconds",
            "Until the last gate opens at which Slack or a platform said to wait.",
            worker.dispatcher.longest_shut(),
        ),
        _gauge(
            "threadline_audit_duration_seconds",
            "What the last audit took.",
            worker.auditor.took_seconds,
        ),
        _gauge(
            "threadline_clock_step_seconds",
            "By how much the machine's clock was last set while the desk ran.",
            worker.ticker.stepped_seconds,
        ),
        _gauge(
            "threadline_recheck_round_seconds",
            "Within what time every running deadline was last worked out again.",
            worker.auditor.rechecker.round_seconds,
        ),
    ]


def _counts(worker: Worker) -> list[Metric]:
    effects = CounterMetricFamily(
        "threadline_effects",
        "Sends and look-ups that ended, by kind and by what came of them.",
        labels=["kind", "end"],
    )
    for (kind, end), count in worker.dispatcher.counts.items():
        effects.add_metric([kind, end], count)
    throttled = CounterMetricFamily(
        "threadline_throttled",
        "Times that Slack or a platform said to wait, by gate.",
        labels=["gate"],
    )
    for gate, count in worker.dispatcher.throttles.items():
        throttled.add_metric([gate], count)
    beats = CounterMetricFamily(
        "threadline_heartbeats", "Calls of the heartbeat's address.", labels=["end"]
    )
    beats.add_metric(["answered"], worker.heartbeat.answered)
    beats.add_metric(["failed"], worker.heartbeat.failed)
    taken = CounterMetricFamily(
        "threadline_inbound",
        "What was read: tickets opened, messages kept, mail without a message, items not read.",
        labels=["inbox", "end"],
    )
    for (inbox, end), count in worker.taken.items():
        taken.add_metric([inbox, end], count)
    return [effects, throttled, beats, taken]


def slack_families(counted: Counted) -> Sequence[Metric]:
    """The families of a process that hears Slack."""
    denied = CounterMetricFamily(
        "threadline_authz_denied",
        "What people asked for and may not do, by what it was.",
        labels=["verb"],
    )
    for verb in sorted({*Verb, "sight", "outsider", "other", *counted.denied}):
        denied.add_metric([verb], counted.denied[verb])
    acknowledged = _histogram(
        "threadline_slack_ack_seconds",
        "From when a request was known for Slack's until it was acknowledged.",
        "type",
        counted.acknowledged,
    )
    return [denied, acknowledged]


def refusal_families(refused: Mapping[str, int]) -> Sequence[Metric]:
    """Requests to Slack's door that were turned away before anybody looked at them, by why."""
    family = CounterMetricFamily(
        "threadline_slack_refused",
        "Requests that came as Slack's and were turned away, by why.",
        labels=["end"],
    )
    for end, count in refused.items():
        family.add_metric([end], count)
    return [family]


def database_families(took: Buckets[str]) -> Sequence[Metric]:
    """What transactions of this process take."""
    name, text = "threadline_db_tx_seconds", "What a transaction took, with its waiting."
    return [_histogram(name, text, "sort", took)]


def machine_families(url: str, *, retries: int, now: datetime) -> Sequence[Metric]:
    """The database's file, disk and backup; `retries` of transactions of this process."""
    retried = CounterMetricFamily(
        "threadline_db_retries", "Transactions done again because the database was busy."
    )
    retried.add_metric([], retries)
    file = database_file(url)
    if file is None:
        return [retried]
    wal = file.with_name(f"{file.name}-wal")
    return [
        retried,
        _gauge("threadline_disk_free_bytes", "Room beside the database.", free_bytes(file)),
        _gauge("threadline_database_bytes", "Size of the database's file.", _size(file)),
        _gauge(
            "threadline_backup_age_seconds",
            "Since the newest verified backup; -1 for none.",
            _backup_age(file, now),
        ),
        _gauge("threadline_wal_bytes", "Size of SQLite's write-ahead log.", _size(wal)),
    ]


def finding_families(found: Mapping[str, str]) -> Sequence[Metric]:
    """What the newest audit of any process found, by code; each has a value, mostly 0."""
    family = GaugeMetricFamily(
        "threadline_audit_findings", "Broken promises at the last audit.", labels=["code"]
    )
    codes = [key.partition(":")[0] for key in found]
    for code in sorted({*OVER, *codes}):
        family.add_metric([code], codes.count(code))
    return [family]


def _backup_age(file: Path, now: datetime) -> float:
    try:
        made = newest(file)
    except (OSError, ValueError):
        return -1.0
    return -1.0 if made is None else (now - made.at).total_seconds()


def free_bytes(file: Path) -> float:
    """Room on the disk of `file`; -1 where the machine does not say."""
    try:
        return float(shutil.disk_usage(file.parent).free)
    except OSError:
        return -1.0


def _size(file: Path) -> float:
    try:
        return float(file.stat().st_size)
    except OSError:
        return 0.0


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _histogram(name: str, text: str, label: str, seen: Buckets[str]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=[label])
    for kind, (counts, total) in seen.cumulated().items():
        family.add_metric([kind], buckets=list(counts), sum_value=total)
    return family
