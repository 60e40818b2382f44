"""One return, inquiry, case, cancellation or payment dispute, read from its summary. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from connectors.ebay.marks import moment
from connectors.fields import Fields


class DisputeKind(StrEnum):
    """The five ways a buyer can dispute an order; the word stands in ids and thread keys."""

    RETURN = "return"
    INQUIRY = "inquiry"
    CASE = "case"
    CANCELLATION = "cancellation"
    PAYMENT = "payment_dispute"


class Phase(StrEnum):
    """For whom eBay waits: the seller, somebody else, or nobody any more."""

    SELLER = "seller"
    OTHERS = "others"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """What a summary says. `status` is eBay's own word, `respond_by` the instant it names."""

    kind: DisputeKind
    id: str
    phase: Phase
    status: str
    opened_at: datetime | None
    respond_by: datetime | None
    buyer: str
    item: str
    order_id: str
    amount: Fields
    marketplace: str = ""
    reason: str = ""
    comment: str = ""

    @property
    def key(self) -> str:
        """Its name among all disputes of the account."""
        return f"{self.kind}:{self.id}"

    @property
    def state(self) -> str:
        """What makes a summary another one: for whom eBay waits, why, and until when."""
        until = self.respond_by.isoformat() if self.respond_by else ""
        return f"{self.phase}|{self.status}|{until}"


def read_dispute(kind: DisputeKind, summary: Fields) -> Dispute:
    """A summary as a search gives it. Raises Malformed where it has no id."""
    return _READERS[kind](summary)


def _return(raw: Fields) -> Dispute:
    made, due = raw.inner("creationInfo"), raw.inner("sellerResponseDue")
    state, activity = raw.text("state", default=""), due.text("activityDue", default="")
    respond_by = moment(due, "respondByDate")
    refund = raw.inner("sellerTotalRefund").inner("estimatedRefundAmount")
    return Dispute(
        kind=DisputeKind.RETURN,
        id=raw.id("returnId"),
        # An escalated return goes on as a case, which has a summary of its own.
        phase=_phase(state in {"CLOSED", "ESCALATED"}, bool(activity or respond_by)),
        status=f"{state}/{activity}" if activity else state,
        opened_at=moment(made, "creationDate"),
        respond_by=respond_by,
        buyer=raw.text("buyerLoginName", default=""),
        item=made.inner("item").id("itemId", default=""),
        order_id=raw.id("orderId", default=""),
        amount=refund,
        reason=made.text("reason", default="") or made.text("reasonType", default=""),
        comment=made.inner("comments").text("content", default=""),
    )


def _inquiry(raw: Fields) -> Dispute:
    status = raw.text("inquiryStatusEnum", default="")
    waits = status not in {"WAITING_BUYER_RESPONSE", "PENDING"}
    return _escalatable(DisputeKind.INQUIRY, "inquiryId", raw, status, waits=waits)


def _case(raw: Fields) -> Dispute:
    status = raw.text("caseStatusEnum", default="")
    waits = status not in {"WAITING_CS", "WAITING_DELIVERY", "ON_HOLD"}
    return _escalatable(DisputeKind.CASE, "caseId", raw, status, waits=waits)


def _escalatable(
    kind: DisputeKind, id_field: str, raw: Fields, status: str, *, waits: bool
) -> Dispute:
    respond_by = moment(raw, "respondByDate")
    return Dispute(
        kind=kind,
        id=raw.id(id_field),
        phase=_phase(status in {"CLOSED", "CLOSED_WITH_ESCALATION", "CS_CLOSED"}, waits),
        status=status,
        opened_at=moment(raw, "creationDate"),
        respond_by=respond_by,
        buyer=raw.text("buyer", default=""),
        item=raw.id("itemId", default=""),
        order_id=raw.id("orderId", default=""),
        amount=raw.inner("claimAmount"),
    )


def _cancellation(raw: Fields) -> Dispute:
    state, status = raw.text("cancelState", default=""), raw.text("cancelStatus", default="")
    due = moment(raw, "sellerResponseDueDate")
    asked = status == "CANCEL_REQUESTED" or state in {"APPROVAL_PENDING", "INITIAL"}
    return Dispute(
        kind=DisputeKind.CANCELLATION,
        id=raw.id("cancelId"),
        phase=_phase(state == "CLOSED", asked or due is not None),
        status=f"{state}/{status}",
        opened_at=moment(raw, "cancelRequestDate"),
        respond_by=due,
        buyer=raw.text("buyerLoginName", default=""),
        item="",
        order_id=raw.id("legacyOrderId", default=""),
        amount=raw.inner("requestRefundAmount"),
        marketplace=raw.text("marketplaceId", default=""),
        reason=raw.text("cancelReason", default=""),
    )


def _payment_dispute(raw: Fields) -> Dispute:
    status = raw.text("paymentDisputeStatus", default="")
    return Dispute(
        kind=DisputeKind.PAYMENT,
        id=raw.id("paymentDisputeId"),
        phase=_phase(status == "CLOSED", status != "OPEN"),
        status=status,
        opened_at=moment(raw, "openDate"),
        respond_by=moment(raw, "respondByDate"),
        buyer=raw.text("buyerUsername", default=""),
        item="",
        order_id=raw.id("orderId", default=""),
        amount=raw.inner("amount"),
        reason=raw.text("reason", default=""),
    )


def _phase(closed: bool, waits: bool) -> Phase:
    if closed:
        return Phase.CLOSED
    return Phase.SELLER if waits else Phase.OTHERS


_READERS: Final[Mapping[DisputeKind, Callable[[Fields], Dispute]]] = MappingProxyType(
    {
        DisputeKind.RETURN: _return,
        DisputeKind.INQUIRY: _inquiry,
        DisputeKind.CASE: _case,
        DisputeKind.CANCELLATION: _cancellation,
        DisputeKind.PAYMENT: _payment_dispute,
    }
)
