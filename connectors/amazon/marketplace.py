"""Which of Amazon's marketplaces a mail comes from, told by what only Amazon writes."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

HEADER = "X-Marketplace-ID"

_HOST = re.compile(r"https://(?:[a-z0-9-]{1,40}\.){0,3}amazon\.([a-z.]{2,7})(?=[/?\s\"'<>]|$)")
_SAME_EVERYWHERE = "com"
"""Amazon writes to sellers of every country from amazon.com."""


class Marketplace(BaseModel):
    """One entry of `marketplaces.toml`. `key` is its country in small letters ("it", "uk")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tld: str
    key: str
    id: str
    zone: str
    currency: str
    languages: tuple[str, ...] = ()


@cache
def marketplaces() -> tuple[Marketplace, ...]:
    """The file that ships with the connector."""
    text = files("connectors.amazon").joinpath("marketplaces.toml").read_text(encoding="utf-8")
    return tuple(Marketplace.model_validate(row) for row in tomllib.loads(text)["marketplaces"])


def told_marketplace(
    *, alias: str, stated_id: str, sender: str, links: Iterable[str], subject: str
) -> Marketplace | None:
    """The marketplace of a mail that is Amazon's; None when nothing tells it.

    The buyer's relay address is surest, then the id Amazon states, its sender, its own links and
    the language of its subject. `links` are texts that no buyer wrote.
    """
    certain = _of_domain(alias) or _of_id(stated_id.strip())
    if certain is not None:
        return certain
    domain = _of_domain(sender)
    if domain is not None and domain.tld != _SAME_EVERYWHERE:
        return domain
    hosts = (_of_tld(host.group(1)) for text in links for host in _HOST.finditer(text))
    linked = next((one for one in hosts if one and one.tld != _SAME_EVERYWHERE), None)
    return linked or _of_subject(subject.casefold())


def _of_domain(address: str) -> Marketplace | None:
    return _of_tld(address.rpartition("@")[2].lower().rpartition("amazon.")[2])


def _of_tld(tld: str) -> Marketplace | None:
    return next((one for one in marketplaces() if one.tld == tld), None)


def _of_id(stated: str) -> Marketplace | None:
    return next((one for one in marketplaces() if one.id == stated), None)


def _of_subject(subject: str) -> Marketplace | None:
    named = (one for one in marketplaces() if any(phrase in subject for phrase in one.languages))
    return next(named, None)
