"""Calls of the Graph API, and nothing else."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from typing_extensions import override

from connectors.contract import File, InboxContext, Json
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.meta.account import Account
from connectors.meta.refusal import refusal
from connectors.meta.usage import pace
from connectors.pace import Limits
from connectors.request import Authoriser, HttpRequest, multipart
from connectors.signing import hmac_hex

CONVERSATIONS: Final = 25
MESSAGES: Final = 20
"""Meta shows details of a conversation's 20 newest messages only."""

COMMENTS: Final = 50
CONVERSATION_FIELDS: Final = "id,updated_time,message_count,participants"


class GraphAuth(Authoriser):
    """The token and the proof that the caller also knows the app's secret."""

    def __init__(self, account: Account) -> None:
        config = account.config
        token = config.page_token.get_secret_value()
        proof = hmac_hex(config.app_secret, token.encode())
        self._params = {"access_token": token, "appsecret_proof": proof}

    @override
    async def authorise(self, request: HttpRequest) -> HttpRequest:
        if any(name == "access_token" for name, _ in request.params):
            return request
        return request.with_params(self._params)

    @override
    def refused(self) -> bool:
        return False


class Graph:
    """One account's calls. Raises `connectors.errors` classes only.

    The Conversations API takes two calls a second for each account; half of that is used.
    """

    def __init__(self, account: Account, context: InboxContext) -> None:
        self._account = account
        self._http = MarketHttp(
            f"{account.config.base_url.rstrip('/')}/{account.config.api_version}",
            context,
            auth=GraphAuth(account),
            limits=Limits(per_second=1, burst=5),
            judge=refusal,
            pace=pace,
        )

    async def conversations(self, *, after: str = "", person: str = "") -> Fields:
        """A page of conversations, newest first, or the one with `person`."""
        params = {
            "platform": self._account.dialect.platform,
            "fields": CONVERSATION_FIELDS,
            "limit": str(CONVERSATIONS),
        }
        if person:
            params["user_id"] = person
        if after:
            params["after"] = after
        return await self._get(f"{self._account.node}/conversations", params)

    async def messages(self, conversation: str) -> Fields:
        """The newest messages of one conversation, newest first."""
        inner = f"messages.limit({MESSAGES}){{{self._account.dialect.message_fields}}}"
        found = await self._get(_id(conversation), {"fields": f"id,{inner}"})
        return found.inner("messages")

    async def message(self, message: str) -> Fields:
        """One message, read anew: the addresses of its files last for a while only."""
        return await self._get(_id(message), {"fields": self._account.dialect.message_fields})

    async def posts(self) -> Fields:
        """The newest posts, each with its newest comments."""
        dialect = self._account.dialect
        order = "".join(f".{name}({value})" for name, value in dialect.comment_order.items())
        comments = f"comments.limit({COMMENTS}){order}{{{dialect.comment_fields}}}"
        fields = f"{dialect.post_fields},{comments}"
        params = {"fields": fields, "limit": str(self._account.config.posts)}
        return await self._get(f"{self._account.public_node}/{dialect.posts_edge}", params)

    async def comments(self, post: str, after: str) -> Fields:
        """A further page of a post's comments."""
        params = {
            "fields": self._account.dialect.comment_fields,
            "limit": str(COMMENTS),
            "after": after,
            **self._account.dialect.comment_order,
        }
        return await self._get(f"{_id(post)}/comments", params)

    async def answers(self, comment: str) -> Fields:
        """The answers below a comment."""
        dialect = self._account.dialect
        params = {"fields": dialect.comment_fields.partition(",replies")[0], "limit": str(COMMENTS)}
        return await self._get(f"{_id(comment)}/{dialect.answers_edge}", params)

    async def person(self, person: str, fields: str) -> Fields:
        """The profile of somebody who wrote."""
        return await self._get(_id(person), {"fields": fields})

    async def mention(self, comment: str) -> Fields:
        """A comment below somebody else's post that names the account (Instagram)."""
        fields = f"mentioned_comment.comment_id({_digits(comment)}){{id,text,timestamp,username}}"
        found = await self._get(self._account.public_node, {"fields": fields})
        return found.inner("mentioned_comment")

    async def itself(self) -> Fields:
        """The account."""
        return await self._get(self._account.node, {"fields": "id,name"})

    async def token(self) -> Fields:
        """What Meta knows of the token: its end and its permissions."""
        config = self._account.config
        params = {
            "input_token": config.page_token.get_secret_value(),
            "access_token": f"{config.app_id}|{config.app_secret.get_secret_value()}",
        }
        return (await self._get("debug_token", params)).inner("data")

    async def send(self, message: Mapping[str, Json]) -> str:
        """Send a message. Returns its id."""
        path = f"/{self._account.node}/messages"
        sent = (await self._http.send("POST", path, json=dict(message))).object()
        return Fields(sent).id("message_id", default="")

    async def send_file(self, head: Mapping[str, Json], file: File) -> str:
        """Send a file as a message of its own. Returns its id."""
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in head.items()
        }
        body, content_type = multipart(fields, [("filedata", file)])
        path, headers = f"/{self._account.node}/messages", {"Content-Type": content_type}
        sent = (await self._http.send("POST", path, body=body, headers=headers)).object()
        return Fields(sent).id("message_id", default="")

    async def answer_comment(self, comment: str, text: str) -> str:
        """Answer below a comment, for everybody to read. Returns the answer's id."""
        path = f"/{_id(comment)}/{self._account.dialect.answers_edge}"
        return await self._posted(path, {"message": text})

    async def answer_mention(self, media: str, comment: str, text: str) -> str:
        """Answer where somebody named the account below a post of theirs (Instagram)."""
        path = f"/{self._account.public_node}/mentions"
        return await self._posted(path, {"media_id": media, "comment_id": comment, "message": text})

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _posted(self, path: str, form: Mapping[str, str]) -> str:
        sent = (await self._http.send("POST", path, form=form)).object()
        return Fields(sent).id("id", default="")

    async def _get(self, path: str, params: Mapping[str, str]) -> Fields:
        return Fields((await self._http.get(f"/{path}", params=params)).object())


def _id(value: str) -> str:
    return quote(value, safe="")


def _digits(value: str) -> str:
    return "".join(char for char in value if char.isdigit())


def next_page(answer: Fields) -> str:
    """Where the next page begins; empty after the last one, which has no `next`."""
    paging = answer.inner("paging")
    return (
        paging.inner("cursors").text("after", default="") if paging.text("next", default="") else ""
    )
