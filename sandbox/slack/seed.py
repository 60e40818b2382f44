"""The workspace everybody meets first: Rossi Casa, a small Italian seller of things for the home."""

from sandbox.slack.model import Channel, User, UserGroup
from sandbox.slack.workspace import Workspace

TEAM = "Rossi Casa"
DOMAIN = "rossi-casa"

ANNA = "U0ANNA00001"
BEN = "U0BEN000001"
CHIARA = "U0CHIARA001"
DARIO = "U0DARIO0001"
ELENA = "U0ELENA0001"
BOT_USER = "U0THREADBOT"
BOT_ID = "B0THREADBOT"
APP_ID = "A0THREADAPP"

MANAGERS = "S0MANAGERS1"
AMAZON_TEAM = "S0AMAZONTEA"

AMAZON_IT = "C0AMAZONIT1"
SHOP = "C0SHOP00001"
MARKETPLACES = "C0MARKETS01"
OPS = "C0TLOPS0001"
GENERAL = "C0GENERAL01"

_CREATED = 1_767_225_600  # 2026-01-01 00:00 UTC


def _people() -> tuple[User, ...]:
    def person(user_id: str, name: str, title: str, color: str, *, tz: str = "Europe/Rome") -> User:
        handle = name.split(" ", maxsplit=1)[0].lower()
        return User(
            id=user_id,
            name=handle,
            real_name=name,
            email=f"{handle}@rossi-casa.example",
            tz=tz,
            title=title,
            color=color,
        )

    chiara = person(CHIARA, "Chiara Rossi", "Owner", "b4530a")
    chiara.is_admin = True
    elena = person(ELENA, "Elena Galli", "Left in June", "6b7280")
    elena.deleted = True
    return (
        person(ANNA, "Anna Conti", "Customer care", "2563a8"),
        person(BEN, "Ben Keller", "Customer care", "2f7d4f", tz="Europe/Berlin"),
        chiara,
        person(DARIO, "Dario Serra", "Warehouse", "7a4fa3"),
        elena,
    )


def seed(workspace: Workspace, *, bot_name: str) -> None:
    """Fill an empty workspace with Rossi Casa, the app's bot user in every channel."""
    for user in _people():
        workspace.add_user(user)
    bot = User(id=BOT_USER, name=bot_name, real_name=bot_name.capitalize(), is_bot=True, tz="UTC")
    workspace.add_user(bot)
    staff = [ANNA, BEN, CHIARA, DARIO, BOT_USER]
    for channel_id, name, topic in (
        (AMAZON_IT, "amazon-it", "Customers who wrote on Amazon.it"),
        (SHOP, "shop", "Customers of our own shop"),
        (MARKETPLACES, "marketplaces", "Customers who wrote anywhere else"),
        (OPS, "threadline-ops", "What Threadline has to say about itself"),
        (GENERAL, "general", "Everybody"),
    ):
        workspace.add_channel(
            Channel(
                id=channel_id,
                name=name,
                topic=topic,
                created=_CREATED,
                is_general=name == "general",
                members=list(staff),
            )
        )
    workspace.groups[MANAGERS] = UserGroup(
        id=MANAGERS, handle="managers", name="Managers", users=[CHIARA]
    )
    workspace.groups[AMAZON_TEAM] = UserGroup(
        id=AMAZON_TEAM, handle="amazon-team", name="Amazon team", users=[ANNA, BEN]
    )
