"""Which of the desk's processes this one is."""

from enum import StrEnum


class Role(StrEnum):
    """`all` is one process with everything. The others share a PostgreSQL database."""

    ALL = "all"
    WORKER = "worker"  # reads inboxes, fires pings, sends the outbox
    SLACK = "slack"  # hears Slack through Socket Mode
    WEB = "web"  # hears Slack through signed HTTP

    @property
    def works(self) -> bool:
        """Whether this process polls, ticks and sends."""
        return self in {Role.ALL, Role.WORKER}
