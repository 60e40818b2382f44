"""People who go and come, and tickets that go to whoever is next."""

from zoneinfo import ZoneInfo

from slack_sdk.errors import SlackApiError

from bot.db.routing_rows import with_absences
from bot.errors import DeskError
from bot.language import tr
from bot.slack.blocks import presence
from bot.slack.blocks.rendered import Rendered
from bot.slack.handlers.verbs import NobodyMeant, person_meant
from bot.slack.handlers.verbs import do_assign as give
from bot.slack.handlers.wiring import Wiring
from bot.slack.request import Person
from bot.slack.when import When
from bot.usecases.assign_next import AssignNext, HandOver, assign_next, hand_over
from bot.usecases.away import ComeBack, GoAway, come_back, go_away


async def do_away(wiring: Wiring, actor: str, person: Person | None, when: When | None) -> Rendered:
    """Somebody gets nothing new for a while."""
    desk = wiring.desk()
    who = person_meant(wiring, actor, person) if person else actor
    until = when.resolve(wiring.now(), ZoneInfo(desk.timezone)) if when else None
    if until is not None and until <= wiring.now():
        raise DeskError(tr("That hour is over. Say when it ends, for example tomorrow 9:00."))
    done = await wiring.decide(go_away, GoAway(actor=actor, who=who, until=until))
    return presence.gone(done, actor, desk)


async def do_back(wiring: Wiring, actor: str, person: Person | None) -> Rendered:
    """Somebody is there again."""
    who = person_meant(wiring, actor, person) if person else actor
    done = await wiring.decide(come_back, ComeBack(actor=actor, who=who))
    return presence.returned(done, actor, wiring.desk())


async def show_rota(wiring: Wiring, actor: str) -> Rendered:
    """Who is on shift, who is next, who is away."""
    desk, now = wiring.desk(), wiring.now()
    here = await wiring.look(actor, lambda conn: with_absences(conn, desk, now))
    return presence.rota(desk, here.roster, now)


async def do_assign(wiring: Wiring, actor: str, ticket_id: int, person: Person) -> Rendered:
    """Give the ticket to somebody, to whoever of a group is there, or to whoever is next."""
    if person.following:
        return await do_assign_next(wiring, actor, ticket_id)
    group_id = person.group_id
    if group_id is None:
        try:
            return await give(wiring, actor, ticket_id, person_meant(wiring, actor, person))
        except NobodyMeant:
            group_id = await group_named(wiring, person.name)
            if group_id is None:
                raise
    among = await members(wiring, group_id)
    return await do_assign_next(wiring, actor, ticket_id, among)


async def do_assign_next(
    wiring: Wiring, actor: str, ticket_id: int, among: frozenset[str] | None = None
) -> Rendered:
    """Give the ticket to whoever is next, of all or of some."""
    command = AssignNext(ticket_id=ticket_id, actor=actor, among=among)
    return presence.given(await wiring.decide(assign_next, command), wiring.desk())


async def do_hand_over(wiring: Wiring, actor: str, who: str) -> Rendered:
    """Give all that waits for somebody who is away to others."""
    done = await wiring.decide(hand_over, HandOver(actor=actor, who=who))
    return presence.all_given(done, who, wiring.desk())


async def members(wiring: Wiring, group_id: str) -> frozenset[str]:
    """The people of a user group. Raises DeskError where Slack does not tell them, or has none."""
    try:
        answer = await wiring.client.usergroups_users_list(usergroup=group_id)
    except SlackApiError as exc:
        code = exc.response.get("error")
        raise DeskError(
            tr(
                "Slack does not tell who is in that group ({code}). Name a person with @.",
                code=code,
            )
        ) from None
    people = frozenset(map(str, answer.get("users") or ()))
    if not people & wiring.desk().roster.agents.keys():
        raise DeskError(tr("Nobody of that group is on this desk. Name a person with @."))
    return people


async def group_named(wiring: Wiring, handle: str) -> str | None:
    """The id of the user group with that handle, if there is one."""
    try:
        answer = await wiring.client.usergroups_list()
    except SlackApiError:
        return None
    groups = answer.get("usergroups") or ()
    return next((str(one["id"]) for one in groups if one["handle"] == handle.casefold()), None)
