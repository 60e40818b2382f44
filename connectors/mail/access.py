"""How one proves to a mail server who one is: a password that stays, or a token that expires."""

from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr
from typing_extensions import override

from connectors.contract import InboxContext
from connectors.mail.config import MailConfig
from connectors.mail.oauth import TokenDesk
from connectors.tokens import TokenSource


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """A user and what proves them: a password, or with `by_token` an access token (XOAUTH2)."""

    user: str
    secret: str = field(repr=False)
    by_token: bool = False

    @property
    def xoauth2(self) -> str:
        """The initial response of XOAUTH2, not yet in base64 (Google's and Microsoft's form)."""
        return f"user={self.user}\1auth=Bearer {self.secret}\1\1"


class Access(Protocol):
    """Gives log-ins for one account."""

    async def log_in(self) -> LogIn:
        """One that should be good now. Raises AuthExpired or Unavailable."""
        ...

    def refused(self) -> bool:
        """The server refused the last one. True if another may fare better."""
        ...


class PasswordAccess(Access):
    """The same password for ever."""

    def __init__(self, user: str, password: SecretStr | None) -> None:
        self._log_in = LogIn(user=user, secret=password.get_secret_value() if password else "")

    @override
    async def log_in(self) -> LogIn:
        return self._log_in

    @override
    def refused(self) -> bool:
        return False


class TokenAccess(Access):
    """An access token, renewed before it expires and once when it is refused."""

    def __init__(self, user: str, source: TokenSource) -> None:
        self._user = user
        self._source = source

    @override
    async def log_in(self) -> LogIn:
        return LogIn(user=self._user, secret=await self._source.token(), by_token=True)

    @override
    def refused(self) -> bool:
        self._source.expire()
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccess:
    """What an inbox logs in with, on either server. `desk` is to be closed, where there is one."""

    imap: Access
    smtp: Access
    desk: TokenDesk | None = None

    @classmethod
    def of(cls, config: MailConfig, context: InboxContext) -> "MailAccess":
        """As the settings say."""
        if config.oauth is None:
            return cls(imap=imap_password(config), smtp=smtp_password(config))
        desk = TokenDesk(config.oauth, context)
        return cls(
            imap=TokenAccess(config.imap_user, desk.source),
            smtp=TokenAccess(config.smtp_user, desk.source),
            desk=desk,
        )


def imap_password(config: MailConfig) -> Access:
    """The mailbox's password."""
    return PasswordAccess(config.imap_user, config.imap_password)


def smtp_password(config: MailConfig) -> Access:
    """The sending account's password."""
    return PasswordAccess(config.smtp_user, config.smtp_password)
