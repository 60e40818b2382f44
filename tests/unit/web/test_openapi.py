"""The description of the JSON API is true: every address, parameter and answer is as it says."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.reports.files.tables import json_of
from bot.web.api import openapi
from tests.api_world import TOKEN, happened, open_doors
from tests.report_world import empty_report, sample_report
from tests.web_server import Get, Got, a_visitor

METHODS = {"get", "put", "post", "delete", "patch"}


def strictly() -> dict[str, Any]:
    """The description, with every object taken for complete."""
    described = deepcopy(dict(openapi()))
    for each in _objects(described["components"]["schemas"]):
        each.setdefault("additionalProperties", False)
    return described


def _objects(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            yield schema
        for each in schema.values():
            yield from _objects(each)
    if isinstance(schema, list):
        for each in schema:
            yield from _objects(each)


def fits(value: object, schema: Mapping[str, Any]) -> None:
    """Fail where a value is not what a schema of the description says."""
    whole = {**schema, "components": strictly()["components"]}
    found = list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value))
    assert not found, [f"{each.json_path}: {each.message}" for each in found[:5]]


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in openapi()["paths"].items():
        yield path, item["get"]


def resolved(response: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = openapi()["components"]["responses"][name] if name else response
    return found


def content_of(path: str, status: int) -> tuple[str, dict[str, Any]]:
    described = openapi()["paths"][path]["get"]["responses"][str(status)]
    ((media_type, content),) = resolved(described)["content"].items()
    return media_type, content


def as_described(path: str, got: Got) -> None:
    """The status, the media type and the body are among what the description lists."""
    media_type, content = content_of(path, got.status)
    assert got.headers["Content-Type"] == media_type
    fits(got.json, content["schema"])


def test_it_describes_nothing_but_what_can_be_read() -> None:
    for path, item in openapi()["paths"].items():
        assert METHODS.intersection(item) == {"get"}, path
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(set(ids)) == len(ids)


def test_every_address_is_described_and_every_description_has_an_address(
    db: Database, sqlite_url: str, desk: Desk
) -> None:
    routes = open_doors(db, sqlite_url, desk).routes()
    served = {
        route.path.removeprefix("/api/v1") for route in routes if route.path.startswith("/api/v1")
    }

    assert served == set(openapi()["paths"])


def test_every_example_is_as_its_schema_says() -> None:
    for _, operation in operations():
        for parameter in operation["parameters"]:
            fits(parameter["example"], parameter["schema"])
        for response in operation["responses"].values():
            for content in resolved(response)["content"].values():
                if "example" in content:
                    fits(content["example"], content["schema"])


def test_every_schema_is_one_and_is_used() -> None:
    written = str(openapi())
    for name, schema in openapi()["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert f"#/components/schemas/{name}'" in written


async def test_every_parameter_is_taken_and_no_other(
    db: Database, sqlite_url: str, desk: Desk
) -> None:
    async with a_visitor(open_doors(db, sqlite_url, desk).routes()) as get:
        for path, operation in operations():
            known = [each["name"] for each in operation["parameters"]]
            refused = await _ask(get, f"{path}?nonsense=1")
            assert (refused.status, refused.json["parameter"]) == (400, "nonsense")
            takes = refused.json["detail"].rpartition("It takes ")[2].rstrip(".")
            assert takes == (", ".join(known) or "none")
            as_described(path, refused)


@pytest.mark.postgres
async def test_every_answer_is_as_described(db: Database, db_url: str, desk: Desk) -> None:
    await happened(db, desk)
    async with a_visitor(open_doors(db, db_url, desk).routes()) as get:
        for path, operation in operations():
            query = "&".join(
                f"{each['name']}={value}"
                for each in operation["parameters"]
                for value in _values(each["example"])
            )
            got = await _ask(get, f"{path}?{query}" if query else path)
            assert got.status == 200, got.text
            as_described(path, got)
            as_described(path, await get(f"/api/v1{path}"))
        as_described("/report", await _ask(get, "/report?by=agent"))


def test_a_full_report_and_an_empty_one_are_as_described() -> None:
    schema = content_of("/report", 200)[1]["schema"]
    fits(json_of(sample_report()), schema)
    fits(json_of(empty_report()), schema)


def _values(example: object) -> list[object]:
    return example if isinstance(example, list) else [example]


async def _ask(get: Get, path: str) -> Got:
    return await get(f"/api/v1{path}", authorization=f"Bearer {TOKEN}")
