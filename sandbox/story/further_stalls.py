"""Marketplaces beyond the best known, and the places where customers leave reviews."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sandbox.markets import feedaty, google_business, judge_me, kaufland, octopia, trustpilot
from sandbox.markets.allegro import AllegroMarket
from sandbox.markets.mail import MailMarket
from sandbox.markets.mercado_libre import MercadoLibreMarket
from sandbox.markets.mercado_libre.market import APP_ID, APP_SECRET
from sandbox.markets.mercado_libre.wire import SELLER
from sandbox.markets.profile_mail import BolMail, WalmartMail
from sandbox.story.stall import Stall

Now = Callable[[], datetime]


def further_stalls(now: Now) -> Sequence[Stall]:
    """Marketplaces by API and by mail."""
    return (
        _kaufland(now),
        _octopia(now),
        _allegro(now),
        _mercado_libre(now),
        _by_mail(
            WalmartMail(now),
            "walmart",
            "Walmart",
            asks="The lamp I ordered has no plug for the US. What now?",
            answer="We send an adapter today, free of charge.",
        ),
        _by_mail(
            BolMail(now),
            "bol",
            "bol",
            asks="Past deze kap ook op de kleine lamp?",
            answer="Ja, hij past op beide.",
        ),
    )


def review_stalls(now: Now) -> Sequence[Stall]:
    """Where everybody reads what a customer thinks, and what is answered."""
    return (_trustpilot(now), _google(now), _judge_me(now), _feedaty(now))


def _kaufland(now: Now) -> Stall:
    market = kaufland.KauflandMarket(now)
    return Stall(
        key="kaufland",
        label="Kaufland",
        market=market,
        settings=lambda: {
            "client_key": market.token,
            "secret_key": kaufland.SECRET,
            "base_url": f"{market.url}/v2",
        },
        asks="Der Sessel hat einen Kratzer. Was kann man da tun?",
        answer="Wir senden Ihnen heute ein neues Bein für den Sessel.",
    )


def _octopia(now: Now) -> Stall:
    market = octopia.OctopiaMarket(now)
    client_id, client_secret = octopia.CLIENT
    return Stall(
        key="octopia",
        label="Cdiscount",
        market=market,
        settings=lambda: {
            "client_id": client_id,
            "client_secret": client_secret,
            "seller_id": octopia.SELLER,
            "subscription_key": octopia.SUBSCRIPTION,
            "base_url": f"{market.url}/seller/v2",
            "auth_url": market.url,
        },
        asks="Bonjour, quand ma commande sera-t-elle expédiée ?",
        answer="Bonjour, elle part demain matin.",
    )


def _allegro(now: Now) -> Stall:
    market = AllegroMarket(now)
    return Stall(
        key="allegro",
        label="Allegro",
        market=market,
        settings=market.settings,
        asks="Dzień dobry, czy lampa jest dostępna w kolorze zielonym?",
        answer="Dzień dobry, tak, zielona jest dostępna od piątku.",
    )


def _mercado_libre(now: Now) -> Stall:
    market = MercadoLibreMarket(now)
    return Stall(
        key="mercado_libre",
        label="Mercado Libre",
        market=market,
        settings=lambda: {
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "refresh_token": market.refresh,
            "seller_id": SELLER,
            "site": market.site,
            "base_url": market.url,
        },
        asks="Hola, ¿la lámpara viene con foco?",
        answer="Hola, sí, viene con un foco LED.",
    )


def _by_mail(market: MailMarket, key: str, label: str, *, asks: str, answer: str) -> Stall:
    return Stall(
        key=key, label=label, market=market, settings=market.settings, asks=asks, answer=answer
    )


def _trustpilot(now: Now) -> Stall:
    market = trustpilot.TrustpilotMarket(now)
    return Stall(
        key="trustpilot",
        label="Trustpilot",
        market=market,
        settings=lambda: {
            "api_key": trustpilot.API_KEY,
            "api_secret": trustpilot.API_SECRET,
            "business_unit_id": trustpilot.UNIT,
            "business_user_id": trustpilot.USER,
            "base_url": market.url,
        },
        asks="Two weeks late, and nobody told me anything.",
        answer="We are sorry: the carrier lost it, and we should have written to you first.",
    )


def _google(now: Now) -> Stall:
    market = google_business.GoogleBusinessMarket(now)
    return Stall(
        key="google_business",
        label="Google reviews",
        market=market,
        settings=lambda: {
            "client_id": google_business.CLIENT_ID,
            "client_secret": google_business.CLIENT_SECRET,
            "refresh_token": google_business.REFRESH,
            **dict.fromkeys(("base_url", "accounts_url", "locations_url", "oauth_url"), market.url),
        },
        asks="Negozio bellissimo, ma sabato nessuno poteva aiutarmi.",
        answer="Grazie: da questo sabato in negozio siamo in tre.",
    )


def _judge_me(now: Now) -> Stall:
    market = judge_me.JudgeMeMarket(now)
    return Stall(
        key="judge_me",
        label="Judge.me",
        market=market,
        settings=lambda: {
            "api_token": market.token,
            "shop_domain": judge_me.SHOP,
            "base_url": f"{market.url}/api/v1",
        },
        asks="The colour is not what the picture shows.",
        answer="Thank you for saying so: we took new pictures today.",
    )


def _feedaty(now: Now) -> Stall:
    market = feedaty.FeedatyMarket(now)
    return Stall(
        key="feedaty",
        label="Feedaty",
        market=market,
        settings=lambda: {
            "merchant_code": feedaty.MERCHANT,
            "client_secret": feedaty.SECRET,
            "base_url": market.url,
        },
        asks="Imballo rovinato, il vaso per fortuna no.",
        answer=None,
    )
