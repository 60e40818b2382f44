"""The queries against the schema: the fake's part of it always, the published one where it is.

THREADLINE_SPECS names a folder with `shopify/admin_<version>.json.gz` (introspection results); with
graphql-core installed every query is then validated, and so is the fake's own part of the schema.
"""

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.shopify import queries
from sandbox.markets.shopify.document import BadDocument, read_document
from sandbox.markets.shopify.execution import Execution
from sandbox.markets.shopify.schema import SDL, VERSIONS, types
from tests.connectors.shopify.bench import shop

VARIABLES: dict[str, dict[str, Any]] = {
    "SCOPES": {},
    "WHO_WROTE": {"who": {"emailAddress": "a@b.example"}, "order": "name:1", "named": True},
    "CONTEXT": {"who": {"emailAddress": "a@b.example"}, "order": "name:1", "named": True},
    "DISPUTES": {"first": queries.PAGE, "after": None},
    "RETURNS": {"first": queries.PAGE, "after": None},
    "DISPUTES_NOW": {"ids": ["gid://shopify/ShopifyPaymentsDispute/1"] * queries.NODES},
    "RETURNS_NOW": {"ids": ["gid://shopify/Return/1"] * queries.NODES},
}
MOST_POINTS = 1000


def run(text: str, variables: dict[str, Any]) -> Execution:
    return Execution(document=read_document(text), variables=variables, scopes=())


@pytest.mark.parametrize("name", sorted(queries.ALL))
def test_a_query_fits_the_schema_and_what_one_may_cost(name: str) -> None:
    execution = run(queries.ALL[name], VARIABLES[name])
    execution.check()
    assert 0 < execution.cost <= MOST_POINTS


@pytest.mark.parametrize("name", sorted(queries.ALL))
def test_a_query_only_reads_and_holds_no_value_of_anybody(name: str) -> None:
    assert read_document(queries.ALL[name]).kind == "query"
    assert "@" not in queries.ALL[name].replace("@include", "")


@pytest.mark.parametrize(
    "text",
    [
        "query { customerByIdentifier(identifier: {}) { id } }",
        "query { orders(first: 1) { nodes { inboxConversations } } }",
        "query { orders(first: 1, inbox: true) { nodes { id } } }",
        "query { orders { nodes { id } } }",
        "query { orders(first: 251) { nodes { id } } }",
        "query { orders(first: 0) { nodes { id } } }",
        "query { orders(first: 1) }",
        "query { orders(first: 1) { nodes { id { x } } } }",
        "query { orders(first: 1) { nodes { ... on Customer { id } } } }",
        "query { orders(first: 1) { nodes { ...Missing } } }",
        "query A($n: Int!) { orders(first: $n) { nodes { id } } }",
        "query A($n: String) { orders(first: $n) { nodes { id } } }",
        "mutation { tagsAdd(id: 1, tags: []) { userErrors { message } } }",
        "query { orders(first: 1) { nodes { id }",
        "query { nodes(ids: []) { ... on Return { status } ... on ShopifyPaymentsDispute { status } } }",
        "",
    ],
)
def test_the_fake_refuses_what_shopify_would(text: str) -> None:
    with pytest.raises(BadDocument):
        run(text, {}).check()


async def test_a_query_that_is_refused_is_a_refusal_and_no_data() -> None:
    async with shop() as one:
        assert one.connector is not None
        answer = one.admin._answered({"query": "query { shopChats { id } }"})
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "undefinedField"


def published(version: str) -> tuple[Any, Any]:
    """A GraphQL library, and the published schema, where both are at hand."""
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")
    folder = Path(os.environ.get("THREADLINE_SPECS", "")) / "shopify"
    path = folder / f"admin_{version}.json.gz"
    if not path.is_file():
        pytest.skip("the published Admin schema is not at hand: set THREADLINE_SPECS")
    found = json.loads(gzip.decompress(path.read_bytes()))
    return graphql, graphql.build_client_schema(found.get("data", found), assume_valid=True)


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_every_query_is_valid_in_every_version_that_is_served(version: str) -> None:
    graphql, schema = published(version)
    for name, text in queries.ALL.items():
        assert graphql.validate(schema, graphql.parse(text)) == [], name


def test_the_fake_knows_nothing_that_shopify_does_not() -> None:
    _, schema = published(VERSIONS[-1])
    for name, ours in types().items():
        theirs = schema.get_type(name).fields
        for field, kind in ours.fields.items():
            assert str(theirs[field].type) == kind.gives, f"{name}.{field}"
            for argument, wanted in kind.arguments.items():
                assert str(theirs[field].args[argument].type) == wanted, f"{name}.{field}"


def test_the_fakes_schema_is_read_whole() -> None:
    fields = re.findall(r"^  \w+(?:\(.*\))?: \S+$", SDL, re.MULTILINE)
    assert sum(len(one.fields) for one in types().values()) == len(fields)
    assert set(re.findall(r"^(?:type|interface) (\w+)", SDL, re.MULTILINE)) == set(types())
