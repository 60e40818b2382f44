"""The one HTTP door: health, metrics, platforms' calls, and Slack's where Socket Mode is not used."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from slack_bolt.adapter.starlette.async_handler import (
    to_async_bolt_request,
    to_starlette_response,
)
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.web.bodies import body_of
from bot.web.guard import Refusal, SlackGuard
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
    webhooks: WebhookDoor | None = None,
    doors: Sequence[Route] = (),
) -> Starlette:
    """The app. `slack` and `signing_secret` together add `/slack/events`, `doors` whatever else."""
    routes = [
        Route("/healthz", _healthz(probes)),
        Route("/readyz", _readyz(probes)),
        Route("/metrics", _metrics(probes)),
        *doors,
    ]
    if slack is not None and signing_secret is not None:
        door = _slack_door(SlackGuard(signing_secret), slack)
        routes.append(Route("/slack/events", door, methods=["POST"]))
    if webhooks is not None:
        calls = Route("/webhooks/{inbox}", webhooks.endpoint, methods=["GET", "POST"])
        routes.append(calls)
    return Starlette(routes=routes)


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


def _readyz(probes: Probes) -> Endpoint:
    async def readyz(_request: Request) -> Response:
        checks = await probes.ready()
        good = all(why is None for why in checks.values())
        body = {
            "status": "ready" if good else "not ready",
            "checks": {name: why or "ok" for name, why in checks.items()},
            "details": dict(await probes.details()) if checks.get("database") is None else {},
        }
        return JSONResponse(body, status_code=200 if good else 503)

    return readyz


def _metrics(probes: Probes) -> Endpoint:
    async def metrics(_request: Request) -> Response:
        text = await probes.metrics()
        return Response(text, media_type="text/plain; version=0.0.4")

    return metrics


def _slack_door(guard: SlackGuard, slack: AsyncApp) -> Endpoint:
    async def slack_events(request: Request) -> Response:
        body = await body_of(request)
        if body is None:
            return _turn_away(Refusal.TOO_LARGE)
        refusal = guard.refuse(
            body,
            request.headers.get("x-slack-request-timestamp", ""),
            request.headers.get("x-slack-signature", ""),
        )
        if refusal is not None:
            return _turn_away(refusal)
        answer = await slack.async_dispatch(to_async_bolt_request(request, body))
        return to_starlette_response(answer)

    return slack_events


def _turn_away(refusal: Refusal) -> Response:
    return PlainTextResponse(refusal.reason, status_code=refusal.status)
