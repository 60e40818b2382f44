"""What is asked of Shopify's Admin API: fixed queries, none of which changes anything.

Each is checked against the published schema of the version in `config.py` where that schema is at
hand (see the tests). Values only ever go in as variables.
"""

from typing import Final

PAGE: Final = 50
"""Nodes of one page. Shopify takes up to 250; fewer keep the cost of a query small."""

NODES: Final = 10
"""Disputes or returns opened by one query: one query may cost 1,000 points at most."""

_MONEY = "{ shopMoney { amount currencyCode } }"

_CUSTOMER = """
fragment Buyer on Customer {
  legacyResourceId displayName tags locale numberOfOrders
  amountSpent { amount currencyCode }
}
"""

_ORDER = f"""
fragment Placed on Order {{
  legacyResourceId name createdAt cancelledAt email
  displayFinancialStatus displayFulfillmentStatus returnStatus
  totalPriceSet {_MONEY}
  disputes {{ id status }}
  fulfillments(first: 5) {{
    displayStatus deliveredAt estimatedDeliveryAt
    trackingInfo(first: 1) {{ company number url }}
  }}
  lineItems(first: 10) {{
    nodes {{ title sku quantity discountedTotalSet {_MONEY} }}
    pageInfo {{ hasNextPage }}
  }}
}}
"""

_DISPUTE = """
fragment Disputed on ShopifyPaymentsDispute {
  id legacyResourceId status type initiatedAt evidenceDueBy evidenceSentOn finalizedOn
  amount { amount currencyCode }
  reasonDetails { reason }
  order { legacyResourceId name email customer { displayName tags } }
}
"""

_RETURN = f"""
fragment Returned on Return {{
  id name status createdAt requestApprovedAt closedAt
  order {{
    legacyResourceId name email customerLocale totalPriceSet {_MONEY}
    customer {{ displayName tags }}
  }}
  returnLineItems(first: 5) {{
    nodes {{
      quantity customerNote returnReasonNote returnReasonDefinition {{ name }}
      ... on ReturnLineItem {{ fulfillmentLineItem {{ lineItem {{ title sku }} }} }}
    }}
  }}
}}
"""

SCOPES: Final = """
query Scopes { currentAppInstallation { accessScopes { handle } } }
"""

WHO_WROTE: Final = (
    """
query WhoWrote($who: CustomerIdentifierInput!, $order: String, $named: Boolean!) {
  customer: customerByIdentifier(identifier: $who) {
    ...Buyer
    lastOrder { createdAt }
  }
  orders(first: 1, query: $order) @include(if: $named) {
    nodes { legacyResourceId name email totalPriceSet { shopMoney { amount currencyCode } } }
  }
}
"""
    + _CUSTOMER
)

CONTEXT: Final = (
    """
query Context($who: CustomerIdentifierInput!, $order: String, $named: Boolean!) {
  customer: customerByIdentifier(identifier: $who) {
    ...Buyer
    orders(first: 5, sortKey: CREATED_AT, reverse: true) { nodes { ...Placed } }
  }
  orders(first: 1, query: $order) @include(if: $named) { nodes { ...Placed } }
}
"""
    + _CUSTOMER
    + _ORDER
)

DISPUTES: Final = """
query Disputes($first: Int!, $after: String) {
  disputes(first: $first, after: $after, query: "status:needs_response") {
    nodes { id status type evidenceDueBy evidenceSentOn }
    pageInfo { hasNextPage endCursor }
  }
}
"""

RETURNS: Final = """
query Returns($first: Int!, $after: String) {
  orders(
    first: $first, after: $after, sortKey: UPDATED_AT, query: "return_status:return_requested"
  ) {
    nodes { returns(first: 5, query: "status:REQUESTED") { nodes { id status } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""

DISPUTES_NOW: Final = (
    """
query DisputesNow($ids: [ID!]!) { nodes(ids: $ids) { id ...Disputed } }
"""
    + _DISPUTE
)

RETURNS_NOW: Final = (
    """
query ReturnsNow($ids: [ID!]!) { nodes(ids: $ids) { id ...Returned } }
"""
    + _RETURN
)

ALL: Final = {
    "SCOPES": SCOPES,
    "WHO_WROTE": WHO_WROTE,
    "CONTEXT": CONTEXT,
    "DISPUTES": DISPUTES,
    "RETURNS": RETURNS,
    "DISPUTES_NOW": DISPUTES_NOW,
    "RETURNS_NOW": RETURNS_NOW,
}
"""Every query by its name, for the tests that hold them against the schema."""
