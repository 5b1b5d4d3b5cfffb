"""A new password of a station: the old one counts until it is certain that the station uses the new one (A01)."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlalchemy import text

from tests.csms.pair import PASSWORD, Office, Wire, is_refusal
from voltgate.csms.provisioning import COMMANDS
from voltgate.infrastructure.database import Database
from voltgate.links import Admission
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallRefused, LinkLost, NotConnected, OccurrenceConstraintViolation, PropertyConstraintViolation

NEW = "fedcba9876543210fedcba9876543210fedcba98"


def wish(name: str = "BasicAuthPassword", component: str = "SecurityCtrlr", value: str = NEW) -> v21.SetVariableDataType:
    return v21.SetVariableDataType(attributeValue=value, component=v21.ComponentType(name=component), variable=v21.VariableType(name=name))


def setting(office: Office, *wishes: v21.SetVariableDataType) -> "asyncio.Task[Any]":
    request = v21.SetVariablesRequest(setVariableData=list(wishes or (wish(),)))
    command: Coroutine[Any, Any, Any] = COMMANDS["SetVariables"](office.services, "CS-1", request)  # type: ignore[operator]
    return asyncio.create_task(command)


def _without_value(one: dict[str, Any], status: str) -> dict[str, Any]:
    return {"attributeStatus": status, "component": one["component"], "variable": one["variable"]}


async def station(office: Office, version: str = "2.1") -> Wire:
    await office.register("CS-1", PASSWORD, security_profile=1)
    wire = await office.connect("CS-1", version, password=PASSWORD)
    await wire.boots(version)
    return wire


async def told(office: Office, wire: Wire, status: str) -> None:
    """The station is told its new password and answers `status`."""
    task = setting(office)
    call = await wire.hears()
    said = call[3]["setVariableData"][0]
    assert (said["component"]["name"], said["variable"]["name"], said["attributeValue"]) == ("SecurityCtrlr", "BasicAuthPassword", NEW)
    wire.says([3, call[1], {"setVariableResult": [_without_value(said, status)]}])
    assert (await task).setVariableResult[0].attributeStatus == status


async def admitted(office: Office) -> tuple[bool, bool]:
    """Whether the old and the new password let the station in; the old one is tried first."""
    old = isinstance(await office.admit("CS-1", password=PASSWORD), Admission)
    new = isinstance(await office.admit("CS-1", password=NEW), Admission)
    return old, new


@pytest.mark.requirement("A01.FR.02", "A01.FR.03", "TC_A_09_CSMS")
@pytest.mark.action("2.1:SetVariables")
async def test_a_password_that_the_station_took_counts_alone(office: Office) -> None:
    await told(office, await station(office), "Accepted")
    assert await admitted(office) == (False, True)


@pytest.mark.requirement("A01.FR.04", "TC_A_10_CSMS", "A01.FR.05")
@pytest.mark.parametrize("status", ["Rejected", "UnknownVariable", "UnknownComponent", "NotSupportedAttributeType"])
async def test_a_password_that_the_station_refused_never_counts(office: Office, status: str) -> None:
    await told(office, await station(office), status)
    assert await admitted(office) == (True, False)


@pytest.mark.requirement("A01.FR.03", "A01.FR.04")
async def test_until_the_station_has_booted_it_may_use_the_old_one_and_then_no_more(office: Office) -> None:
    await told(office, await station(office), "RebootRequired")
    assert await admitted(office) == (True, True)
    await office.settle()
    assert await admitted(office) == (False, True)


@pytest.mark.requirement("A01.FR.04")
async def test_while_the_station_has_not_answered_both_count(office: Office) -> None:
    wire = await station(office)
    task = setting(office)
    await wire.hears()
    assert isinstance(await office.admit("CS-1", password=PASSWORD), Admission)
    wire.goes()
    with pytest.raises(LinkLost):
        await task
    assert await admitted(office) == (True, True)
    await office.settle()
    assert await admitted(office) == (False, True)


@pytest.mark.requirement("A01.FR.04")
async def test_a_station_that_was_not_reached_or_refused_the_message_keeps_its_password(office: Office) -> None:
    wire = await station(office)
    task = setting(office)
    call = await wire.hears()
    wire.says([4, call[1], "NotImplemented", "", {}])
    with pytest.raises(CallRefused):
        await task
    assert await admitted(office) == (True, False)
    office.gateway.hang_up("CS-1", "test")
    wire.goes()
    with pytest.raises(NotConnected):
        await setting(office)
    assert await admitted(office) == (True, False)


@pytest.mark.action("1.6:ChangeConfiguration")
@pytest.mark.requirement("A01.FR.03")
async def test_1_6_shows_the_bytes_of_its_new_key(office: Office) -> None:
    wire = await station(office, "1.6")
    task = setting(office, wish("AuthorizationKey", "OCPP16"))
    call = await wire.hears()
    assert call[2:] == ["ChangeConfiguration", {"key": "AuthorizationKey", "value": NEW}]
    wire.says([3, call[1], {"status": "Accepted"}])
    await task
    assert is_refusal(await office.admit("CS-1", password=PASSWORD), 401)
    assert isinstance(await office.admit("CS-1", password=bytes.fromhex(NEW)), Admission)


@pytest.mark.requirement("A01.FR.08", "A01.FR.09")
@pytest.mark.parametrize("name", ["BasicAuthPassword", "basicauthpassword"])
async def test_a_password_is_nowhere_in_clear(office: Office, name: str) -> None:
    wire = await station(office)
    task = setting(office, wish(name))
    call = await wire.hears()
    wire.says([3, call[1], {"setVariableResult": [_without_value(call[3]["setVariableData"][0], "Accepted")]}])
    await task
    data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": name}, "variableAttribute": [{"value": NEW}]}
    report = {"requestId": 1, "generatedAt": "2026-01-01T00:00:00Z", "seqNo": 0, "reportData": [data]}
    await wire.asks("NotifyReport", report, "report")
    await office.settle()
    assert not [row for row in await everything(office.services.database) if NEW in row]


@pytest.mark.requirement("A00.FR.205")
@pytest.mark.parametrize("poor", ["", "fifteen-letters", "x" * 65])
async def test_a_poor_password_is_not_even_said(office: Office, poor: str) -> None:
    wire = await station(office)
    with pytest.raises(PropertyConstraintViolation):
        await setting(office, wish(value=poor))
    assert wire.socket.sent == []
    assert await admitted(office) == (True, False)


async def everything(database: Database) -> list[str]:
    """Every row of every table, as text."""
    tables = await database.query(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
    return [str(tuple(row)) for table in tables for row in await database.query(text(f"SELECT * FROM {table['name']}"))]


@pytest.mark.requirement("A01.FR.02")
async def test_one_password_at_a_time(office: Office) -> None:
    await station(office)
    with pytest.raises(OccurrenceConstraintViolation):
        await setting(office, wish(), wish("AuthorizationKey", "OCPP16"))
