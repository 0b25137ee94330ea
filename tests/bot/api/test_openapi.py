"""The interface is as it is described: calls made of the description find no answer that is not in it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest
from api_lab import TOKEN, Served, served

HEADERS = {"Authorization": f"Bearer {TOKEN}"}
# A stream never ends, and joining goes to whatever host is made up.
LEFT_OUT = {("GET", "/api/v1/events"), ("POST", "/api/v1/meetings")}
ANSWERED = {"/api/v1/meetings", "/api/v1/meetings/{id}", "/api/v1/effects", "/api/v1/backgrounds", "/api/v1/commands"}


async def test_the_document_is_made_of_the_models(api: Served, http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/openapi.json") as told:
        document = await told.json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) >= {*ANSWERED, "/healthz", "/readyz", "/metrics"}
    schemas = document["components"]["schemas"]
    assert {"SetBlur", "Panic", "Outcome", "StatusReport", "Problem", "MeetingState"} <= set(schemas)
    assert TOKEN not in str(document)
    used = {part.split('"')[0].split("'")[0] for part in str(document).split("#/components/schemas/")[1:]}
    assert used <= set(schemas)


async def test_calls_made_of_the_document(tmp_path: Path) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    async with served(tmp_path) as api:
        await asyncio.to_thread(_explore, schemathesis, api.url)


def _explore(schemathesis, url: str) -> None:  # type: ignore[no-untyped-def]
    schema = schemathesis.openapi.from_url(f"{url}api/v1/openapi.json", headers=HEADERS)
    for operation in (found.ok() for found in schema.get_all_operations()):
        if (operation.method.upper(), operation.path) not in LEFT_OUT:
            _call(operation)


def _call(operation) -> None:  # type: ignore[no-untyped-def]
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    def is_beyond_schemas(body: object) -> bool:
        """No schema says which bytes are a picture, and that four numbers are a part of one."""
        return operation.path.endswith("/backgrounds") or re.search(r"(crop|auto):\d", str(body)) is not None

    @given(case=operation.as_strategy())
    @settings(
        max_examples=25,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def check(case) -> None:  # type: ignore[no-untyped-def]
        response = case.call(headers=HEADERS)
        assert response.status_code < 500 or response.status_code in (501, 503), response.text
        if response.status_code < 500:
            excluded = [positive_data_acceptance] if is_beyond_schemas(case.body) else []
            case.validate_response(response, headers=HEADERS, excluded_checks=excluded)

    check()
