"""The description of the API is true: whatever is sent, no answer is a failure, and every answer is as described."""

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.csms.api.conftest import ADMIN_KEY, FakeContext, client_of
from voltgate.csms.api.app import create_api
from voltgate.csms.api.calls import CALLS
from voltgate.csms.backoffice.alarms import Alarms
from voltgate.csms.backoffice.operators import first_key
from voltgate.csms.blocks import COMMANDS, ROUTES
from voltgate.csms.schema import metadata
from voltgate.csms.stations import register_station
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import ManualClock
from voltgate.infrastructure.database import StoredEvent, Work
from voltgate.infrastructure.database.outbox import Outbox
from voltgate.infrastructure.database.sqlite import SqliteDatabase

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 4
CALL_EXAMPLES = 1
SILENT = {"/api/v1/events"}
"""A stream has no end to wait for."""


class Api(NamedTuple):
    """The application in a loop of its own, so that Hypothesis can stay synchronous."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    document: dict[str, Any]

    def run(self, coroutine: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        return self.runner.run(coroutine)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with asyncio.Runner() as runner:
        context = runner.run(open_context(tmp_path_factory.mktemp("openapi")))
        app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=ROUTES, commands=COMMANDS)
        client = client_of(app)
        client.headers["authorization"] = f"Bearer {ADMIN_KEY}"
        yield Api(runner, client, runner.run(client.get("/api/v1/openapi.json")).json())
        runner.run(client.aclose())
        runner.run(context.database.close())


async def open_context(folder: Path) -> FakeContext:
    """A database in which some things can be found."""
    bus = LocalBus()
    context = FakeContext(await SqliteDatabase.open(folder / "api.db", metadata, bus=bus), bus, ManualClock())
    await first_key(context, {"VOLTGATE_ADMIN_KEY": ADMIN_KEY})
    work = Work()
    register_station(work, "0", 0, {"connected": 1})
    await context.database.commit(work)
    await Alarms(context).hear(StoredEvent(1, "alarm.raised", 1, "0", {"kind": "a", "text": "b"}))
    return context


def send(api: Api, case: schemathesis.Case) -> httpx.Response:
    """Send what was made up, as bytes where it is no JSON."""
    made = case.as_transport_kwargs(base_url="http://voltgate.test")
    data = made.pop("data", None)
    if data is not None:
        made["content"] = data
    known = {name: made[name] for name in ("method", "url", "params", "headers", "json", "content") if made.get(name) is not None}
    known["headers"] = {**dict(known.get("headers", {})), "authorization": f"Bearer {ADMIN_KEY}"}
    return api.run(api.client.request(**known))


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_every_operation_does_as_described(api: Api, mode: schemathesis.GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(api.document)
    tried, failures = 0, []
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in SILENT:
            continue
        examples = CALL_EXAMPLES if "/calls/" in operation.path else EXAMPLES

        @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def behaves(case: schemathesis.Case) -> None:
            case.validate_response(send(api, case), checks=CHECKS)

        try:
            behaves()
        except Unsatisfiable:  # nothing can be wrong about an operation without parameters
            continue
        except BaseExceptionGroup as error:
            failures.append(f"{operation.label}: {error.exceptions}")
        tried += 1
    assert not failures, "\n\n".join(failures)
    assert tried > 50


def test_operations_are_named_described_and_have_a_role(api: Api) -> None:
    operations = [(path, method, told) for path, item in api.document["paths"].items() for method, told in item.items()]
    names = [told["operationId"] for _, _, told in operations]
    assert len(set(names)) == len(names)
    for path, method, told in operations:
        assert told["tags"], (path, method)
        assert told["summary"], (path, method)
        assert told["x-role"] in ("everybody", "viewer", "operator", "admin")
        assert {"4XX", "5XX"} <= set(told["responses"])


def test_every_action_shows_its_request_and_response(api: Api) -> None:
    schemas = api.document["components"]["schemas"]
    for name, action in CALLS.items():
        told = api.document["paths"][f"/api/v1/stations/{{station_id}}/calls/{name}"]["post"]
        request = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert request == f"v21.{action.request.__name__}"
        assert "properties" in schemas[request]
        assert [parameter["name"] for parameter in told["parameters"]] == ["station_id", "timeout"]


def test_every_reference_leads_somewhere(api: Api) -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    known = {f"#/components/schemas/{name}" for name in api.document["components"]["schemas"]}
    assert set(references(api.document)) <= known


def test_the_page_for_people_needs_nothing_from_outside(api: Api) -> None:
    answer = api.run(api.client.get("/api/docs"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    nonce = answer.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert answer.text.count(f'nonce="{nonce}"') == 2
    assert "//" not in answer.text.replace("https://voltgate", "").partition("<script")[0].replace("http://", "")
    assert "/api/v1/stations/<i>{station_id}</i>/calls/Reset" in answer.text


def test_the_description_is_public(api: Api) -> None:
    stranger = httpx.AsyncClient(transport=api.client._transport, base_url="http://voltgate.test")
    assert api.run(stranger.get("/api/v1/openapi.json")).status_code == 200
    assert api.run(stranger.get("/api/docs")).status_code == 200
