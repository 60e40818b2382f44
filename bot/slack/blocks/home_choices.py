"""What somebody says of themselves on their Home: away or here, which language, how they are called."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.domain.desk import Desk
from bot.domain.home import OwnChoices
from bot.domain.quiet_hours import PingWay, QuietHours
from bot.domain.roster import Verb
from bot.language import OWN_NAMES, Language, marked, tr, tr_as, tr_parts
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId
from bot.slack.blocks.parts import Part, elements
from bot.slack.blocks.preferences import clock_words
from bot.slack.blocks.rendered import Block

USUAL: Final = "usual"
"""The choice to leave the language to the settings and to Slack, as `/ticket me` takes it."""

TOMORROW: Final = "tomorrow"
"""The value of the button that ends an absence by itself; that of the other is empty."""

FROM_FIELD: Final = "from"
TO_FIELD: Final = "to"

_PINGS: Final[Mapping[PingWay, str]] = {
    PingWay.THREAD: marked("Pings in the thread"),
    PingWay.DM: marked("Pings as direct messages"),
    PingWay.BOTH: marked("Pings both ways"),
}


def own_choices(own: OwnChoices, desk: Desk) -> list[Block]:
    """Two blocks: how things stand, and what changes them."""
    works = desk.roster.may(own.agent.slack_id, Verb.WORK)
    state: list[Part] = [*_presence(own), " "] if works else []
    state.append(_quiet(own.agent.quiet))
    changes = [language_select(own), pings_select(own.agent.pings)]
    # For translators: a button, at most 25 characters; it opens a window.
    changes.append(kit.button(ActionId.OWN_QUIET, tr("Quiet hours…"), "quiet"))
    return [
        kit.rich(kit.line(*elements(state, desk))),
        kit.actions(*(_away_buttons(own) if works else []), *changes),
    ]


def _presence(own: OwnChoices) -> list[str | datetime]:
    if not own.away:
        return [tr("You are here: new tickets and pings reach you.")]
    if own.until is None:
        return [tr("You are away until you say that you are back: no new tickets and no pings.")]
    return tr_parts("You are away until {time}: no new tickets and no pings.", time=own.until)


def _quiet(quiet: QuietHours | None) -> str:
    if quiet is None:
        return tr("You have no quiet hours.")
    return tr(
        "Quiet hours from {begin} to {end} ({zone}).",
        begin=clock_words(quiet.begins),
        end=clock_words(quiet.ends),
        zone=quiet.zone,
    )


def _away_buttons(own: OwnChoices) -> list[Block]:
    if own.away:
        # For translators: a button, at most 25 characters.
        return [kit.button(ActionId.COME_BACK, tr("I am back"), "back", style="primary")]
    # For translators: a button, at most 25 characters.
    until_back = kit.button(ActionId.GO_AWAY, tr("I am away"), "back")
    # For translators: a button, at most 25 characters.
    until_tomorrow = kit.button(ActionId.GO_AWAY, tr("Away until tomorrow"), TOMORROW)
    return [
        until_back | {"action_id": f"{ActionId.GO_AWAY}_1"},
        until_tomorrow | {"action_id": f"{ActionId.GO_AWAY}_2"},
    ]


def language_select(own: OwnChoices) -> Block:
    """Which language is spoken to somebody."""
    usual = {USUAL: tr("Usual: {language}", language=OWN_NAMES[own.usual])}
    named = {str(language): OWN_NAMES[language] for language in Language}
    return _select(ActionId.OWN_LANGUAGE, usual | named, str(own.chosen or USUAL))


def pings_select(chosen: PingWay) -> Block:
    """Where pings reach somebody."""
    choices = {str(way): tr(text) for way, text in _PINGS.items()}
    return _select(ActionId.OWN_PINGS, choices, str(chosen))


def _select(action: ActionId, choices: Mapping[str, str], chosen: str) -> Block:
    options = {
        value: {"text": kit.plain(text, kit.OPTION_LIMIT), "value": value}
        for value, text in choices.items()
    }
    return {
        "type": "static_select",
        "action_id": str(action),
        "options": list(options.values()),
        "initial_option": options[chosen],
    }


def quiet_view(quiet: QuietHours | None) -> Block:
    """The window that asks when somebody wants to hear nothing."""
    return kit.modal(
        ViewId.QUIET,
        # For translators: at most 24 characters.
        tr("Quiet hours"),
        quiet_inputs(quiet),
        metadata="",
        # For translators: a button, at most 24 characters.
        submit=tr("Keep"),
        # For translators: a button, at most 24 characters.
        close=tr("Cancel"),
    )


def quiet_inputs(quiet: QuietHours | None) -> list[Block]:
    """From when to when; both may be left empty."""
    begins, ends = (quiet.begins, quiet.ends) if quiet else (None, None)
    hint = tr("Every day. Leave both empty to have no quiet hours.")
    return [
        _time_input(FROM_FIELD, tr_as("quiet hours", "From"), begins),
        _time_input(TO_FIELD, tr_as("quiet hours", "To"), ends) | {"hint": kit.plain(hint)},
    ]


def _time_input(field: str, label: str, minute: int | None) -> Block:
    element: Block = {"type": "timepicker", "action_id": field}
    if minute is not None:
        element["initial_time"] = clock_words(minute % (24 * 60))
    return {
        "type": "input",
        "block_id": field,
        "optional": True,
        "label": kit.plain(label),
        "element": element,
    }


def time_in(view: Mapping[str, Any], field: str) -> str:
    """The time chosen, such as `20:00`; empty where none is."""
    found = view["state"]["values"].get(field, {}).get(field, {}).get("selected_time")
    return str(found or "")
