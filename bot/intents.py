"""What customers want, in one word each: named by whoever reads a message, and by macros that answer it."""

from enum import StrEnum


class Intent(StrEnum):
    """What the customer wants of the desk, in one word."""

    WHERE_IS_ORDER = "where_is_order"
    RETURN = "return"
    REFUND = "refund"
    CANCEL = "cancel"
    EXCHANGE = "exchange"
    DEFECT = "defect"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    PRODUCT_QUESTION = "product_question"
    AVAILABILITY = "availability"
    INVOICE = "invoice"
    ADDRESS_CHANGE = "address_change"
    DELIVERY_PROBLEM = "delivery_problem"
    COMPLAINT = "complaint"
    THANKS = "thanks"
    OTHER = "other"
