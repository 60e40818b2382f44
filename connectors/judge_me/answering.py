"""An answer before it leaves: in public or by e-mail. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.contract import Json, ReplyCommand
from connectors.errors import Rejected
from connectors.limits import check_files, parts_of
from connectors.manifest import manifest_beside
from connectors.reviews import public_answer

LIMITS: Final = manifest_beside(__file__).limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes out. `subject` is that of the e-mail, empty for an answer in public."""

    review: str
    writer: str
    text: str
    subject: str
    public: bool


def answer_of(command: ReplyCommand) -> Answer:
    """The answer as it is handed over. Raises Rejected for what may not go out."""
    review = _text(command.context, "review")
    if not review:
        raise Rejected("this message names no review to answer")
    check_files(command.attachments, LIMITS)
    listed = command.context.get("private")
    private = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    # What is the customer's own is no secret to the customer.
    text = public_answer(command.text, private if command.public else ())
    return Answer(
        review=review,
        writer=_text(command.context, "name") or "a customer",
        text=parts_of(text, LIMITS)[0],
        subject="" if command.public else f"Re: {_text(command.context, 'about')}".strip(),
        public=command.public,
    )


def _text(context: Mapping[str, Json], name: str) -> str:
    value = context.get(name)
    return value if isinstance(value, str) else ""
