"""Google Business Profile on loopback: tokens, accounts, locations, reviews and their answers.

Google has four hosts for this; here they are one, told apart by their paths.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from aiohttp import web
from typing_extensions import override

from connectors.testing.market import Fault
from sandbox.markets.base import FakeMarket, Route, Said, reads, writes
from sla_rules.vocabulary import Author

CLIENT_ID = "1234-abc.apps.example"
CLIENT_SECRET = "gbp-client-secret-" + "7e3a" * 5
REFRESH = "1//gbp-refresh-token-" + "0f0f" * 6

ACCOUNT = "accounts/104729"
MILAN, ROME = "locations/2147", "locations/2153"
LIVES = 3599
MOST_A_PAGE = 50
LONGEST = 4096
SORTS = frozenset({"updateTime desc", "rating", "rating desc"})
STATES = {"sent": "APPROVED", "held": "PENDING", "refused": "REJECTED"}
STARS = ("", "ONE", "TWO", "THREE", "FOUR", "FIVE")
OUTLASTS = frozenset({Fault.CUT_AFTER, Fault.TRUNCATED})
"""Played on lists and on what changes something: a single review is looked up before an answer."""


class GoogleBusinessMarket(FakeMarket):
    """One account with two locations. A customer who writes leaves a review in Milan."""

    authors = frozenset({Author.CUSTOMER, Author.AGENT})
    page_size: ClassVar[int] = MOST_A_PAGE

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.secrets.add(REFRESH)
        self.tokens_given = 0
        self.revoked = False
        self.accounts = [{"name": ACCOUNT, "accountName": "Bottega Salici", "type": "PERSONAL"}]
        self.unverified: set[str] = set()
        self.taken_down: set[str] = set()
        self.states = True
        self.violation = "ADVERTISING_AND_SOLICITATION"

    @override
    def routes(self) -> Sequence[Route]:
        review = "/v4/accounts/{account}/locations/{location}/reviews/{review}"
        return (
            reads("POST", "/token", self.grant, open=True),
            reads("GET", "/v1/accounts", self.list_accounts),
            reads("GET", "/v1/accounts/{account}/locations", self.list_locations),
            reads("GET", "/v4/accounts/{account}/locations/{location}/reviews", self.list_reviews),
            reads("GET", review, self.one_review),
            writes("PUT", f"{review}/reply", self.answer),
        )

    async def grant(self, request: web.Request) -> web.Response:
        """RFC 6749, 6; Google keeps the refresh token as it is."""
        form = await request.post()
        client = form.get("client_id"), form.get("client_secret")
        if client != (CLIENT_ID, CLIENT_SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        if self.revoked or form.get("refresh_token") != REFRESH:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if form.get("grant_type") != "refresh_token":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        self.tokens_given += 1
        self.token = f"ya29.{self.tokens_given}-" + "b00c" * 5
        self.secrets.add(self.token)
        scope = "https://www.googleapis.com/auth/business.manage"
        return web.json_response({"access_token": self.token, "expires_in": LIVES, "scope": scope})

    async def list_accounts(self, request: web.Request) -> web.Response:
        """Every account the user manages."""
        if wrong := _unknown(request.query, {"pageSize", "pageToken", "filter", "parentAccount"}):
            return self.problem(400, wrong)
        return web.json_response({"accounts": self.accounts} if self.accounts else {})

    async def list_locations(self, request: web.Request) -> web.Response:
        """An account's locations, one a page; the wanted fields have to be named."""
        query = request.query
        known = {"readMask", "pageSize", "pageToken", "filter", "orderBy"}
        if wrong := _unknown(query, known):
            return self.problem(400, wrong)
        if not query.get("readMask") or int(query.get("pageSize", "10")) > 100:  # noqa: PLR2004 - Google's
            return self.problem(400, "Request contains an invalid argument.")
        if f"accounts/{request.match_info['account']}" != ACCOUNT:
            return self.problem(403, "The caller does not have permission")
        places = [self._place(MILAN, "Bottega Salici Milano"), self._place(ROME, "Salici Roma")]
        start = int(query.get("pageToken", "0"))
        following = {"nextPageToken": "1"} if start == 0 else {}
        return web.json_response({"locations": places[start : start + 1], **following})

    async def list_reviews(self, request: web.Request) -> web.Response:
        """A location's reviews, page by page; a parameter nobody knows is an error."""
        query = request.query
        if wrong := _unknown(query, {"pageSize", "pageToken", "orderBy"}):
            return self.problem(400, wrong)
        size, sort = query.get("pageSize", "50"), query.get("orderBy", "updateTime desc")
        if not size.isdecimal() or not 1 <= int(size) <= MOST_A_PAGE or sort not in SORTS:
            return self.problem(400, "Request contains an invalid argument.")
        place = f"locations/{request.match_info['location']}"
        if f"accounts/{request.match_info['account']}" != ACCOUNT or place in self.unverified:
            return self.problem(403 if place not in self.unverified else 400, "Not verified.")
        found = sorted(self._standing(place), key=_changed, reverse=True)
        start = int(query.get("pageToken", "0"))
        page, following = self.page_of(found, start)
        answer: dict[str, Any] = {"reviews": [self.shape(one) for one in page]} if page else {}
        return web.json_response(
            answer | ({"nextPageToken": str(following)} if following is not None else {})
        )

    async def one_review(self, request: web.Request) -> web.Response:
        """One review."""
        said = self._named(request)
        if said is None:
            return self.problem(404, "Requested entity was not found.")
        return web.json_response(self.shape(said))

    async def answer(self, request: web.Request) -> web.Response:
        """The answer, in place of any other."""
        said, body = self._named(request), await request.json()
        if said is None:
            return self.problem(404, "Requested entity was not found.")
        text = body.get("comment")
        if set(body) != {"comment"} or not isinstance(text, str) or not text.strip():
            return self.problem(400, "Request contains an invalid argument.")
        if len(text.encode()) > LONGEST:
            return self.problem(400, "The reply is too long.")
        self.take_reply(said.thread, text, of=said.id)
        said.more["reply"] = {"comment": text, "at": self.now(), "own": True}
        return web.json_response(self._reply(said))

    @override
    async def says(
        self,
        author: Author,
        text: str,
        *,
        at: datetime | None = None,
        thread: str = "7001",
        **more: Any,
    ) -> str:
        """A customer leaves a review (`stars`, 2 unless told); an agent answers the newest one."""
        if author is Author.CUSTOMER:
            told = {"stars": 2, "place": MILAN, **more}
            return await super().says(author, text, at=at, thread=thread, **told)
        newest = [one for one in self._standing() if one.thread == thread][-1]
        newest.more["reply"] = {"comment": text, "at": at or self.now(), "own": False}
        return newest.id

    def change(self, review: str, *, text: str, stars: int) -> None:
        """The customer thinks again."""
        said = next(one for one in self.messages if one.id == review)
        said.text = text
        said.more.update(stars=stars, updated=self.now())

    def take_down(self, review: str) -> None:
        """The review stands no more."""
        self.taken_down.add(review)

    def shape(self, said: Said) -> dict[str, Any]:
        """A review as Google writes it; what is empty is left out."""
        more = said.more
        shaped: dict[str, Any] = {
            "name": f"{ACCOUNT}/{more['place']}/reviews/{said.id}",
            "reviewId": said.id,
            "reviewer": {"displayName": "Nora Quist", "isAnonymous": False},
            "starRating": STARS[more["stars"]],
            "createTime": _shown(said.at),
            "updateTime": _shown(_changed(said)),
        }
        if said.text:
            shaped["comment"] = said.text
        if "reply" in more:
            shaped["reviewReply"] = self._reply(said)
        return shaped

    @override
    def knows(self, request: web.Request) -> bool:
        return self.tokens_given > 0 and super().knows(request)

    @override
    def refused(self) -> web.Response:
        return self.problem(401, "Request had invalid authentication credentials.")

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        response = self.problem(429, "Quota exceeded for quota metric 'Requests'")
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        error = {"code": status, "message": reason, "status": "FAILED"}
        return web.json_response({"error": error}, status=status)

    @override
    async def _after(
        self, fault: Fault | None, request: web.Request, response: web.StreamResponse
    ) -> web.StreamResponse:
        single = request.method == "GET" and "review" in request.match_info
        return await super()._after(
            None if fault in OUTLASTS and single else fault, request, response
        )

    def _reply(self, said: Said) -> dict[str, Any]:
        reply = said.more["reply"]
        told = {"comment": reply["comment"], "updateTime": _shown(reply["at"])}
        state = STATES[self.moderation] if reply["own"] else "APPROVED"
        if self.states:
            told["reviewReplyState"] = state
        return told | ({"policyViolation": self.violation} if state == "REJECTED" else {})

    def _place(self, name: str, title: str) -> dict[str, Any]:
        about = {
            "placeId": f"ChIJ{name[-4:]}",
            "hasVoiceOfMerchant": name not in self.unverified,
            "mapsUri": f"https://maps.google.example/{name[-4:]}",
        }
        return {"name": name, "title": title, "metadata": about}

    def _standing(self, place: str | None = None) -> list[Said]:
        return [
            one
            for one in self.messages
            if one.author is Author.CUSTOMER
            and one.id not in self.taken_down
            and place in {None, one.more["place"]}
        ]

    def _named(self, request: web.Request) -> Said | None:
        place = f"locations/{request.match_info['location']}"
        name = request.match_info["review"]
        return next((one for one in self._standing(place) if one.id == name), None)


def _changed(said: Said) -> datetime:
    changed: datetime = said.more.get("updated", said.at)
    return changed


def _unknown(query: Mapping[str, str], known: set[str]) -> str:
    unknown = sorted(set(query) - known)
    return f'Invalid JSON payload received. Unknown name "{unknown[0]}"' if unknown else ""


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
