"""An answer to a customer of the shop, as ordinary mail."""

from collections.abc import Collection

from connectors.contract import ReplyCommand
from connectors.errors import Rejected
from connectors.mail.channel import Letter, text_of
from connectors.mail.compose import clean_body, reply_subject
from connectors.mail.form import sends_forms


def write_letter(command: ReplyCommand, form_senders: Collection[str]) -> Letter:
    """The agent's text; below it the customer's words, where they never saw them as a mail.

    Raises:
        Rejected: nobody to answer, or an address that no customer reads.
    """
    to = text_of(command.context, "to")
    if not to:
        raise Rejected(
            text_of(command.context, "answered_in")
            or "this mail names nobody to answer; look the customer up in Shopify"
        )
    if sends_forms(to, form_senders):
        raise Rejected("the answer would go to Shopify's own sending address, which nobody reads")
    if command.attachments:
        raise Rejected("this channel takes no attachments")
    body = clean_body(command.text)
    quote = text_of(command.context, "quote")
    if quote:
        body += "\n" + "".join(
            f"> {line}".rstrip() + "\n" for line in clean_body(quote).splitlines()
        )
    return Letter(to=to, subject=reply_subject(text_of(command.context, "subject")), body=body)
