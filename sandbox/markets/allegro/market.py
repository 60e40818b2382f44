"""The fake Allegro: its routes."""

from collections.abc import Sequence
from typing import Any, ClassVar

from typing_extensions import override

from sandbox.markets.allegro.cases import Cases
from sandbox.markets.allegro.wire import CLIENT_ID, CLIENT_SECRET, REFRESH
from sandbox.markets.base import Route, reads, writes
from sla_rules.vocabulary import Author


class AllegroMarket(Cases):
    """One seller account, written from Allegro's interface description and its issue tracker.

    Wrong media types, parameters that are not documented, pages above their limit, and tokens that
    were used are refused.
    """

    authors: ClassVar[frozenset[Author]] = frozenset({Author.CUSTOMER, Author.AGENT})  # type: ignore[misc]

    @override
    def routes(self) -> Sequence[Route]:
        message_files, issue_files = "/messaging/message-attachments", "/sale/issues/attachments"
        order = "/order/checkout-forms/{order}"
        return (
            reads("POST", "/auth/oauth/token", self.grant, open=True),
            Route(
                method="POST",
                path="/auth/oauth/device",
                handler=self.ask_device_code,
                open=True,
                spare=True,
            ),
            reads("GET", "/me", self.show_me),
            reads("GET", "/messaging/threads", self.list_threads),
            reads("GET", "/messaging/threads/{thread}/messages", self.list_messages),
            writes("POST", "/messaging/threads/{thread}/messages", self.write),
            reads("GET", "/messaging/messages/{message}", self.show_message),
            writes("POST", message_files, self.declare_file),
            writes("PUT", f"{message_files}/{{file}}", self.upload_file),
            reads("GET", f"{message_files}/{{file}}", self.show_file),
            writes("POST", issue_files, self.declare_issue_file),
            writes("PUT", f"{issue_files}/{{file}}", self.upload_issue_file),
            reads("GET", f"{issue_files}/{{file}}", self.show_file),
            reads("GET", "/sale/issues", self.list_issues),
            reads("GET", "/sale/issues/{issue}", self.show_issue),
            reads("GET", "/sale/issues/{issue}/chat", self.list_chat),
            writes("POST", "/sale/issues/{issue}/message", self.write_in_issue),
            reads("GET", order, self.show_order),
            reads("GET", f"{order}/shipments", self.list_shipments),
        )

    def settings(self, **changes: Any) -> dict[str, Any]:
        """The settings of an inbox of this account."""
        url = self.url or "http://127.0.0.1:9"
        given: dict[str, Any] = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH,
            "base_url": url,
            "auth_url": url,
        }
        return {name: value for name, value in (given | changes).items() if value is not None}
