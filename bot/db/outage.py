"""Whether an error says that the database failed, and not that it was asked something wrong."""

from sqlalchemy.exc import DBAPIError

_POSTGRES_CLASSES = ("08", "40", "53", "55", "57", "58")
"""Connection, rollback, resources, object in use, operator, system (PostgreSQL manual, appendix A)."""

_SQLITE_CODES = ("BUSY", "LOCKED", "FULL", "IOERR", "CANTOPEN", "READONLY")
"""The beginnings of its extended codes, too (SQLite, "Result and Error Codes")."""


def is_outage(exc: BaseException) -> bool:
    """Whether the same work may be done once the database is well again."""
    if isinstance(exc, OSError | TimeoutError):
        return True
    if not isinstance(exc, DBAPIError):
        return False
    if exc.connection_invalidated or isinstance(exc.orig, OSError | TimeoutError):
        return True
    state = str(getattr(exc.orig, "sqlstate", None) or "")
    name = str(getattr(exc.orig, "sqlite_errorname", None) or "").removeprefix("SQLITE_")
    return state.startswith(_POSTGRES_CLASSES) or name.startswith(_SQLITE_CODES)
