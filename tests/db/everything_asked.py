"""Everything that a person can ask of the desk, with the least role that gets it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.assist.llm.budget import DailyLimits
from bot.assist.llm.uses import Use
from bot.db.macro_rows import MacroText
from bot.db.standing_rows import as_people_stand
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.home import HomeChoice
from bot.domain.roster import Role
from bot.domain.rulings import Ruling
from bot.domain.surge import Mode
from bot.errors import DeskError, NotAllowed, NotInSight
from bot.reports.question import Dimension, Period
from bot.usecases.acknowledge import Acknowledge, acknowledge
from bot.usecases.answered import AnsweredElsewhere, answered_elsewhere
from bot.usecases.approve import Approve, SendBack, approve, held_answer, send_back
from bot.usecases.ask_machine import BeginAsking, begin_asking
from bot.usecases.assign import Assign, assign
from bot.usecases.assign_next import AssignNext, HandOver, assign_next, hand_over
from bot.usecases.away import ComeBack, GoAway, come_back, go_away
from bot.usecases.claim import Claim, claim
from bot.usecases.composing import Compose, begin_composing
from bot.usecases.confirm_reply import settle_unsure
from bot.usecases.correct_verdict import CorrectVerdict, correct_verdict
from bot.usecases.drafts import DropDraft, KeepDraft, drop_draft, keep_draft
from bot.usecases.escalate import Deescalate, Escalate, deescalate, escalate
from bot.usecases.link import Link, link, unlink
from bot.usecases.macros import ArchiveMacro, SaveMacro, archive_macro, save_macro
from bot.usecases.merge import Merge, Unmerge, merge, unmerge
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.note import AddNote, add_note
from bot.usecases.open_home import OpenHome, open_home
from bot.usecases.preferences import Prefer, prefer
from bot.usecases.reclassify import Reclassify, reclassify
from bot.usecases.release import Release, release
from bot.usecases.reply import UndoReply, queue_reply, undo_reply
from bot.usecases.reports import AskReport, ask_report
from bot.usecases.resolve import Reopen, Resolve, reopen, resolve
from bot.usecases.show_words import ShowWords, show_words
from bot.usecases.snooze import Snooze, snooze
from bot.usecases.split import Split, split
from bot.usecases.surge import SetSurge, set_surge
from bot.usecases.tag_customer import TagCustomer, tag_customer
from bot.usecases.transfer import Transfer, transfer
from bot.usecases.undo import UndoEvent, undo_event
from bot.usecases.wait import GoOn, WaitFor, go_on, wait_for
from sla_rules.vocabulary import Risk, Waiting
from tests.builders import (
    BRUNO,
    GONE,
    NOW,
    hours,
)
from tests.db.authorisation_world import AT, ROLES, Person, World, a_reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing to ask for: the least `role` that gets it, and whether it is about a ticket."""

    function: Callable[..., Any]
    command: Callable[[World, str], Any]
    role: Role
    of_ticket: bool = True
    how: str = ""

    @property
    def name(self) -> str:
        where = self.function.__module__.rpartition(".")[2]
        return f"{where}.{self.function.__name__}{f' ({self.how})' if self.how else ''}"


def _work(function: Callable[..., Any], command: type[Any], **facts: Any) -> Asked:
    return Asked(
        function=function,
        command=lambda world, actor: command(ticket_id=world.ticket, actor=actor, **facts),
        role=Role.AGENT,
    )


def _pair(function: Callable[..., Any], command: type[Any], other: str) -> Asked:
    return Asked(
        function=function,
        command=lambda world, actor: command(
            ticket_id=world.ticket, actor=actor, **{other: world.same_customer}
        ),
        role=Role.AGENT,
    )


def _settle(tx: Tx, desk: Desk, command: tuple[int, str]) -> bool:
    return settle_unsure(tx, desk, *command, arrived=True)


def _changing(world: World, actor: str, **changes: Any) -> SaveMacro:
    """The macro that wants a second person, changed."""
    kept = MacroText(name=world.guarded.name, text=world.guarded.text)
    ref, version = world.guarded.ref, world.guarded.version
    return SaveMacro(actor=actor, text=replace(kept, **changes), ref=ref, version=version)


_PERIOD = Period(since=NOW - timedelta(days=7), until=NOW, zone="Europe/Rome")
_NO_LIMITS = DailyLimits(requests=None, tokens=None)

ASKED: tuple[Asked, ...] = (
    _work(acknowledge, Acknowledge),
    _work(answered_elsewhere, AnsweredElsewhere),
    _work(assign, Assign, assignee=BRUNO),
    _work(assign_next, AssignNext),
    _work(begin_asking, BeginAsking, use=Use.DRAFT, limits=_NO_LIMITS, patience=hours(1)),
    _work(begin_composing, Compose),
    _work(claim, Claim),
    _work(deescalate, Deescalate),
    _work(drop_draft, DropDraft),
    _work(escalate, Escalate, reason="a lawyer wrote"),
    _work(go_on, GoOn),
    _work(keep_draft, KeepDraft, text="Soon."),
    _work(no_answer_needed, NoAnswerNeeded),
    _work(add_note, AddNote, text="call the carrier"),
    _work(reclassify, Reclassify, risk=Risk.ELEVATED),
    _work(release, Release),
    _work(reopen, Reopen),
    _work(resolve, Resolve),
    _work(snooze, Snooze, until=AT + hours(2)),
    _work(split, Split),
    _work(tag_customer, TagCustomer, tags=("wholesale",)),
    _work(transfer, Transfer, assignee=BRUNO, note="she wants an invoice"),
    _work(unmerge, Unmerge),
    _work(wait_for, WaitFor, on=Waiting.CUSTOMER),
    _pair(link, Link, "other_id"),
    _pair(unlink, Link, "other_id"),
    _pair(merge, Merge, "into_id"),
    Asked(
        function=queue_reply,
        command=lambda world, actor: a_reply(world.ticket, actor),
        role=Role.AGENT,
    ),
    Asked(
        function=undo_reply,
        command=lambda world, actor: UndoReply(message_id=world.waiting_reply, actor=actor),
        role=Role.AGENT,
    ),
    Asked(
        function=_settle,
        command=lambda world, actor: (world.unsure_reply, actor),
        role=Role.AGENT,
    ),
    Asked(
        function=undo_event,
        command=lambda world, actor: UndoEvent(
            ticket_id=world.claimed, event_id=world.event, actor=actor
        ),
        role=Role.AGENT,
    ),
    Asked(
        function=show_words,
        command=lambda world, actor: ShowWords(ticket_id=world.ticket, actor=actor),
        role=Role.VIEWER,
    ),
    Asked(
        function=correct_verdict,
        command=lambda world, actor: CorrectVerdict(
            ticket_id=world.ticket, actor=actor, line=1, ruling=Ruling.AUTOMATIC, reason="a robot"
        ),
        role=Role.LEAD,
    ),
    Asked(
        function=held_answer,
        command=lambda world, actor: Approve(approval_id=world.held, actor=actor),
        role=Role.LEAD,
    ),
    Asked(
        function=approve,
        command=lambda world, actor: Approve(approval_id=world.held, actor=actor),
        role=Role.LEAD,
    ),
    Asked(
        function=send_back,
        command=lambda world, actor: SendBack(
            approval_id=world.held, actor=actor, reason="not before it is back"
        ),
        role=Role.LEAD,
    ),
    Asked(
        function=open_home,
        command=lambda _, actor: OpenHome(actor=actor, choice=HomeChoice()),
        role=Role.VIEWER,
        of_ticket=False,
    ),
    Asked(
        function=prefer,
        command=lambda _, actor: Prefer(actor=actor, language="it"),
        role=Role.VIEWER,
        of_ticket=False,
    ),
    Asked(
        function=set_surge,
        command=lambda _, actor: SetSurge(actor=actor),
        role=Role.VIEWER,
        of_ticket=False,
        how="look",
    ),
    Asked(
        function=set_surge,
        command=lambda _, actor: SetSurge(actor=actor, mode=Mode.OFF),
        role=Role.LEAD,
        of_ticket=False,
        how="decide",
    ),
    Asked(
        function=go_away,
        command=lambda _, actor: GoAway(actor=actor, who=actor),
        role=Role.AGENT,
        of_ticket=False,
        how="oneself",
    ),
    Asked(
        function=go_away,
        command=lambda _, actor: GoAway(actor=actor, who=BRUNO),
        role=Role.LEAD,
        of_ticket=False,
        how="a colleague",
    ),
    Asked(
        function=come_back,
        command=lambda _, actor: ComeBack(actor=actor, who=actor),
        role=Role.AGENT,
        of_ticket=False,
        how="oneself",
    ),
    Asked(
        function=come_back,
        command=lambda _, actor: ComeBack(actor=actor, who=BRUNO),
        role=Role.LEAD,
        of_ticket=False,
        how="a colleague",
    ),
    Asked(
        function=hand_over,
        command=lambda _, actor: HandOver(actor=actor, who=GONE),
        role=Role.AGENT,
        of_ticket=False,
    ),
    Asked(
        function=ask_report,
        command=lambda _, actor: AskReport(actor=actor, channel="", key="k", period=_PERIOD),
        role=Role.AGENT,
        of_ticket=False,
        how="the figures",
    ),
    Asked(
        function=ask_report,
        command=lambda _, actor: AskReport(
            actor=actor, channel="", key="k", period=_PERIOD, by=Dimension.AGENT
        ),
        role=Role.LEAD,
        of_ticket=False,
        how="by person",
    ),
    Asked(
        function=save_macro,
        command=lambda _, actor: SaveMacro(
            actor=actor, text=MacroText(name="own", text="Hello", owner=actor)
        ),
        role=Role.AGENT,
        of_ticket=False,
        how="one's own",
    ),
    Asked(
        function=save_macro,
        command=lambda _, actor: SaveMacro(actor=actor, text=MacroText(name="all", text="Hello")),
        role=Role.LEAD,
        of_ticket=False,
        how="everybody's",
    ),
    Asked(
        function=save_macro,
        command=lambda _, actor: SaveMacro(
            actor=actor, text=MacroText(name="all", text="Hello", approval=True)
        ),
        role=Role.LEAD,
        of_ticket=False,
        how="with a second person",
    ),
    Asked(
        function=save_macro,
        command=lambda world, actor: _changing(world, actor, text="You keep it all."),
        role=Role.LEAD,
        of_ticket=False,
        how="the words of one with a second person",
    ),
    Asked(
        function=save_macro,
        command=lambda world, actor: _changing(world, actor, approval=False),
        role=Role.MANAGER,
        of_ticket=False,
        how="the second person taken away",
    ),
    Asked(
        function=save_macro,
        command=lambda world, actor: _changing(world, actor, owner=actor),
        role=Role.MANAGER,
        of_ticket=False,
        how="one with a second person made one's own",
    ),
    Asked(
        function=archive_macro,
        command=lambda _, actor: ArchiveMacro(actor=actor, ref="db:1", version=1),
        role=Role.AGENT,
        of_ticket=False,
    ),
    Asked(
        function=archive_macro,
        command=lambda world, actor: ArchiveMacro(
            actor=actor, ref=world.guarded.ref, version=world.guarded.version
        ),
        role=Role.MANAGER,
        of_ticket=False,
        how="one with a second person",
    ),
)


# --- What comes of it.

DONE, NOT_ALLOWED, NOT_IN_SIGHT = "done", "not allowed", "not in sight"


def expected(person: Person, asked: Asked) -> str:
    if person.role is None or ROLES.index(person.role) < ROLES.index(asked.role):
        return NOT_ALLOWED
    return DONE if person.sees_amazon or not asked.of_ticket else NOT_IN_SIGHT


def outcomes(tx: Tx, *, world: World, person: Person) -> list[tuple[Asked, str, str]]:
    """What comes of everything they ask, and the sentence that is read; nothing of it is kept."""
    return list(_outcomes(tx, world, person))


def _outcomes(tx: Tx, world: World, person: Person) -> Iterator[tuple[Asked, str, str]]:
    # As whoever asks in Slack is judged: by what Slack said last, in the same transaction.
    desk = as_people_stand(tx.conn, world.desk)
    for asked in ASKED:
        cell = tx.conn.begin_nested()
        try:
            asked.function(Tx(tx.conn, AT), desk, asked.command(world, person.slack_id))
        except NotAllowed as refusal:
            yield asked, NOT_ALLOWED, str(refusal)
        except NotInSight as refusal:
            yield asked, NOT_IN_SIGHT, str(refusal)
        except DeskError:
            yield asked, DONE, ""  # refused for what the ticket is, not for who asks
        else:
            yield asked, DONE, ""
        finally:
            cell.rollback()
