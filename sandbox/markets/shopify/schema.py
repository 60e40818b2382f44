"""The part of Shopify's Admin schema that this fake knows, in GraphQL's own schema language.

Names, types and arguments are those of version 2026-10; whatever is not here is refused as a field
that does not exist. A test holds it against the published schema where that is at hand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10")
"""Served ones. An older one is answered by the oldest served (Shopify API versioning)."""

_PAGED = "after: String, before: String, first: Int, last: Int"

SDL = f"""
interface Node {{
  id: ID!
}}
type QueryRoot {{
  currentAppInstallation: AppInstallation!
  customerByIdentifier(identifier: CustomerIdentifierInput!): Customer
  orders({_PAGED}, query: String, reverse: Boolean, sortKey: OrderSortKeys): OrderConnection!
  disputes({_PAGED}, query: String, reverse: Boolean): ShopifyPaymentsDisputeConnection!
  nodes(ids: [ID!]!): [Node]!
}}
type AppInstallation {{
  accessScopes: [AccessScope!]!
}}
type AccessScope {{
  handle: String!
  description: String!
}}
type PageInfo {{
  hasNextPage: Boolean!
  endCursor: String
}}
type MoneyV2 {{
  amount: Decimal!
  currencyCode: CurrencyCode!
}}
type MoneyBag {{
  shopMoney: MoneyV2!
  presentmentMoney: MoneyV2!
}}
type Customer implements Node {{
  id: ID!
  legacyResourceId: UnsignedInt64!
  displayName: String!
  createdAt: DateTime!
  tags: [String!]!
  locale: String!
  numberOfOrders: UnsignedInt64!
  amountSpent: MoneyV2!
  lastOrder: Order
  orders({_PAGED}, query: String, reverse: Boolean, sortKey: OrderSortKeys): OrderConnection!
}}
type OrderConnection {{
  nodes: [Order!]!
  pageInfo: PageInfo!
}}
type Order implements Node {{
  id: ID!
  legacyResourceId: UnsignedInt64!
  name: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  cancelledAt: DateTime
  email: String
  customerLocale: String
  customer: Customer
  displayFinancialStatus: OrderDisplayFinancialStatus
  displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  returnStatus: OrderReturnStatus!
  totalPriceSet: MoneyBag!
  disputes: [OrderDisputeSummary!]!
  fulfillments(first: Int, query: String): [Fulfillment!]!
  lineItems({_PAGED}, reverse: Boolean): LineItemConnection!
  returns({_PAGED}, query: String, reverse: Boolean): ReturnConnection!
}}
type OrderDisputeSummary {{
  id: ID!
  status: DisputeStatus!
}}
type Fulfillment {{
  displayStatus: FulfillmentDisplayStatus
  deliveredAt: DateTime
  estimatedDeliveryAt: DateTime
  trackingInfo(first: Int): [FulfillmentTrackingInfo!]!
}}
type FulfillmentTrackingInfo {{
  company: String
  number: String
  url: URL
}}
type LineItemConnection {{
  nodes: [LineItem!]!
  pageInfo: PageInfo!
}}
type LineItem {{
  title: String!
  sku: String
  quantity: Int!
  discountedTotalSet(withCodeDiscounts: Boolean): MoneyBag!
}}
type ShopifyPaymentsDisputeConnection {{
  nodes: [ShopifyPaymentsDispute!]!
  pageInfo: PageInfo!
}}
type ShopifyPaymentsDispute implements Node {{
  id: ID!
  legacyResourceId: UnsignedInt64!
  status: DisputeStatus!
  type: DisputeType!
  initiatedAt: DateTime!
  evidenceDueBy: DateTime
  evidenceSentOn: DateTime
  finalizedOn: DateTime
  amount: MoneyV2!
  reasonDetails: ShopifyPaymentsDisputeReasonDetails!
  order: Order
}}
type ShopifyPaymentsDisputeReasonDetails {{
  reason: ShopifyPaymentsDisputeReason!
}}
type ReturnConnection {{
  nodes: [Return!]!
  pageInfo: PageInfo!
}}
type Return implements Node {{
  id: ID!
  name: String!
  status: ReturnStatus!
  createdAt: DateTime!
  requestApprovedAt: DateTime
  closedAt: DateTime
  order: Order!
  returnLineItems({_PAGED}): ReturnLineItemTypeConnection!
}}
type ReturnLineItemTypeConnection {{
  nodes: [ReturnLineItemType!]!
  pageInfo: PageInfo!
}}
interface ReturnLineItemType {{
  id: ID!
  quantity: Int!
  customerNote: String
  returnReasonNote: String!
  returnReasonDefinition: ReturnReasonDefinition
}}
type ReturnLineItem implements ReturnLineItemType {{
  id: ID!
  quantity: Int!
  customerNote: String
  returnReasonNote: String!
  returnReasonDefinition: ReturnReasonDefinition
  fulfillmentLineItem: FulfillmentLineItem!
}}
type ReturnReasonDefinition {{
  handle: String!
  name: String!
}}
type FulfillmentLineItem {{
  lineItem: LineItem!
}}
"""

SCOPES: Mapping[str, str] = {
    "Customer": "read_customers",
    "Order": "read_orders",
    "Return": "read_returns",
    "ShopifyPaymentsDispute": "read_shopify_payments_disputes",
}
"""What an app needs to see an object, or a list of them."""

_TYPE = re.compile(
    r"^(?:type|interface) (\w+)(?: implements (\w+))? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)
_FIELD = re.compile(r"^  (\w+)(?:\((.*)\))?: (\S+)$", re.MULTILINE)
_ARGUMENT = re.compile(r"(\w+): ([\w\[\]!]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """What a field gives, as written (`[Order!]!`), and the arguments it takes."""

    gives: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The type without list and non-null."""
        return self.gives.strip("[]!")

    @property
    def scope(self) -> str | None:
        """The scope that seeing it takes."""
        return SCOPES.get(self.base.removesuffix("Connection"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """An object or interface by its fields."""

    name: str
    implements: str
    fields: Mapping[str, FieldType]


@cache
def types() -> Mapping[str, ObjectType]:
    """Every type of `SDL` by its name."""
    return {
        name: ObjectType(
            name=name,
            implements=implements,
            fields={
                one: FieldType(gives=gives, arguments=dict(_ARGUMENT.findall(arguments)))
                for one, arguments, gives in _FIELD.findall(body)
            },
        )
        for name, implements, body in _TYPE.findall(SDL)
    }
