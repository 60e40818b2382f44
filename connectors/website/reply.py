"""An answer to a customer of the shop, as ordinary mail."""

from connectors.contract import ReplyCommand
from connectors.errors import Rejected
from connectors.mail.channel import Letter, text_of
from connectors.mail.compose import clean_body, reply_subject


def write_letter(command: ReplyCommand) -> Letter:
    """The agent's text; below it the customer's words, where they never saw them as a mail."""
    to = text_of(command.context, "to")
    if not to:
        raise Rejected("this mail names nobody to answer")
    body = clean_body(command.text)
    quote = text_of(command.context, "quote")
    if quote:
        body += "\n" + "".join(
            f"> {line}".rstrip() + "\n" for line in clean_body(quote).splitlines()
        )
    return Letter(to=to, subject=reply_subject(text_of(command.context, "subject")), body=body)
