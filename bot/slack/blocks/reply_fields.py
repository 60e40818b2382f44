"""Of the window to answer in: what it remembers, the files to attach, and who may read the answer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.language import marked, tr, tr_as
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import file_size, file_type
from bot.slack.text import one_line
from connectors.contract import Attachment
from connectors.formats import endings_of, plain_name, type_named
from connectors.manifest import AttachmentLimits

FILES_FIELD: Final = "files"
AT_HAND_FIELD: Final = "files_at_hand"
ATTACHED_FIELD: Final = "files_attached"  # a name of its own: Slack keeps what a field held
READERS_FIELD: Final = "readers"
RATING_FIELD: Final = "rating"

MOST_FILES: Final = 10
"""What a file field and a list of checkboxes take at most, and what fits a window's memory."""

NAME_LIMIT: Final = 60
"""Characters of a file's name: twenty of them fit into what a window may remember."""

MOST_AT_HAND: Final = 5
MOST_MACROS: Final = 4
PUBLIC: Final = "public"
PRIVATE: Final = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a reply modal remembers between its steps. Ids and file names, never the text.

    `seen` is the newest message the agent had before their eyes, `round` counts the answers begun
    in this window, so that one taken back can be sent again; `digest` is of the answer last shown.
    `files` go with it, `at_hand` may be chosen; `public` is None where there is no choice. `fills`
    counts how often the desk put words into the field, `macros` are the refs of those among them;
    `machine` says whose words it holds, if a machine wrote them (bot.domain.machine.Origin).
    `rating` says whether the customer is asked to rate the answer, None where nobody may be asked.
    """

    ticket_id: int
    seen: int | None
    round: int = 0
    digest: str = ""
    files: Sequence[Attachment] = ()
    at_hand: Sequence[Attachment] = ()
    public: bool | None = None
    fills: int = 0
    macros: Sequence[str] = ()
    machine: str = ""
    rating: bool | None = None

    def dump(self) -> str:
        """As a view's `private_metadata`, of which Slack takes 3000 characters."""
        told = asdict(self) | {"files": _listed(self.files), "at_hand": _listed(self.at_hand)}
        for name in ("files", "at_hand", "public", "fills", "macros", "machine", "rating"):
            if not told[name] and told[name] is not False:
                del told[name]
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def load(cls, metadata: str) -> "Draft":
        """Back from a view's `private_metadata`, of this version or an earlier one."""
        told: dict[str, Any] = json.loads(metadata)
        for name in ("files", "at_hand"):
            told[name] = tuple(_attachment(one) for one in told.get(name, ()))
        told["macros"] = tuple(told.get("macros", ()))
        return cls(**told)


def _listed(files: Sequence[Attachment]) -> list[list[str | int]]:
    return [[one.ref, one.name, one.size] for one in files]


def _attachment(told: Sequence[Any]) -> Attachment:
    ref, name, size = told
    return file_to_attach(str(ref), str(name), int(size))


def file_to_attach(ref: str, name: str, size: int) -> Attachment:
    """A file of Slack's as it would go out: of the kind its name says, whoever says otherwise."""
    plain = plain_name(name, NAME_LIMIT)
    return Attachment(name=plain, media_type=type_named(plain), size=size, ref=ref)


def to_attach(allowed: AttachmentLimits, draft: Draft) -> list[Block]:
    """A field for new files, and what lies at hand; those chosen before are ticked.

    What the thread holds is asked for by a button: asking each time would cost every window a call.
    """
    # For translators: a button; the files are those that colleagues put into the ticket's thread.
    look = kit.button(ActionId.THREAD_FILES, tr_as("button", "Attach from the thread"), "look")
    blocks = [_upload(allowed), kit.actions(look)]
    if draft.at_hand:
        chosen = {one.ref for one in draft.files}
        ticked = [one for one in draft.at_hand if one.ref in chosen]
        label = tr("Attach from this thread")
        blocks.append(_checkboxes(AT_HAND_FIELD, label, draft.at_hand, ticked))
    return blocks


def attached(files: Sequence[Attachment]) -> Block:
    """The files that go out, each of which can still be left out."""
    return _checkboxes(ATTACHED_FIELD, tr("Files that go with it"), files, files)


def readers(*, public: bool) -> Block:
    """Who may read the answer, where the channel leaves that open."""
    options = {
        PUBLIC: _option(tr("Everybody (public)"), PUBLIC),
        PRIVATE: _option(tr("Only the customer (private)"), PRIVATE),
    }
    element: Block = {
        "type": "radio_buttons",
        "action_id": READERS_FIELD,
        "options": list(options.values()),
        "initial_option": options[PUBLIC if public else PRIVATE],
    }
    return {
        "type": "input",
        "block_id": READERS_FIELD,
        "label": kit.plain(tr("Who can read it")),
        "element": element,
    }


def rating(*, ticked: bool) -> Block:
    """Whether the answer asks its customer to rate it: nobody is asked unless the agent wants it."""
    ask = _option(tr("Ask the customer for a rating"), RATING_FIELD)
    element: Block = {"type": "checkboxes", "action_id": RATING_FIELD, "options": [ask]}
    if ticked:
        element["initial_options"] = [ask]
    return {
        "type": "input",
        "block_id": RATING_FIELD,
        "optional": True,
        "label": kit.plain(tr("Rating")),
        "hint": kit.plain(
            tr(
                "One question and a link go below your answer, as the preview shows them. "
                "Once a ticket, and once a customer in 30 days."
            )
        ),
        "element": element,
    }


def allowed_words(allowed: AttachmentLimits) -> str:
    """What a channel takes along, as a sentence: number, types and sizes."""
    values = {
        "count": allowed.count,
        "size": file_size(allowed.bytes_each),
        "all": file_size(allowed.bytes_all or 0),
        "types": ", ".join(dict.fromkeys(file_type(kind) for kind in allowed.types)),
    }
    several, together = allowed.count > 1, bool(allowed.bytes_all)
    return tr(_ALLOWED[several, together], **values)


_ALLOWED: Final[Mapping[tuple[bool, bool], str]] = {
    (False, False): marked("This channel takes one file, of at most {size}: {types}."),
    (False, True): marked(
        "This channel takes one file, of at most {size}, {all} together: {types}."
    ),
    (True, False): marked(
        "This channel takes up to {count} files, each of at most {size}: {types}."
    ),
    (True, True): marked(
        "This channel takes up to {count} files, each of at most {size}, {all} together: {types}."
    ),
}
"""By whether it takes several, and whether it limits them together."""


def _upload(allowed: AttachmentLimits) -> Block:
    element: Block = {
        "type": "file_input",
        "action_id": FILES_FIELD,
        "max_files": min(allowed.count, MOST_FILES),
    }
    endings = endings_of(allowed.types)
    if endings:
        element["filetypes"] = list(endings)
    return {
        "type": "input",
        "block_id": FILES_FIELD,
        "optional": True,
        "label": kit.plain(tr("Attach files")),
        "hint": kit.plain(allowed_words(allowed)),
        "element": element,
    }


def _checkboxes(
    field: str, label: str, files: Iterable[Attachment], ticked: Sequence[Attachment]
) -> Block:
    options = {one.ref: _file_option(one) for one in list(files)[:MOST_FILES]}
    element: Block = {
        "type": "checkboxes",
        "action_id": field,
        "options": list(options.values()),
    }
    initial = [options[one.ref] for one in ticked if one.ref in options]
    if initial:
        element["initial_options"] = initial
    return {
        "type": "input",
        "block_id": field,
        "optional": True,
        "label": kit.plain(label),
        "element": element,
    }


def _file_option(file: Attachment) -> Block:
    described = kit.plain(f"{file_type(file.media_type)}, {file_size(file.size)}", kit.OPTION_LIMIT)
    return _option(one_line(file.name, kit.OPTION_LIMIT) or tr("file"), file.ref) | {
        "description": described
    }


def _option(text: str, value: str) -> Block:
    return {"text": kit.plain(text, kit.OPTION_LIMIT), "value": value}
