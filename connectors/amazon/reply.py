"""An answer to a buyer, as Amazon's relay takes it."""

from connectors.amazon.address import AmazonAddresses
from connectors.contract import ReplyCommand
from connectors.errors import Rejected
from connectors.mail.channel import Letter, text_of
from connectors.mail.compose import clean_body, one_line, reply_subject


def write_letter(command: ReplyCommand, addresses: AmazonAddresses) -> Letter:
    """Plain text to the alias, case number kept. Raises Rejected where no buyer is to answer.

    Amazon files an answer by the alias and shows the order beside it; the order id is added to
    the subject where neither the subject nor the text has it.
    """
    to = text_of(command.context, "to")
    if not to:
        raise Rejected("Amazon takes no answer to this by mail; answer it in Seller Central")
    if addresses.alias(to) is None:
        raise Rejected("the recipient is not a buyer's Amazon address")
    subject = reply_subject(text_of(command.context, "subject"))
    order = one_line(text_of(command.context, "order_id"))
    if order and order not in subject and order not in command.text:
        subject = f"{subject} ({order})"
    return Letter(to=to, subject=subject, body=clean_body(command.text))
