"""Who may come in, who is there, and what is left when a link goes."""

import asyncio
from typing import Any

import pytest

from tests.csms.pair import PASSWORD, Office, is_refusal, open_office
from voltgate.csms.stations.views import view_station
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.links import Admission


async def shown(office: Office, station_id: str = "CS-1") -> Any:
    await office.settle()
    return await view_station(office.services.database, station_id)


async def test_an_unknown_station_is_refused(office: Office) -> None:
    assert is_refusal(await office.admit("NOBODY"), 404)


@pytest.mark.parametrize(("policy", "answer"), [("accept", "Accepted"), ("pending", "Pending")])
async def test_an_unknown_station_may_be_registered(database: SqliteDatabase, bus: LocalBus, policy: str, answer: str) -> None:
    office = await open_office(database, bus, unknown_stations=policy)
    wire = await office.connect("NEW-1")
    assert (await wire.boots())[2]["status"] == answer
    assert (await shown(office, "NEW-1")).registration == answer.lower()


@pytest.mark.parametrize("identity", ["a:b", "x" * 49, " x", "a/b", "a\tb"])
async def test_what_cannot_be_an_identity_is_never_registered(database: SqliteDatabase, bus: LocalBus, identity: str) -> None:
    office = await open_office(database, bus, unknown_stations="accept")
    assert is_refusal(await office.admit(identity), 404)


async def test_identities_are_compared_without_regard_to_case(office: Office) -> None:
    await office.register("CS-1", PASSWORD)
    wire = await office.connect("cs-1", password=PASSWORD)
    await wire.boots()
    assert (await shown(office)).connected


@pytest.mark.requirement("A00.FR.204", "A00.FR.207", "A00.FR.303", "A00.FR.324")
@pytest.mark.parametrize(
    ("user", "password"),
    [("CS-1", ""), ("CS-1", "wrong-wrong-wrong"), ("CS-2", PASSWORD), ("CS-1", PASSWORD + "x"), ("CS-1", PASSWORD[:-1])],
)
async def test_wrong_credentials_are_refused_before_the_upgrade(office: Office, user: str, password: str) -> None:
    await office.register("CS-1", PASSWORD)
    refusal = await office.admit("CS-1", user=user, password=password)
    assert is_refusal(refusal, 401)
    assert refusal.headers["WWW-Authenticate"].startswith("Basic")


async def test_refused_attempts_are_one_alarm(office: Office, bus: LocalBus) -> None:
    await office.register("CS-1", PASSWORD)
    with bus.subscribe("alarm") as heard:
        for _ in range(3):
            await office.admit("CS-1", password="wrong-wrong-wrong")
        office.clock.advance(601)
        await office.admit("CS-1")
        await office.settle()
        assert [(await anext(heard)).payload.data["text"] for _ in range(2)] == [
            "A connection was refused: wrong password",
            "A connection was refused: no password was given",
        ]


async def test_a_station_without_password_needs_none_unless_its_profile_says_so(office: Office) -> None:
    await office.register("FREE")
    await office.register("STRICT", security_profile=1)
    await office.register("TLS", security_profile=2)
    assert isinstance(await office.admit("FREE"), Admission)
    assert is_refusal(await office.admit("STRICT"), 401)
    assert is_refusal(await office.admit("TLS", password=PASSWORD), 401)


async def test_no_common_subprotocol(office: Office) -> None:
    await office.register("CS-1")
    assert (await office.admit("CS-1", subprotocols=("ocpp1.5",))).unsupported_subprotocol
    assert (await office.admit("CS-1", subprotocols=())).unsupported_subprotocol
    assert (await office.admit("CS-1", subprotocols=("ocpp1.5", "ocpp1.6"))).subprotocol == "ocpp1.6"


async def test_the_settings_choose_the_versions(database: SqliteDatabase, bus: LocalBus) -> None:
    office = await open_office(database, bus, versions=("2.0.1",))
    await office.register("CS-1")
    assert (await office.admit("CS-1", subprotocols=("ocpp1.6",))).unsupported_subprotocol


async def test_presence_is_written_and_told(office: Office, bus: LocalBus) -> None:
    await office.register("CS-1")
    with bus.subscribe("station") as heard:
        wire = await office.connect("CS-1")
        assert (await shown(office)).connected
        wire.goes()
        assert not (await shown(office)).connected
        assert [(await anext(heard)).topic for _ in range(2)] == ["station.connected", "station.disconnected"]


async def test_a_newer_link_wins_and_the_late_end_of_the_old_one_changes_nothing(office: Office) -> None:
    await office.register("CS-1")
    old = await office.connect("CS-1")
    new = await office.connect("CS-1")
    assert old.socket.closed_with is not None
    old.goes()
    assert (await shown(office)).connected
    assert (await new.boots())[2]["status"] == "Accepted"
    assert office.who("CS-1").link is new.link


async def test_an_answer_is_given_again_on_the_next_link(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    event = {"type": "TamperDetectionActivated", "timestamp": "2026-01-01T00:00:00Z"}
    message_id = "c2d8a2c0-0000-4000-8000-000000000001"
    first = await wire.asks("SecurityEventNotification", event, message_id)
    wire.goes()
    again = await office.connect("CS-1")
    assert await again.asks("SecurityEventNotification", event, message_id) == first


async def test_all_are_offline_after_a_restart(office: Office, database: SqliteDatabase, bus: LocalBus) -> None:
    await office.register("CS-1")
    await office.connect("CS-1")
    await office.settle()
    after_crash = await open_office(database, bus)
    await after_crash.gateway.start()
    assert not (await shown(after_crash)).connected
    await after_crash.gateway.drain(0)


async def test_a_draining_gateway_says_goodbye_and_lets_nobody_in(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    draining = asyncio.create_task(office.gateway.drain())
    await asyncio.sleep(0)
    assert wire.socket.closed_with == (1001, "the central system is going down")
    wire.goes(1001)
    await draining
    assert is_refusal(await office.admit("CS-1"), 503)


async def test_the_time_of_the_last_message_is_written_lazily(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    office.clock.advance(60)
    await wire.asks("Heartbeat", {}, "2")
    office.gateway.write_last_seen()
    assert (await shown(office)).last_seen == office.clock.now()


async def test_a_station_that_was_deleted_and_registered_again_starts_anew(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    wire.goes()
    work_id = office.gateway._known["CS-1"]
    from voltgate.csms.stations.store import delete_station
    from voltgate.infrastructure.database import Work

    work = Work()
    delete_station(work, "CS-1")
    await office.services.database.commit(work)
    office.clock.advance(1)
    await office.register("CS-1")
    again = await office.connect("CS-1")
    assert office.who("CS-1") is not work_id
    assert (await again.asks("Heartbeat", {}))[2] == "SecurityError"
