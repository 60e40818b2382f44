"""Write, change and archive macros in Slack. Those in files are changed in their files."""

from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError

from bot.configuration.macros import SHARED, Macro, MacroMistake, check_name, read_text
from bot.db.macro_rows import (
    REF,
    MacroText,
    add_macro,
    change_macro,
    id_of,
    kept_macro,
    of_that_name,
)
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.domain.ticket import EventType
from bot.errors import Conflict, DeskError
from bot.language import tr
from bot.usecases.access import require


class WrongName(DeskError):
    """The name is what cannot be used, not the text."""


class WrongText(DeskError):
    """The text is what cannot be used."""


class WrongApproval(DeskError):
    """One's own macro asks for nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveMacro:
    """Keep a new macro, or change the one `ref` names if it still has this `version`.

    One's own that was everybody's wants a second person no more: see `Verb.LIFT`.
    """

    actor: str
    text: MacroText
    ref: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveMacro:
    """Take it out of use. What was sent with it stays as it is, and what was begun is held."""

    actor: str
    ref: str
    version: int


def save_macro(tx: Tx, desk: Desk, command: SaveMacro) -> Macro:
    """The macro as it is kept.

    Raises:
        NotAllowed: shared ones are written by leads, one's own by agents; managers decide that
            one does not want a second person any more.
        WrongName: the name cannot be typed, or is taken for the same people and language.
        Conflict: somebody else changed or archived it first.
        WrongText: the text cannot be used.
        WrongApproval: one's own macro was to want a second person.
        DeskError: the macro is written in a file, or is a colleague's own.
    """
    _may_write(desk, command.actor, command.text.owner)
    _check(command.text)
    before = _the_macro(tx, command.ref) if command.ref else None
    macro_id = _row(command.ref) if command.ref else None
    taken = of_that_name(tx.conn, command.text)
    if taken is not None and taken != macro_id:
        raise WrongName(
            tr(
                "There is a macro “{name}” in that language already. "
                "Change that one, or choose another name.",
                name=command.text.name,
            )
        )
    wanted = _approval(desk, command, before)
    command = replace(command, text=replace(command.text, approval=wanted))
    if macro_id is None:
        macro_id = _add(tx, command)
    else:
        _change(tx, macro_id, command)
    turned = _turned(before, to=wanted)
    _record(tx, command.actor, macro_id, command.text.name, "saved", turned)
    found = kept_macro(tx.conn, macro_id)
    if found is None:
        raise Conflict(tr("This macro was archived just now. Write it anew."))
    return found


def archive_macro(tx: Tx, desk: Desk, command: ArchiveMacro) -> Macro:
    """The macro as it was. Raises NotAllowed, Conflict, and DeskError for one in a file."""
    require(desk, command.actor, Verb.WORK)
    macro = _the_macro(tx, command.ref)
    _may_write(desk, command.actor, macro.owner)
    if macro.approval:
        require(desk, command.actor, Verb.LIFT)
    values = {"archived_at": tx.now}
    if not change_macro(tx, _row(command.ref), command.version, command.actor, values):
        raise _changed_meanwhile(macro.name)
    turned = _turned(macro, to=False)
    _record(tx, command.actor, _row(command.ref), macro.name, "archived", turned)
    return macro


def _approval(desk: Desk, command: SaveMacro, before: Macro | None) -> bool:
    """Whether the macro is to want a second person.

    Raises NotAllowed for who may not write the macro, or not end that; WrongApproval for one's own.
    """
    text, now = command.text, before is not None and before.approval
    if before is not None:
        _may_write(desk, command.actor, before.owner)
    if text.owner != SHARED and text.approval:
        raise WrongApproval(
            tr("Only macros for everybody ask for a second person. Choose “Everybody” for it.")
        )
    kept = now if text.approval is None else text.approval
    wanted = kept and text.owner == SHARED
    if now and not wanted:
        require(desk, command.actor, Verb.LIFT)
    return wanted


def _turned(before: Macro | None, *, to: bool) -> str:
    """What became of its second person: "on", "off", or nothing new."""
    was = before is not None and before.approval
    return "" if was is to else ("on" if to else "off")


def _may_write(desk: Desk, actor: str, owner: str) -> None:
    require(desk, actor, Verb.CURATE if owner == SHARED else Verb.WORK)
    if owner not in {SHARED, actor}:
        raise DeskError(tr("This macro is a colleague's own. Write one of yours."))


def _check(text: MacroText) -> None:
    try:
        check_name(text.name)
    except MacroMistake as mistake:
        raise WrongName(f"{mistake}.") from None
    try:
        read_text(text.text)
    except MacroMistake as mistake:
        raise WrongText(f"{mistake}.") from None


def _add(tx: Tx, command: SaveMacro) -> int:
    try:
        with tx.conn.begin_nested():
            return add_macro(tx, command.text, command.actor)
    except IntegrityError:
        raise WrongName(tr("A macro of that name was written just now. Try again.")) from None


def _change(tx: Tx, macro_id: int, command: SaveMacro) -> None:
    values = command.text.values()
    if not change_macro(tx, macro_id, command.version, command.actor, values):
        raise _changed_meanwhile(command.text.name)


def _the_macro(tx: Tx, ref: str) -> Macro:
    macro = kept_macro(tx.conn, _row(ref))
    if macro is None:
        raise Conflict(
            tr("This macro was archived meanwhile. Write it anew if it is still needed.")
        )
    return macro


def _row(ref: str) -> int:
    found = id_of(ref)
    if found is None:
        raise DeskError(tr("This macro is written in a file. Change it there."))
    return found


def _changed_meanwhile(name: str) -> Conflict:
    return Conflict(
        tr(
            "The macro “{name}” was changed by somebody else meanwhile. "
            "Open it again and look first.",
            name=name,
        )
    )


def _record(  # noqa: PLR0917 - what an event tells
    tx: Tx, actor: str, macro_id: int, name: str, what: str, turned: str
) -> None:
    told = {"macro": f"{REF}{macro_id}", "name": name, "what": what}
    if turned:
        told["second_person"] = turned
    tx.record(None, EventType.MACRO_CHANGED, actor=actor, **told)
