"""The main rules of the NL GOV REST API Design Rules, held against the document and the answers."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from bdv_process.execution.register import CaseRegister


@pytest.fixture
def document(address: str) -> dict[str, Any]:
    """The OpenAPI document."""
    return dict(httpx.get(f"{address}/api/v1/openapi.json").json())


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def _follow(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in found:
        target: Any = document
        for part in found["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        found = target
    return found


def test_the_document_is_openapi_3_and_any_site_may_read_it(address: str) -> None:
    answer = httpx.get(f"{address}/api/v1/openapi.json", headers={"origin": "https://a.example"})
    assert re.fullmatch(r"3\.\d+\.\d+", answer.json()["openapi"])
    assert answer.headers["access-control-allow-origin"] == "*"


def test_it_says_whom_to_ask_and_under_which_licence(document: dict[str, Any]) -> None:
    assert {"name", "url", "email"} <= set(document["info"]["contact"])
    assert document["info"]["license"]["identifier"] == "EUPL-1.2"


def test_the_major_version_stands_in_the_address_and_the_full_one_in_every_answer(
    address: str, document: dict[str, Any]
) -> None:
    assert [server["url"] for server in document["servers"]] == ["/api/v1"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])
    for path in ("/openapi.json", "/cases", "/nowhere", "/"):
        answer = httpx.get(f"{address}/api/v1{path}")
        assert answer.headers["api-version"] == document["info"]["version"], path


def test_every_answer_in_the_document_has_the_version_header(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        for status, answer in operation["responses"].items():
            assert "API-Version" in _follow(document, answer)["headers"], (path, method, status)


def test_paths_are_kebab_case_plural_nouns_without_a_trailing_slash(
    document: dict[str, Any],
) -> None:
    for path in document["paths"]:
        assert re.fullmatch(r"(/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z]+\}))+", path), path
        assert path.split("/")[1].endswith("s"), path


def test_fields_and_parameters_are_camel_case(document: dict[str, Any]) -> None:
    names = [
        name
        for shape in document["components"]["schemas"].values()
        for name in shape.get("properties", {})
    ]
    names += [
        parameter["name"]
        for _, _, operation in _operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["in"] in ("query", "path")
    ]
    assert names
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name)] == []
    assert all(re.fullmatch(r"([A-Z][a-z]+)+", name) for name in document["components"]["schemas"])


def test_only_the_standard_methods_are_used_and_reading_is_safe(document: dict[str, Any]) -> None:
    methods = {method for _, method, _ in _operations(document)}
    assert methods <= {"get", "post", "put", "patch", "delete"}
    for path, method, operation in _operations(document):
        assert method == "post" or "requestBody" not in operation, path


def test_refusals_are_problems_and_what_is_invalid_is_400(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        assert "400" in operation["responses"], path
        assert "422" not in operation["responses"], path
        for status, answer in operation["responses"].items():
            if status >= "400":
                content = _follow(document, answer)["content"]
                assert list(content) == ["application/problem+json"], (path, method, status)
    problem = document["components"]["schemas"]["Problem"]
    assert {"status", "title", "detail"} <= set(problem["properties"])
    assert set(problem["properties"]) <= {"type", "status", "title", "detail", "instance"}


def test_all_that_is_invalid_is_said_at_once(address: str) -> None:
    answer = httpx.post(
        f"{address}/api/v1/cases",
        json={"workflow": 5, "data": 6, "more": 7},
        headers={"authorization": "Bearer dev:anna", "if-match": "x"},
    )
    assert answer.status_code == 400
    places = {error["location"]["pointer"] for error in answer.json()["errors"]}
    assert places == {"#/workflow", "#/data", "#/more"}


def test_moments_have_a_zone(address: str, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    who = {"authorization": "Bearer dev:anna"}
    shown = httpx.get(f"{address}/api/v1/cases/Z1", headers=who).json()
    for moment in (shown["opened"], shown["due"], shown["workItems"][0]["since"]):
        assert moment.endswith("Z")


def test_a_trailing_slash_is_another_address(address: str) -> None:
    who = {"authorization": "Bearer dev:anna"}
    answer = httpx.get(f"{address}/api/v1/cases/", headers=who)
    assert (answer.status_code, answer.history) == (404, [])
    assert answer.json()["status"] == 404


#: Which day puts a term off, which outcomes a step has and where answers lead, no schema can say;
#: nor how a case stands by the time that somebody says how it stood.
_BEYOND_A_SCHEMA = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "412"]
""" + "\n".join(
    f"""
    [[operations]]
    include-name = "{name}"
    [operations.checks]
    positive_data_acceptance.enabled = false
    """
    for name in (
        "POST /cases",
        "POST /cases/{case}/extension",
        "POST /work-items/{item}/completion",
    )
)


def test_schemathesis_finds_no_answer_that_the_document_does_not_know(
    address: str, register: CaseRegister, tmp_path: Path
) -> None:
    for template in ("W5", "W4", "W1", "W2"):
        register.start(template, by="anna")
    (tmp_path / "schemathesis.toml").write_text(_BEYOND_A_SCHEMA)
    typed = [
        sys.executable, "-m", "schemathesis.cli",
        "--config-file", str(tmp_path / "schemathesis.toml"), "run",
        f"{address}/api/v1/openapi.json",
        "--header", "Authorization: Bearer dev:carla",
        "--max-examples", "3", "--seed", "20261122", "--phases", "examples,coverage,fuzzing",
        "--no-color", "--warnings", "off", "--generation-database", "none",
    ]  # fmt: skip
    ran = subprocess.run(
        typed, capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
