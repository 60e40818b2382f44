"""What Amazon itself mails to a seller, beside buyers' messages. Invented, in the known shapes."""

from dataclasses import dataclass
from html import escape

DESK = "Amazon <donotreply@amazon.co.uk>"
CLAIMS = "Amazon <atoz-guarantee-no-reply@amazon.co.uk>"
SELLER_CENTRAL = "https://sellercentral.amazon.co.uk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One mail. `type` is its X-Space-Notification-Type, empty for mails without that header."""

    subject: str
    text: str
    type: str = ""
    html: bool = False
    sender: str = DESK
    reply_to: str = ""
    in_reply_to: str = ""


def question(name: str, alias: str, words: str, *, order: str | None = None) -> Notice:
    """A buyer's message in HTML, the words in its one `<pre>`, the case in the alias."""
    relay = f"{alias}@marketplace.amazon.co.uk"
    about = f" (Order: {order})" if order else ""
    return Notice(
        type="BBC_MESSAGE_SENT_TO_MERCHANT",
        sender=f"{name} - Amazon Marketplace <{relay}>",
        reply_to=relay,
        subject=f"Inquiry from Amazon customer {name}{about}",
        html=True,
        text=f'<p>You have received a message.</p><pre style="white-space:pre-wrap">{escape(words)}'
        f'</pre><p><a href="{SELLER_CENTRAL}/messaging/no-response-needed?t={alias}&amp;h=1">'
        "No response needed</a></p>",
    )


def answer_copy(name: str, words: str, *, order: str | None = None) -> Notice:
    """The copy of an answer; before a sale it names the buyer only."""
    about = f" (Order: {order})" if order else ""
    return Notice(
        type="BBC_MESSAGE_CONFIRMATION_TO_MERCHANT",
        reply_to="no-reply@amazon.co.uk",
        subject=f"Your e-mail to {name}{about}",
        html=True,
        text=f"<p>Your message has been sent.</p><pre>{escape(words)}</pre>",
    )


def return_request(order: str) -> Notice:
    """A return, with its carrier in the same mail."""
    rows = {
        "Item": "Oak shelf",
        "ASIN": "B0TESTEN01",
        "SKU": "SHELF-1",
        "Quantity": "1",
        "Reason": "Defective",
        "Comment": "One board is split.",
        "Carrier": "Royal Mail",
        "Tracking number": "QF0000000001GB",
    }
    cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows.items())
    return Notice(
        type="RETURN_REQUEST",
        subject=f"Return request for order {order}",
        html=True,
        text=f"<p>A buyer has requested a return.</p><table>{cells}</table><p>Order {order}</p>",
    )


def cancel_request(order: str) -> Notice:
    """A buyer wants an order cancelled that has not left yet."""
    return Notice(
        type="BRC_SELLER_NOTIFICATION",
        subject=f"Order cancellation request for order {order}",
        text=f"The buyer asks to cancel order {order}. Reason: ordered by mistake.",
    )


def refund(order: str, amount: str) -> Notice:
    """A refund that was made; an order can have several."""
    return Notice(
        type="REFUND_ISSUED",
        subject=f"Refund initiated for order {order}",
        text=f"GBP {amount} refunded for order {order}.",
    )


def claim(order: str, *, days: int) -> Notice:
    """An A-to-z claim that states the days to answer."""
    return Notice(
        type="A_Z_CLAIM_RESPONDENT_NOTIFY",
        sender=CLAIMS,
        subject=f"A-to-z Guarantee claim received for order {order}",
        text=f"Claim for order {order}. Amount: GBP 31.00.\n\n"
        f"Please respond to this claim within {days} calendar days.",
    )


def claim_closed(order: str) -> Notice:
    """Its decision."""
    return Notice(
        type="A_Z_CLAIM_RESPONDENT_CLOSE",
        sender=CLAIMS,
        subject=f"Your A-to-z Guarantee claim has been decided: order {order}",
        text=f"The claim for order {order} was decided in favour of the buyer.",
    )


def chargeback(order: str) -> Notice:
    """A bank wants the money back. No header of Amazon's says so."""
    return Notice(
        subject=f"Chargeback received for order {order}",
        text=f"The buyer's bank has disputed the payment of order {order}.",
    )


def opted_out(order: str) -> Notice:
    """Amazon did not pass a message on; it names the order, not the mail."""
    return Notice(
        type="BUYER_OPTED_OUT_BSM_MESSAGES",
        subject="Your message was not delivered",
        text=f"The buyer of order {order} has opted out. Your message was not delivered.",
    )


def undelivered(message_id: str) -> Notice:
    """Amazon could not deliver a mail of ours, which it names."""
    return Notice(
        subject="Message delivery failure",
        text="We were unable to deliver the message you sent. Please send it again.",
        in_reply_to=message_id,
    )


def unheard_of(type_: str) -> Notice:
    """A type of notice that did not exist yesterday."""
    return Notice(type=type_, subject="Something new", text="There is something new.")
