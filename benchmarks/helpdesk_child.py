"""django-helpdesk's side of the comparison. Run by an interpreter that has it, and not the desk.

Reads one request a line and answers each with a line of JSON, until its input ends:

`intake SOURCE`   every file of that folder, one mail each, through `process_email`, as its
                  `get_email` does from a local mailbox. Costs and rows are of this delivery.
`sweep COUNT`     one `escalate_tickets` over so many open tickets, none of them due.
`escalate COUNT`  one over the same tickets, so many of them due. Each is saved with a note of it,
                  and its submitter is sent a mail, which is written and thrown away.
"""

import io
import json
import logging
import shutil
import sys
import tempfile
import time
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

SWEEPS = 3
urlpatterns: list[Any] = []


def set_up(home: Path) -> None:
    """Django with django-helpdesk as its manual says, on a SQLite database in `home`.

    `synchronous=NORMAL` waits for the disk less often than the desk does: the kinder setting.
    """
    apps = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles", "sites")
    middleware = ("sessions", "auth", "messages")
    names = {"sessions": "Session", "auth": "Authentication", "messages": "Message"}
    import_module("django.conf").settings.configure(
        SECRET_KEY="only for a benchmark",
        INSTALLED_APPS=[
            *(f"django.contrib.{app}" for app in (*apps, "humanize")),
            "rest_framework",
            "django_cleanup.apps.CleanupConfig",
            "helpdesk",
        ],
        MIDDLEWARE=[f"django.contrib.{n}.middleware.{names[n]}Middleware" for n in middleware],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": home / "helpdesk.sqlite3",
                "OPTIONS": {
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
                    "transaction_mode": "IMMEDIATE",
                },
            }
        },
        ROOT_URLCONF="__main__",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        MEDIA_ROOT=home / "media",
        STATIC_URL="/static/",
        SITE_ID=1,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        HELPDESK_TEAMS_MODE_ENABLED=False,
        LOGGING_CONFIG=None,
    )
    import_module("django").setup()
    urls = import_module("django.urls")
    urlpatterns.append(urls.path("helpdesk/", urls.include("helpdesk.urls")))
    call("migrate", verbosity=0)


def call(command: str, **options: Any) -> None:
    """A management command, its words thrown away."""
    import_module("django.core.management").call_command(command, stdout=io.StringIO(), **options)


def intake(source: Path, home: Path) -> dict[str, float]:
    """Have every mail of `source` read; the folder itself stays as it is."""
    models = import_module("helpdesk.models")
    box = Path(tempfile.mkdtemp(dir=home))
    shutil.copytree(source, box, dirs_exist_ok=True)
    models.Queue.objects.update_or_create(
        slug="bench",
        defaults={
            "title": "Bench",
            "email_address": "support@seller.example",
            "allow_email_submission": True,
            "email_box_type": "local",
            "email_box_local_dir": str(box),
            "email_box_interval": 0,
            "email_box_last_check": None,
            "logging_type": "none",
        },
    )
    tickets, followups = models.Ticket.objects.count(), models.FollowUp.objects.count()
    began, cpu = time.perf_counter(), time.process_time()
    import_module("helpdesk.email").process_email(quiet=True)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "seconds": seconds,
        "cpu": cpu,
        "left": len(list(box.iterdir())),
        "tickets": models.Ticket.objects.count() - tickets,
        "followups": models.FollowUp.objects.count() - followups,
    }


def sweep(count: int) -> dict[str, float]:
    """The middle of some sweeps over `count` open tickets of which none is due."""
    models = import_module("helpdesk.models")
    queue, _ = models.Queue.objects.get_or_create(
        slug="sweep",
        defaults={"title": "Sweep", "escalate_days": 1, "email_address": "sla@seller.example"},
    )
    models.Ticket.objects.filter(queue=queue).delete()
    rows = [
        models.Ticket(
            title=f"Question {n}",
            queue=queue,
            status=1,
            submitter_email=f"buyer{n}@buyer.example",
        )
        for n in range(count)
    ]
    models.Ticket.objects.bulk_create(rows, batch_size=500)
    costs = [_escalation() for _ in range(SWEEPS)]
    seconds, cpu = sorted(costs)[SWEEPS // 2]
    return {"seconds": seconds, "cpu": cpu}


def escalate(count: int) -> dict[str, float]:
    """One sweep over the tickets of the last `sweep`, of which so many have become due."""
    models = import_module("helpdesk.models")
    tickets = models.Ticket.objects.filter(queue__slug="sweep")
    waiting = tickets.filter(last_escalation=None).order_by("id")
    due = list(waiting.values_list("id", flat=True)[:count])
    long_ago = import_module("django.utils.timezone").now() - timedelta(days=3)
    for first in range(0, count, 500):
        tickets.filter(id__in=due[first : first + 500]).update(created=long_ago)
    before = models.FollowUp.objects.count()
    seconds, cpu = _escalation()
    escalated = models.FollowUp.objects.count() - before
    return {"seconds": seconds, "cpu": cpu, "escalated": escalated}


def _escalation() -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    call("escalate_tickets")
    return time.perf_counter() - began, time.process_time() - cpu


def main() -> None:
    """Answer requests until there are no more."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="threadline-bench-") as folder:
        home = Path(folder)
        set_up(home)
        for line in sys.stdin:
            what, _, given = line.strip().partition(" ")
            if what == "intake":
                answer = intake(Path(given), home)
            else:
                answer = {"sweep": sweep, "escalate": escalate}[what](int(given))
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
