"""The one HTTP door: health, metrics, platforms' calls, and Slack's where Socket Mode is not used."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.web.fence import Fence
from bot.web.followed import Followed
from bot.web.guard import SlackGuard
from bot.web.slack_calls import SlackCalls
from bot.web.slack_door import SlackDoor
from bot.web.tokens import AccessToken, bearer_of
from bot.web.webhooks import WebhookDoor
from sla_rules.local_days import TZDATA

LAG_LIMIT = 5.0
"""Seconds of event-loop lag beyond which the process counts as stuck."""


async def _no_details() -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What the endpoints ask the process. `ready` maps each check's name to why it fails, or None.

    `details` is what is worth knowing beside that and makes no process unfit.
    """

    loop_lag: Callable[[], float]
    ready: Callable[[], Awaitable[Mapping[str, str | None]]]
    metrics: Callable[[], Awaitable[bytes]]
    details: Callable[[], Awaitable[Mapping[str, object]]] = _no_details


def build_web(
    probes: Probes,
    *,
    slack: AsyncApp | None = None,
    signing_secret: str | None = None,
    slack_calls: SlackCalls | None = None,
    webhooks: WebhookDoor | None = None,
    doors: Sequence[Route] = (),
    metrics_token: AccessToken | None = None,
    clock: Clock | None = None,
) -> Starlette:
    """The app. `slack` and `signing_secret` together add `/slack/events`, `doors` whatever else.

    `slack_calls` are known to all processes of the desk; without them this one knows its own.
    With a `metrics_token`, numbers and details are for whoever shows it. `clock` is asked for real
    seconds only.
    """
    clock = clock or Clock()
    routes = [
        Route("/healthz", _healthz(probes)),
        Route("/readyz", _readyz(probes, metrics_token)),
        Route("/metrics", _metrics(probes, metrics_token)),
        *doors,
    ]
    if slack is not None and signing_secret is not None:
        guard = SlackGuard(signing_secret)
        door = SlackDoor(guard=guard, slack=slack, clock=clock, calls=slack_calls)
        routes.append(Route("/slack/events", door.endpoint, methods=["POST"]))
    if webhooks is not None:
        calls = Route("/webhooks/{inbox}", webhooks.endpoint, methods=["GET", "POST"])
        routes.append(calls)
    return Starlette(
        routes=routes, middleware=[Middleware(Followed), Middleware(Fence, clock=clock)]
    )


Endpoint = Callable[[Request], Awaitable[Response]]


def _healthz(probes: Probes) -> Endpoint:
    async def healthz(_request: Request) -> Response:
        lag = probes.loop_lag()
        alive = lag < LAG_LIMIT
        body = {
            "status": "ok" if alive else "stuck",
            "loop_lag_seconds": round(lag, 3),
            "tzdata": TZDATA,
        }
        return JSONResponse(body, status_code=200 if alive else 503)

    return healthz


def _readyz(probes: Probes, token: AccessToken | None) -> Endpoint:
    async def readyz(request: Request) -> Response:
        checks = await probes.ready()
        good = all(why is None for why in checks.values())
        tells = checks.get("database") is None and _may_see(request, token)
        body = {
            "status": "ready" if good else "not ready",
            "checks": {name: why or "ok" for name, why in checks.items()},
            "details": dict(await probes.details()) if tells else {},
        }
        return JSONResponse(body, status_code=200 if good else 503)

    return readyz


def _metrics(probes: Probes, token: AccessToken | None) -> Endpoint:
    async def metrics(request: Request) -> Response:
        if not _may_see(request, token):
            headers = {"WWW-Authenticate": 'Bearer realm="threadline"'}
            return PlainTextResponse("a token is needed", status_code=401, headers=headers)
        text = await probes.metrics()
        return Response(text, media_type="text/plain; version=0.0.4")

    return metrics


def _may_see(request: Request, token: AccessToken | None) -> bool:
    """Whether numbers and details are shown: to everybody who reaches the port, or by a token."""
    given = bearer_of(request)
    return token is None or (given is not None and token.opens_with(given))
