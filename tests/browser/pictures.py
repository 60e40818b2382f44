"""Take the pictures of the docs anew: `python -m tests.browser.pictures [FOLDER]`.

A desk with a morning's work is played, and looked at in a browser as its people see it. Needs
Chromium, and ImageMagick's `convert` to make the pictures small.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.log import configure
from bot.runtime.schema import upgrade
from sandbox.slack.model import Message
from sandbox.slack.person import Person
from sandbox.story import letters
from tests.browser.chromium import Page, browser_page
from tests.e2e.town import AMAZON, ROOT, SHOP, Inbox, SetClock, Town, a_town, desk_in

WIDE, NARROW, LOW, HIGH, HIGHEST = 1280, 390, 720, 844, 1800
COLOURS = 96
ANSWER = "Buenos días, Ines: le enviamos hoy otra silla."
BEGINS = datetime(2026, 11, 23, 20, 55, tzinfo=UTC)
"""A Monday evening; the pictures are taken on Tuesday morning."""
EARLY = datetime(2026, 11, 24, 7, 20, tzinfo=UTC)
NEARLY_NINE = datetime(2026, 11, 24, 7, 58, tzinfo=UTC)
PAST_NINE = datetime(2026, 11, 24, 8, 3, tzinfo=UTC)
HALF_TIME, DUE_SOON = timedelta(hours=6, seconds=5), timedelta(hours=9, minutes=36, seconds=5)
"""After how long Amazon's ticket warns, by the built-in target of twelve hours."""
NEGOZIO, LADEN = Inbox(name="negozio"), Inbox(name="laden")
SPOKEN = {NEGOZIO.name: "it", LADEN.name: "de"}
LOCALES = {"ben": "de-DE", "dario": "it-IT"}
DARIO = '[[agents]]\nslack = "dario@rossi-casa.example"\nname = "Dario"\nrole = "manager"\n'

MONDAY = (
    (SHOP, "Marie Durand", "Lampe Alba", "Bonjour, la lampe Alba existe-t-elle en vert ?"),
    (SHOP, "Paul Lefèvre", "Livraison en Corse", "Livrez-vous en Corse avant le 20 décembre ?"),
    (SHOP, "Ines Ortega", "Silla Nube", "La silla ha llegado con una pata rota. ¿Qué hago?"),
)
TUESDAY = (
    (SHOP, "Tom Baker", "Invoice", "Could you send me an invoice with our VAT number, please?"),
    (NEGOZIO, "Luca Ferri", "Reso", "Vorrei rendere la lampada, come faccio?"),
    (LADEN, "Jonas Vogt", "Lieferung", "Wo bleibt meine Bestellung? Sie sollte gestern kommen."),
)
LATER = (
    (SHOP, "Nora Lindt", "Alba shade", "Does the shade of the Alba fit an E14 bulb?"),
    (
        NEGOZIO,
        "Sara Bruni",
        "Sedia rotta",
        "La sedia è arrivata rotta: se non rispondete oggi, avvocato.",
    ),
    (
        LADEN,
        "Eva Brandt",
        "Falsche Farbe",
        "Sie haben die Lampe in Rot geschickt, bestellt war Grün.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The town of the pictures, and the hands of its clock."""

    town: Town
    clock: SetClock

    async def until(self, at: datetime) -> None:
        """Turn the clock to `at`, and give the desk a moment."""
        self.clock.pass_(at - self.clock.now())
        await asyncio.sleep(4)

    async def card(self, inbox: Inbox, words: str) -> Message:
        return await self.town.card(inbox.name, words)

    async def say(self, person: Person, verb: str, card: Message, words: str = "") -> None:
        number = self.town.number(card)
        text = f"{verb} {number} {words}".strip()
        await person.command("/ticket", text, channel=card.channel, wait=4.0)


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    """A desk of four channels, one of them Italian and one German, and people who read either."""
    clock = SetClock()
    clock.turn(BEGINS - clock.now())
    url = f"sqlite:///{folder / 'threadline.db'}"
    inboxes = (AMAZON, SHOP, NEGOZIO, LADEN)
    async with a_town(folder, url, inboxes=inboxes, undo_seconds=10, clock=clock) as town:
        for user in town.slack.workspace.users.values():
            user.locale = LOCALES.get(user.name, user.locale)
        town.settings.write_text(_settings(town.settings.read_text(encoding="utf-8")), "utf-8")
        await asyncio.to_thread(upgrade, url)
        async with desk_in(town):
            yield Desk(town=town, clock=clock)


def _settings(text: str) -> str:
    text = text.replace('daily = "off"', 'daily = "09:00"')
    text = text.replace('name = "Rossi Casa"\n', 'name = "Rossi Casa"\ntimezone = "Europe/Rome"\n')
    text = text.replace("[calendars.", f"{DARIO}[calendars.", 1)
    for name, language in SPOKEN.items():
        text = text.replace(f'label = "{name}"\n', f'label = "{name}"\nlanguage = "{language}"\n')
    return text.replace('label = "amazon-it"', 'label = "Amazon.it"')


async def play(desk: Desk) -> None:
    """A Monday evening, a night, and Tuesday until a little past nine."""
    town = desk.town
    await _write(desk, MONDAY)
    giulia = await _giulia_writes(desk)
    await desk.say(town.anna, "claim", giulia)
    await desk.say(town.anna, "note", giulia, "Carrier says: out for delivery tomorrow.")
    marie = await desk.card(SHOP, "Alba")
    await desk.say(town.ben, "reply", marie, "Oui, elle existe en vert sauge, 49 €.")
    await desk.say(town.anna, "claim", await desk.card(SHOP, "Ines"))
    paul = await desk.card(SHOP, "Corse")
    await desk.say(town.anna, "wait", paul, "carrier until tomorrow 15:00")
    await desk.until(BEGINS + HALF_TIME)
    await town.line(giulia, "Half time", within=120)
    await desk.until(BEGINS + DUE_SOON)
    await town.line(giulia, "Due soon", within=120)
    await desk.until(EARLY)
    await _write(desk, TUESDAY)
    await desk.say(town.ben, "claim", await desk.card(LADEN, "Jonas"))
    await desk.say(town.slack.person("dario"), "claim", await desk.card(NEGOZIO, "Luca"))
    await desk.until(NEARLY_NINE)
    await town.mail.deliver(AMAZON.mailbox, _claim(desk), desk.clock.now())
    await _write(desk, LATER)
    await desk.card(LADEN, "Eva")
    await desk.until(PAST_NINE)
    for inbox, words in ((SHOP, "Good morning"), (NEGOZIO, "Buongiorno")):
        await _digest(town, inbox, words)


async def _digest(town: Town, inbox: Inbox, words: str) -> None:
    posted = town.slack.workspace.messages
    await town.until(
        f"the digest of {inbox.name}",
        lambda: any(words in town.read(m) for m in posted(town.channel(inbox.name))) or None,
        within=120,
    )


async def _write(desk: Desk, letters_in: Sequence[tuple[Inbox, str, str, str]]) -> None:
    for inbox, name, subject, text in letters_in:
        await desk.town.customer(inbox, text, name=name, subject=subject)


async def _giulia_writes(desk: Desk) -> Message:
    raw = letters.amazon_buyer(
        alias=letters.GIULIA,
        name="Giulia",
        order=letters.GIULIA_ORDER,
        topic="Richiesta sulla consegna",
        text="Buongiorno, il pacco doveva arrivare ieri. Dov'è? Grazie",
        at=desk.clock.now(),
        message_id="<giulia-1@amazonses.example>",
    )
    await desk.town.mail.deliver(AMAZON.mailbox, raw, desk.clock.now())
    return await desk.card(AMAZON, letters.GIULIA_ORDER)


def _claim(desk: Desk) -> bytes:
    at = desk.clock.now()
    return letters.amazon_claim(
        order="407-3310082-9914406", days=3, at=at, message_id="<atoz-1@amazonses.example>"
    )


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A browser before the desk, and the folder that pictures go to."""

    page: Page
    town: Town
    folder: Path

    async def visit(self, name: str, place: str, *, width: int, height: int) -> None:
        """Open the workspace as somebody, in a channel or at `home`."""
        where = place if place == "home" else self.town.channel(place)
        await self.page.call("Page.navigate", url="about:blank")
        await self.page.open(
            f"{self.town.slack.url}/?as={name}#{where}", width=width, height=height
        )
        await self.page.until("document.querySelector('#main .list')?.innerText.length > 40")
        if width == NARROW:
            await self.page.run("document.querySelector('#app').dataset.view = 'main'")
        await asyncio.sleep(1)

    async def press(self, card: Message | None, selector: str, words: str = "") -> None:
        """Press the first thing that says `words`, on a card or in the window in front."""
        within = f'article[data-ts="{card.ts}"]' if card else ".modal"
        found = (
            f"[...document.querySelectorAll({json.dumps(f'{within} {selector}')})]"
            f".find((one) => one.textContent.includes({json.dumps(words)}))"
        )
        await self.page.until(f"!!({found})")
        await self.page.run(f"({found}).click()")
        await asyncio.sleep(2)

    async def scroll(self, card: Message) -> None:
        """Have a card stand at the top."""
        await self.page.run(
            f"document.querySelector('article[data-ts=\"{card.ts}\"]')"
            ".scrollIntoView({ block: 'start', behavior: 'instant' })"
        )

    async def fit(self, width: int) -> None:
        """Make the window as high as what stands in it."""
        high = await self.page.run(
            "[...document.querySelectorAll('#main .list > *')].at(-1).getBoundingClientRect().bottom"
        )
        height = min(HIGHEST, int(high) + 20)
        await self.page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width == NARROW,
        )
        await asyncio.sleep(1)

    async def keep(self, name: str) -> None:
        """Keep what is to be seen, in few colours."""
        raw = self.folder / f"{name}.raw.png"
        await self.page.screenshot(raw)
        await kept_small(raw, self.folder / f"{name}.png")


async def kept_small(raw: Path, kept: Path) -> None:
    """Put a picture in few colours at `kept`; the raw one goes."""
    small = ["convert", str(raw), "+dither", "-colors", str(COLOURS), "-strip"]
    command = [*small, "-define", "png:compression-level=9", f"PNG8:{kept}"]
    await asyncio.to_thread(subprocess.run, command, check=True)
    raw.unlink()


async def take(camera: Camera, desk: Desk) -> None:
    """Every picture of the docs."""
    for name in ("anna", "chiara", "ben"):
        # The first look is welcomed.
        await camera.visit(name, "home", width=WIDE, height=LOW)
    giulia = await desk.card(AMAZON, letters.GIULIA_ORDER)
    ines = await desk.card(SHOP, "Ines")
    for width, height, size in ((WIDE, LOW, ""), (NARROW, HIGH, "-phone")):
        await camera.visit("chiara", AMAZON.name, width=width, height=height)
        await camera.scroll(giulia)
        if size:
            await camera.keep(f"card{size}")
        await camera.press(giulia, ".replies")
        await camera.keep("thread-phone" if size else "ticket-thread")
        await camera.visit("anna", SHOP.name, width=width, height=height)
        await camera.press(ines, "button", "Reply")
        if not size:  # The second time it is there, as a draft.
            await camera.page.type(".modal textarea", ANSWER)
        await camera.keep(f"reply{size}")
        await camera.press(None, "footer .primary")
        await camera.keep(f"preview{size}")
        await camera.press(None, "header .icon")
        await camera.visit("chiara", SHOP.name, width=width, height=height)
        await camera.keep(f"digest{size}")
        for name, shown in (("anna", "home-agent"), ("chiara", "home-manager")):
            await camera.visit(name, "home", width=width, height=height)
            await camera.fit(width)
            await camera.keep(f"{shown}{size}")
    await _ask_for_the_queue(camera)
    await _in_other_languages(camera, desk)


async def _ask_for_the_queue(camera: Camera) -> None:
    await camera.visit("chiara", "general", width=WIDE, height=LOW)
    await camera.page.type("#main .composer textarea", "/ticket queue all")
    await camera.page.press_enter()
    await camera.page.until("!!document.querySelector('#main .private')")
    await asyncio.sleep(1)
    await camera.keep("queue")


async def _in_other_languages(camera: Camera, desk: Desk) -> None:
    sara = await desk.card(NEGOZIO, "Sara")
    await camera.visit("dario", NEGOZIO.name, width=WIDE, height=LOW)
    await camera.keep("card-italian")
    await camera.visit("dario", NEGOZIO.name, width=NARROW, height=HIGH)
    await camera.press(sara, "button", "Rispondi")
    await camera.keep("reply-italian-phone")
    await camera.press(None, "header .icon")
    await camera.visit("ben", "home", width=NARROW, height=HIGH)
    await camera.fit(NARROW)
    await camera.keep("home-german-phone")


async def main(folder: Path) -> None:
    """Play the desk and take the pictures into `folder`."""
    configure(level="error")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="threadline-pictures-") as rooms:
        async with a_desk(Path(rooms)) as desk, browser_page() as page:
            await play(desk)
            await take(Camera(page=page, town=desk.town, folder=folder), desk)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"))
